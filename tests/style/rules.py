"""The rules of the house style. Each takes a file's path and text and yields (line, what is wrong).

Paths are relative to the repository and written with slashes.
"""

import ast
import re

import cxx

LINE_LENGTH = 100
FUNCTION_LENGTH = 70
FILE_LENGTH = 600

CODE = ('.h', '.cc', '.proto', '.py', '.sh', '.cmake', 'CMakeLists.txt', '.ci/run')
CXX = ('.h', '.cc')

# Words that say nothing about what a thing is for.
BANNED_WORDS = {'util', 'utils', 'common', 'helper', 'helpers', 'manager', 'managers', 'misc'}

# Written apart, so that this file does not contain them.
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
MACHINE_PATH = re.compile(r'(?<![\w.$}])/(wo' r'rk|ho' r'me|ro' r'ot|tm' r'p|Us' r'ers)(/|\b)')

# What each folder may include in quotes; angle brackets with a slash or a suffix are checked alike.
# The longest folder that fits counts.
ALLOWED_INCLUDES = {
    'engine/': ('engine/', 'absl/'),
    'storage/': ('storage/', 'engine/', 'absl/', 'rocksdb/', 'openssl/'),
    'api/': ('api/', 'engine/', 'lumbung/v1/', 'absl/', 'grpc', 'google/protobuf/', 'boost/',
             'spdlog/', 'fmt/', 'CLI/', 'toml++/', 'nlohmann/', 'openssl/'),
    'api/books/': ('api/books/', 'api/cli/plain_text.h', 'engine/', 'storage/ledger_source.h',
                   'absl/', 'fmt/', 'nlohmann/'),
    'api/cli/': ('api/', 'engine/', 'storage/', 'lumbung/v1/', 'absl/', 'grpc',
                 'google/protobuf/', 'fmt/', 'CLI/', 'nlohmann/'),
    'api/server/': ('api/', 'engine/', 'storage/', 'lumbung/v1/', 'absl/', 'grpc',
                    'google/protobuf/', 'boost/', 'spdlog/', 'fmt/', 'CLI/', 'toml++/',
                    'nlohmann/', 'openssl/'),
}
# The operating system's own headers, for the folders that may talk to it.
SYSTEM_HEADER = re.compile(r'(sys|linux|netinet|arpa)/\w+\.h|[a-z]+\.h')
FUTEX_HEADERS = ('linux/futex.h', 'sys/syscall.h', 'unistd.h')


def words(name):
    """The words of a name in snake_case, CamelCase or kebab-case, in small letters."""
    parts = re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+', name)
    return {part.lower() for part in parts}


def line_length(path, text):
    if path.endswith(CODE):
        for number, line in enumerate(text.split('\n'), 1):
            if len(line) > LINE_LENGTH:
                yield number, f'{len(line)} columns; at most {LINE_LENGTH}'


def file_length(path, text):
    length = text.count('\n')
    if path.endswith(CODE) and length > FILE_LENGTH:
        yield length, f'{length} lines in a file; at most {FILE_LENGTH}'


def _shell_functions(text):
    start = None
    for number, line in enumerate(text.split('\n'), 1):
        match = re.match(r'(\w+)\(\) \{$', line)
        if match:
            start = number, match.group(1)
        elif line == '}' and start:
            yield start[0], start[1], number - start[0] + 1
            start = None


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, node.end_lineno - node.lineno + 1


def function_length(path, text):
    if path.endswith(CXX):
        found = cxx.functions(cxx.without_comments_and_literals(text))
    elif path.endswith('.py'):
        found = _python_functions(text)
    elif path.endswith('.sh'):
        found = _shell_functions(text)
    else:
        found = ()
    for line, name, length in found:
        if length > FUNCTION_LENGTH:
            yield line, f'{name} has {length} lines; at most {FUNCTION_LENGTH}'


def file_name(path, _):
    for part in path.split('/'):
        for word in sorted(words(part) & BANNED_WORDS):
            yield 1, f'the name {part} contains "{word}", which does not say what it is for'


def names(path, text):
    if path.endswith(CXX):
        declared = cxx.declared_names(cxx.without_comments_and_literals(text))
    elif path.endswith('.py'):
        declared = ((node.lineno, node.name) for node in ast.walk(ast.parse(text))
                    if isinstance(node, (ast.FunctionDef, ast.ClassDef)))
    else:
        declared = ()
    for line, name in declared:
        for word in sorted(words(name) & BANNED_WORDS):
            yield line, f'the name {name} contains "{word}", which does not say what it is for'


