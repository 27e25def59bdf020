#!/usr/bin/env python3
"""Switches one deliberate bug on and runs an attacker, which must notice it.

    canary_test.py BUG EXPECTED -- COMMAND ...

Passes only if the command ends with an error and says something that matches EXPECTED: an attacker
that fails for another reason has not found the bug.
"""
import os
import re
import subprocess
import sys

PATIENCE_SECONDS = 1_000 if 'LUMBUNG_SANITIZED' in os.environ else 100


def with_bug(bug):
    """The environment. What a sanitizer tells of the bug stands in the output, not among the
    reports of the suite."""
    environment = dict(os.environ, LUMBUNG_CANARY=bug)
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'):
        environment[name] = environment.get(name, '') + ':log_path=stderr'
    return environment


def main():
    bug, expected, separator, *command = sys.argv[1:]
    assert separator == '--' and command, 'expected BUG EXPECTED -- COMMAND ...'
    ran = subprocess.run(command, env=with_bug(bug), text=True, errors='replace',
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=PATIENCE_SECONDS)
    said = re.search(expected, ran.stdout)
    if ran.returncode != 0 and said:
        print(f'{bug} is noticed: {said.group(0)[:200]}')
        return 0
    print(ran.stdout[-4000:])
    print(f'{bug} is not noticed: the attacker ended with {ran.returncode}'
          + ('' if said else f' and did not say {expected!r}'))
    return 1


if __name__ == '__main__':
    sys.exit(main())
