"""deploy/Containerfile installs each library that the two programs are linked with."""

import os
import re
import subprocess
import unittest

CONTAINERFILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'deploy',
                             'Containerfile')


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def installed():
    """The packages that the image's last stage names."""
    with open(CONTAINERFILE, encoding='utf-8') as file:
        stage = file.read().rpartition('\nFROM ')[2]
    listed = re.search(r'--no-install-recommends((?:[ \\\n]+[\w.+-]+)+)', stage).group(1)
    return set(listed.replace('\\', ' ').split())


def closure(packages):
    """They and all that they depend on, of what this system has, where the programs were linked."""
    depends = {}
    form = '${Package}\t${Pre-Depends}, ${Depends}\n'
    for line in output('dpkg-query', '-W', '-f', form).splitlines():
        package, _, needs = line.partition('\t')
        depends[package] = {re.match(r'[\w.+-]*', need.strip()).group()
                            for need in re.split(r'[,|]', needs)}
    found, new = set(), set(packages)
    while new:
        found |= new
        new = set().union(*(depends.get(package, ()) for package in new)) - found
    return found & depends.keys()


def needed(program):
    return set(re.findall(r'\(NEEDED\).*\[(.*)\]', output('readelf', '-dW', program)))


def files_of(packages):
    """The names of the packages' files."""
    return {os.path.basename(path)
            for path in output('dpkg-query', '-L', *sorted(packages)).splitlines()}


@unittest.skipIf('LUMBUNG_SANITIZED' in os.environ, 'needs libraries of the sanitizers too')
class Container(unittest.TestCase):

    def test_each_library_that_a_program_needs_is_installed(self):
        libraries = needed(os.environ['LUMBUNGD']) | needed(os.environ['LUMBUNG'])
        self.assertIn('libc.so.6', libraries)
        self.assertEqual(set(), libraries - files_of(closure(installed())))


if __name__ == '__main__':
    unittest.main()