def include_direction(path, text):
    """engine: std and absl; storage: engine; api: engine, storage and protos."""
    if not path.endswith(CXX):
        return
    folders = [folder for folder in ALLOWED_INCLUDES if path.startswith(folder)]
    allowed = ALLOWED_INCLUDES[max(folders, key=len)] if folders else None
    for line, included, quoted in cxx.includes(text):
        if included.startswith('tests/') and not path.startswith('tests/'):
            yield line, f'{included} is a test\'s; only tests may include it'
        elif included.startswith('bench/') and not path.startswith(('bench/', 'tests/')):
            yield line, f'{included} is a benchmark\'s; only benchmarks and tests may include it'
        elif allowed is None or included.startswith(allowed):
            continue
        elif not quoted and '/' not in included and '.' not in included:
            continue  # the standard library
        elif included in ('cpuid.h', 'immintrin.h'):
            continue  # the processor's own instructions
        elif path == 'engine/huge_array.h' and included == 'sys/mman.h':
            continue  # huge pages can be had from the system alone
        elif path == 'engine/futex_word.h' and included in FUTEX_HEADERS:
            continue  # and so can a futex
        elif not path.startswith('engine/') and SYSTEM_HEADER.fullmatch(included):
            continue
        else:
            yield line, f'{path.split("/")[0]}/ may not include {included}'


def pragma_once(path, text):
    if path.endswith('.h') and not re.search(r'(?m)^#pragma once$', text):
        yield 1, 'a header without #pragma once'


def header_comment(path, text):
    if path.endswith('.h') and not text.startswith('// '):
        yield 1, 'a header that does not begin with a comment: its contract'


def finished(path, text):
    for number, line in enumerate(text.split('\n'), 1):
        match = UNFINISHED.search(line)
        if match:
            yield number, f'{match.group(1)}: finish it or say it in an issue'


def machine_paths(path, text):
    for number, line in enumerate(text.split('\n'), 1):
        match = MACHINE_PATH.search(line)
        if match:
            yield number, f'{match.group(0)}: a path of one machine'


def exhaustive_switch(path, text):
    if path.startswith('engine/') and path.endswith(CXX):
        code = cxx.without_comments_and_literals(text)
        for match in re.finditer(r'\bdefault\s*:', code):
            line = code.count('\n', 0, match.start()) + 1
            yield line, 'a switch with default: a new enumerator would go unnoticed'


def _comment_at(lines, number):
    """Whether line `number` (from 0) of a .proto ends with a comment or has one above it."""
    return '//' in lines[number] or (number > 0 and lines[number - 1].lstrip().startswith('//'))


def proto_comments(path, text):
    """A call has a comment; a field has one, or its message, or the call that its message is of."""
    if not path.endswith('.proto'):
        return
    lines = text.split('\n')
    explained = set()
    for number, line in enumerate(lines):
        call = re.match(r'\s*rpc (\w+)\((?:stream )?(\w+)\) returns \((?:stream )?(\w+)\)', line)
        if call and _comment_at(lines, number):
            explained.update(call.group(2, 3))
        elif call:
            yield number + 1, f'the call {call.group(1)} has no comment'
    block = None
    for number, line in enumerate(lines):
        opening = re.match(r'(message|enum) (\w+) \{', line)
        if opening:
            name = opening.group(2)
            block = name, name in explained or _comment_at(lines, number)
        elif block and not block[1]:
            field = re.match(r'\s+(?:repeated |optional )?(?:[\w.]+ )?(\w+) = \d+;', line)
            unspecified = field and field.group(1).endswith('_UNSPECIFIED')
            if field and not unspecified and not _comment_at(lines, number):
                yield number + 1, f'the field {block[0]}.{field.group(1)} has no comment'


RULES = (line_length, file_length, function_length, file_name, names, include_direction,
         pragma_once, header_comment, finished, machine_paths, exhaustive_switch, proto_comments)


# Rules over the whole repository: they take {path: text} and yield (path, line, what is wrong).

def unlisted_sources(files):
    """Each source stands in the CMakeLists.txt of its folder or of one above."""
    for path in files:
        if not path.endswith(('.cc', '.proto', '_test.py')):
            continue
        folder, listed = path, False
        while '/' in folder and not listed:
            folder = folder.rsplit('/', 1)[0]
            lists = files.get(folder + '/CMakeLists.txt', '')
            listed = re.search(r'(?<![\w/])' + re.escape(path[len(folder) + 1:]) + r'(?!\w)', lists)
        if not listed:
            yield path, 1, 'stands in no CMakeLists.txt'


def folder_documents(files):
    for folder in sorted({path.split('/')[0] for path in files if '/' in path}):
        if not folder.startswith('.') and folder + '/README.md' not in files:
            yield folder, 1, 'a folder without README.md'


EXAMPLE = 'tests/python/superapp_example.py'


def readme_example(files):
    """The super-app's example in README.md is the file that a test runs."""
    example = files.get(EXAMPLE)
    if example is None or '```python\n' + example + '```\n' not in files.get('README.md', ''):
        yield 'README.md', 1, f'does not contain {EXAMPLE} word for word'


REPOSITORY_RULES = (unlisted_sources, folder_documents, readme_example)
