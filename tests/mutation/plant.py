"""Plants small bugs, thousands of them, in a copy of engine/ and storage/.

Each is one change at one place: `<` becomes `<=`, `+` becomes `-`, one side of `&&` is left out, a
condition is negated, a number is one more, a statement is left out. All are compiled in, each
behind its number, and none acts unless the environment variable LUMBUNG_MUTANT names it; so one
build serves for all of them. That a place was reached is noted too (LUMBUNG_REACHED: a file).

    plant.py SOURCE COPY INCLUDE... [--without FILE]

SOURCE is the repository, COPY a copy of it that is changed, INCLUDE folders with generated
headers; --without has places that did not compile, `file:line` each. COPY/mutants.json lists what
was planted. The places are found by clang's own parser (libclang), so that what is changed is what
was meant.
"""

import argparse
import glob
import json
import os
import re
from collections import defaultdict

import clang.cindex
from clang.cindex import CursorKind as Kind

FOLDERS = ('engine', 'storage')
# The deliberate bugs that are there already, and inner loops whose results are compared with
# published vectors: they would only take the time.
LEFT_OUT = ('engine/canary.h', 'engine/sha256_compress.cc', 'storage/crc32c.cc')

OTHER_OPERATOR = {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==', '+': '-',
                  '-': '+', '&': '|', '|': '&', '*': '+', '/': '*', '%': '+', '<<': '>>',
                  '>>': '<<'}
RELATIONS = ('<', '<=', '>', '>=', '==', '!=')
OVERLOADED = RELATIONS + ('+', '-')
NUMBER = re.compile(r"[0-9][0-9xXa-fA-F']*[uUlL]*")

HEADER = '''// Which of the planted bugs acts. Made by tests/mutation/plant.py.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <type_traits>
namespace mutation {
inline constexpr int kCount = %d;
struct Run {
  int chosen = 0;
  const char* file = nullptr;
  bool reached[kCount + 1] = {};
  Run() {
    const char* const number = std::getenv("LUMBUNG_MUTANT");
    if (number != nullptr) chosen = std::atoi(number);
    file = std::getenv("LUMBUNG_REACHED");
  }
  ~Run() {
    std::FILE* const out = file == nullptr ? nullptr : std::fopen(file, "a");
    if (out == nullptr) return;
    for (int i = 1; i <= kCount; ++i) {
      if (reached[i]) std::fprintf(out, "%%d\\n", i);
    }
    std::fclose(out);
  }
};
inline Run run;
constexpr bool Acts(int number) {
  if (std::is_constant_evaluated()) return false;
  run.reached[number] = true;
  return run.chosen == number;
}
}  // namespace mutation
'''


def is_balanced(text):
    depth = 0
    for byte in text:
        depth += byte in '([{'
        depth -= byte in ')]}'
        if depth < 0:
            return False
    return depth == 0


class Planter:
    """Gathers the changes of all files; `changes[file][(begin, end, form)]` has pairs of text and
    description. Forms: `value`, `truth` (of which the language asks no more than that), `number`
    and `statement`."""

    def __init__(self, source, without):
        self.source = source
        self.without = without
        self.changes = defaultdict(dict)
        self.texts = {}

    def text(self, file):
        """One character a byte, as clang counts."""
        if file not in self.texts:
            with open(os.path.join(self.source, file), encoding='latin-1') as opened:
                self.texts[file] = opened.read()
        return self.texts[file]

    def file_of(self, cursor):
        """The file in question, or None if nothing may be changed there."""
        if cursor.location.file is None:
            return None
        file = os.path.relpath(os.path.realpath(cursor.location.file.name), self.source)
        return file if file.split('/')[0] in FOLDERS and file not in LEFT_OUT else None

    def add(self, file, extent, form, alternatives):
        begin, end = extent
        text = self.text(file)[begin:end]
        line = self.text(file).count('\n', 0, begin) + 1
        clean = '#' not in text and ('//' not in text or form == 'statement')
        if clean and is_balanced(text) and f'{file}:{line}' not in self.without:
            self.changes[file].setdefault((begin, end, form), alternatives)

    def walk(self, cursor):
        at_top = cursor.kind == Kind.TRANSLATION_UNIT
        for child in cursor.get_children():
            file = self.file_of(child)
            if file is not None:
                self.visit(file, child, cursor)
            if (file is not None or not at_top) and child.kind != Kind.STATIC_ASSERT:
                self.walk(child)

    def visit(self, file, cursor, parent):
        kind = cursor.kind
        begin, end = extent = cursor.extent.start.offset, cursor.extent.end.offset
        text = self.text(file)[begin:end]
        if kind == Kind.BINARY_OPERATOR:
            self.visit_operator(file, cursor, list(cursor.get_children()))
        elif kind == Kind.CALL_EXPR and cursor.spelling.removeprefix('operator') in OVERLOADED:
            self.visit_operator(file, cursor, list(cursor.get_arguments()))
        elif kind == Kind.IF_STMT:
            self.visit_condition(file, cursor)
        elif kind == Kind.RETURN_STMT:
            value = next(cursor.get_children(), None)
            if value is not None and value.type.spelling == 'bool':
                self.negate(file, value)
        elif kind == Kind.INTEGER_LITERAL and NUMBER.fullmatch(text):
            self.add(file, extent, 'number', [(f'{text} + 1', f'{text} + 1')])
        if parent.kind in (Kind.COMPOUND_STMT, Kind.IF_STMT):
            self.visit_statement(file, cursor, text)

    def visit_operator(self, file, cursor, operands):
        if len(operands) != 2 or any(operand is None for operand in operands):
            return
        left, right = operands
        begin, end = extent = cursor.extent.start.offset, cursor.extent.end.offset
        middle = left.extent.end.offset, right.extent.start.offset
        # Otherwise a macro is in between.
        if (left.extent.start.offset, right.extent.end.offset) != extent or middle[0] > middle[1]:
            return
        text = self.text(file)
        operator = text[middle[0]:middle[1]].strip()
        sides = text[begin:middle[0]], text[middle[1]:end]
        if not all(map(is_balanced, sides)):
            return
        if operator in ('&&', '||'):
            self.add(file, extent, 'value', [(f'bool({sides[0]})', 'without the right side'),
                                             (f'bool({sides[1]})', 'without the left side')])
            return
        other = OTHER_OPERATOR.get(operator)
        is_text = operator == '+' and any(
            'string' in part.type.get_canonical().spelling or 'char' in part.type.spelling
            for part in (cursor, left, right))
        no_truth = operator in RELATIONS and cursor.type.spelling not in ('bool',
                                                                          '<dependent type>')
        if other is not None and not is_text and not no_truth:
            self.add(file, extent, 'value',
                     [(f'{sides[0]} {other} {sides[1]}', f'{operator} becomes {other}')])

    def visit_condition(self, file, cursor):
        condition = next(cursor.get_children())
        head = self.text(file)[cursor.extent.start.offset:condition.extent.start.offset]
        declares = condition.kind in (Kind.DECL_STMT, Kind.VAR_DECL)
        if not declares and re.fullmatch(r'if\s*\(', head):
            self.negate(file, condition)

    def negate(self, file, cursor):
        extent = cursor.extent.start.offset, cursor.extent.end.offset
        text = self.text(file)[slice(*extent)]
        if text and cursor.kind != Kind.BINARY_OPERATOR:
            self.add(file, extent, 'truth', [(f'!({text})', 'negated')])

    def visit_statement(self, file, cursor, text):
        kind = cursor.kind
        inner = next(cursor.get_children(), None) if kind == Kind.UNEXPOSED_EXPR else cursor
        calls = inner is not None and inner.kind == Kind.CALL_EXPR
        assigns = kind in (Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.UNARY_OPERATOR,
                           Kind.BINARY_OPERATOR)
        begin, end = cursor.extent.start.offset, cursor.extent.end.offset
        if (calls or assigns) and self.text(file)[end:end + 1] == ';' and 'CHECK' not in text:
            self.add(file, (begin, end + 1), 'statement', [(';', 'left out')])


