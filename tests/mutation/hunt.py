"""Switches the planted bugs on, one at a time, and asks which of the tests notices.

    hunt.py COPY BUILD map
    hunt.py COPY BUILD hunt --seconds N [--files REGEX] [--seed N]
    hunt.py COPY BUILD totals

`map` runs each test once without a bug and notes which places it reaches. `hunt` takes bugs by
chance that some test reaches, those of earlier hunts left out, and runs the tests that reach them,
the quickest programs first, until one fails or stands still. What became of each is a line of
BUILD/hunted.jsonl; who is not noticed by any is printed.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

PROGRAMS = ('engine/core/core_test', 'engine/rules/rules_test', 'engine/rules/allocation_test',
            'model/model_test', 'storage/storage_ledger_test', 'storage/storage_derived_test',
            'storage/transparency_test', 'storage/audit_test', 'api/history_model_test')
SIMULATION = 'simulation/simulation'
SIMULATED = [['--seed', seed, '--cycles', '60'] for seed in ('1000', '2000')]


def run(command, seconds, folder, **environment):
    """The exit code, None if it stood still, and the seconds that it took."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               cwd=folder, start_new_session=True,
                               env={**os.environ, **environment, 'TMPDIR': folder})
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        code = None
    return code, time.monotonic() - start


class Hunt:

    def __init__(self, copy, build):
        self.programs = os.path.join(os.path.abspath(build), 'tests')
        self.map_file = os.path.join(build, 'reached.json')
        self.log_file = os.path.join(build, 'hunted.jsonl')
        with open(os.path.join(copy, 'mutants.json'), encoding='utf-8') as file:
            self.mutants = {mutant['number']: mutant for mutant in json.load(file)}

    def tests_of(self, program):
        listed = subprocess.run([os.path.join(self.programs, program), '--gtest_list_tests'],
                                capture_output=True, text=True, check=True).stdout
        suite, tests = '', []
        for line in listed.splitlines():
            name = line.split('#')[0].strip()
            if not line.startswith(' '):
                suite = name
            elif 'DISABLED_' not in suite + name:
                tests.append(suite + name)
        return tests

    def map(self, folder):
        commands = [(program, test, [f'--gtest_filter={test}'])
                    for program in PROGRAMS for test in self.tests_of(program)]
        commands += [(SIMULATION, ' '.join(arguments), arguments) for arguments in SIMULATED]
        reached = []
        note = os.path.join(folder, 'reached')
        for program, test, arguments in commands:
            code, seconds = run([os.path.join(self.programs, program), *arguments], 600, folder,
                                LUMBUNG_REACHED=note)
            if code != 0:
                print(f'left out, since it fails without a bug: {program} {test}')
            elif os.path.exists(note):
                with open(note, encoding='ascii') as file:
                    places = sorted({int(number) for number in file})
                reached.append({'program': program, 'test': test, 'seconds': seconds,
                                'places': places})
            if os.path.exists(note):
                os.remove(note)
        with open(self.map_file, 'w', encoding='utf-8') as file:
            json.dump(reached, file)
        places = {place for test in reached for place in test['places']}
        print(f'{len(reached)} tests reach {len(places)} of {len(self.mutants)} places')

    def hunted(self):
        if not os.path.exists(self.log_file):
            return []
        with open(self.log_file, encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def hunt(self, options, folder):
        with open(self.map_file, encoding='utf-8') as file:
            tests = json.load(file)
        of_place = defaultdict(list)
        for test in tests:
            for place in test['places']:
                of_place[place].append(test)
        known = {line['number'] for line in self.hunted()}
        wanted = [number for number in of_place if number not in known and
                  re.search(options.files, self.mutants[number]['file'])]
        random.Random(options.seed).shuffle(wanted)
        end = time.monotonic() + options.seconds
        for number in wanted:
            if time.monotonic() > end:
                break
            noticed = self.noticed_by(number, of_place[number], folder)
            mutant = {**self.mutants[number], 'noticed_by': noticed}
            with open(self.log_file, 'a', encoding='utf-8') as file:
                file.write(json.dumps(mutant) + '\n')
            if noticed is None:
                print('NOT NOTICED {number}: {file}:{line}: {change}: {code}'.format(**mutant),
                      flush=True)
        self.totals()

    def noticed_by(self, number, tests, folder):
        """The program whose tests notice the bug, or None."""
        of_program = defaultdict(list)
        for test in tests:
            of_program[test['program']].append(test)
        for program, group in sorted(of_program.items(),
                                     key=lambda item: sum(test['seconds'] for test in item[1])):
            names = [test['test'] for test in group]
            commands = [name.split() for name in names]
            if program != SIMULATION:
                commands = [['--gtest_fail_fast', '--gtest_filter=' + ':'.join(names)]]
            patience = 20 + 10 * sum(test['seconds'] for test in group)
            for arguments in commands:
                code, _ = run([os.path.join(self.programs, program), *arguments], patience, folder,
                              LUMBUNG_MUTANT=str(number))
                if code != 0:
                    return program
        return None

    def totals(self):
        hunted = self.hunted()
        by = Counter(line['noticed_by'] for line in hunted)
        noticed = len(hunted) - by.pop(None, 0)
        print(f'{len(hunted)} of {len(self.mutants)} bugs tried, {noticed} noticed: ' +
              ', '.join(f'{count} by {program}' for program, count in by.most_common()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('copy')
    parser.add_argument('build')
    parser.add_argument('what', choices=('map', 'hunt', 'totals'))
    parser.add_argument('--seconds', type=int, default=600)
    parser.add_argument('--files', default='.')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    hunt = Hunt(options.copy, options.build)
    if options.what == 'totals':
        return hunt.totals()
    folder = tempfile.mkdtemp(prefix='lumbung-mutation-')
    try:
        if options.what == 'map':
            return hunt.map(folder)
        print(f'LUMBUNG_SEED={options.seed}', flush=True)
        return hunt.hunt(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
