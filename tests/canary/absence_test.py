#!/usr/bin/env python3
"""Looks for the deliberate bugs of engine/canary.h in libraries.

    absence_test.py [--present] LIBRARY ...

Passes if no library has a symbol of theirs or the name of their switch; with --present, if each
library has both.
"""
import re
import subprocess
import sys


def has_symbol(library):
    symbols = subprocess.run(['nm', '--demangle', library], check=True, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    assert 'lumbung::' in symbols, f'{library} has no symbols that could be looked through'
    return re.search(r'lumbung::(ChosenCanary|Sings)\b', symbols) is not None


def has_switch(library):
    with open(library, 'rb') as file:
        return b'LUMBUNG_CANARY' in file.read()


def main():
    wanted = '--present' in sys.argv
    libraries = [argument for argument in sys.argv[1:] if argument != '--present']
    assert libraries, 'expected at least one library'
    wrong = [(library, what.__name__) for library in libraries for what in (has_symbol, has_switch)
             if what(library) != wanted]
    for library, what in wrong:
        print(f'{library}: {what} is {not wanted}, expected {wanted}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
