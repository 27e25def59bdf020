"""Just enough of C++ to measure it: text without comments and literals, and where functions are."""

import re

_LITERAL_OR_COMMENT = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\ ]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def without_comments_and_literals(text):
    """The text with these replaced by spaces; every line break stays where it was."""

    def blank(match):
        found = match.group(0)
        kept = re.sub(r'[^\n]', ' ', found)
        return kept if found.startswith('/') else '"' + kept[1:-1] + '"'

    return _LITERAL_OR_COMMENT.sub(blank, text)


def includes(text):
    """(line, path, is_quoted) of each #include."""
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if match:
            yield number, match.group(2), match.group(1) == '"'


def _opens_function(head):
    """Whether a brace behind `head`, at namespace or class level, opens a function's body."""
    if ')' not in head or re.search(r'=\s*$', head):
        return False
    return not re.match(r'(inline\s+)?(namespace|class|struct|enum|union|extern)\b', head)


class _FunctionFinder:
    """Walks through stripped code brace by brace."""

    def __init__(self, code):
        self._code = re.sub(r'(?m)^\s*#(?:[^\n]*\\\n)*[^\n]*', self._keep_lines, code)
        self._scopes = []       # of each open brace: 'outer', 'function', 'inner' or 'value'
        self._head_start = 0    # of the text since the last statement's end at this level
        self._starts = []       # of the functions that are open
        self.found = []

    @staticmethod
    def _keep_lines(match):
        return re.sub(r'[^\n]', ' ', match.group(0))

    def _line(self, offset):
        return self._code.count('\n', 0, offset) + 1

    def _open(self, offset):
        head = self._code[self._head_start:offset]
        if any(scope in ('function', 'value') for scope in self._scopes):
            self._scopes.append('inner')
        elif re.search(r'[\w>]$', head) and ')' in head and not head.rstrip().endswith('const'):
            self._scopes.append('value')  # `member_{1}` in a constructor's list
        elif _opens_function(head.strip()):
            self._scopes.append('function')
            start = self._head_start + len(head) - len(head.lstrip())
            self._starts.append((start, head.strip()))
        else:
            self._scopes.append('outer')
            self._head_start = offset + 1

    def _close(self, offset):
        scope = self._scopes.pop() if self._scopes else 'outer'
        if scope == 'function':
            start, head = self._starts.pop()
            name = re.search(r'([\w~:]+|operator[^\w\s]+)\s*\(', head)
            first = self._line(start)
            length = self._line(offset) - first + 1
            self.found.append((first, name.group(1) if name else '?', length))
        if scope in ('function', 'outer'):
            self._head_start = offset + 1

    def run(self):
        for match in re.finditer(r'[{};]|\b(?:public|private|protected)\s*:', self._code):
            if match.group(0) == '{':
                self._open(match.start())
            elif match.group(0) == '}':
                self._close(match.start())
            elif not any(scope != 'outer' for scope in self._scopes):
                self._head_start = match.end()
        return self.found


def functions(code):
    """(first line, name, length in lines) of each function defined in stripped code."""
    return _FunctionFinder(code).run()


def declared_names(code):
    """(line, name) of classes, structs, enums, namespaces and functions named in stripped code."""
    pattern = re.compile(
        r'\b(?:class|struct|enum(?:\s+class)?|namespace)\s+(\w+)|(?<![\w.>:])(\w+)\s*(?=\()')
    for match in pattern.finditer(code):
        yield code.count('\n', 0, match.start()) + 1, match.group(1) or match.group(2)