class Writer:
    """Writes one file with its changes, and numbers them."""

    def __init__(self, file, text, changes, mutants):
        self.file, self.text, self.mutants = file, text, mutants
        self.changes = changes
        # From the outside to the inside.
        self.places = sorted(changes, key=lambda place: (place[0], -place[1], place[2]))

    def written(self):
        text = self.render(0, len(self.text), list(self.places))
        head = '#include "engine/mutant.h"\n'
        if '#pragma once\n' in text:
            return text.replace('#pragma once\n', '#pragma once\n' + head, 1)
        return head + text

    def render(self, begin, end, places):
        parts, at = [], begin
        while places:
            place = places.pop(0)
            within = []
            while places and places[0][0] < place[1]:
                if places[0][1] <= place[1]:
                    within.append(places[0])
                places.pop(0)
            parts.append(self.text[at:place[0]])
            parts.append(self.changed(place, self.render(place[0], place[1], within)))
            at = place[1]
        return ''.join(parts) + self.text[at:end]

    def changed(self, place, inner):
        begin, end, form = place
        numbers = []
        for _, description in self.changes[place]:
            self.mutants.append({
                'number': len(self.mutants) + 1, 'file': self.file,
                'line': self.text.count('\n', 0, begin) + 1, 'change': description,
                'code': ' '.join(self.text[begin:end].split())[:120]})
            numbers.append(len(self.mutants))
        if form == 'statement':
            return f'if (!::mutation::Acts({numbers[0]})) {{ {inner} }}'
        # The changed text is the plain one, so that nothing is written twice for each level.
        chain = ''.join(f'::mutation::Acts({number}) ? ({text}) : '
                        for number, (text, _) in zip(numbers, self.changes[place]))
        return f'({chain}static_cast<bool>({inner}))' if form == 'truth' else f'({chain}({inner}))'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('source')
    parser.add_argument('copy')
    parser.add_argument('include', nargs='*')
    parser.add_argument('--without')
    options = parser.parse_args()
    source = os.path.realpath(options.source)
    without = set()
    if options.without and os.path.exists(options.without):
        with open(options.without, encoding='ascii') as file:
            without = set(file.read().split())

    planter = Planter(source, without)
    index = clang.cindex.Index.create()
    arguments = ['-std=c++20', '-msse4.2', '-msha', '-I' + source]
    arguments += ['-I' + folder for folder in options.include]
    for folder in FOLDERS:
        for path in sorted(glob.glob(f'{source}/{folder}/**/*.cc', recursive=True)):
            if os.path.relpath(path, source) not in LEFT_OUT:
                planter.walk(index.parse(path, args=arguments).cursor)
    mutants = []
    for file in sorted(planter.changes):
        text = Writer(file, planter.text(file), planter.changes[file], mutants).written()
        with open(os.path.join(options.copy, file), 'w', encoding='latin-1') as opened:
            opened.write(text)
    with open(os.path.join(options.copy, 'engine/mutant.h'), 'w', encoding='ascii') as opened:
        opened.write(HEADER % len(mutants))
    with open(os.path.join(options.copy, 'mutants.json'), 'w', encoding='utf-8') as opened:
        json.dump(mutants, opened, indent=0)
    print(f'{len(mutants)} bugs planted in {len(planter.changes)} files')


if __name__ == '__main__':
    main()
