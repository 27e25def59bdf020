"""The proof at the end of deploy/up.sh can fail. Command line and servers are made up."""

import os
import subprocess
import tempfile
import unittest

DEPLOY = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'deploy')

# What is asked of the server of the folder `copy` is answered by COPY, all else by LIVE.
CLI = '''#!/bin/bash
case $* in
  *' backup '*) mkdir "${!#}" && exit "$BACKUP" ;;
  *'--server copy '*) eval "$COPY" ;;
  *) eval "$LIVE" ;;
esac
'''
PROOF = '''
set -euo pipefail
source server.sh
source replay.sh
start_server() {
  echo copy >"$2/lumbungd.address"
  echo 'the server' >"$2/lumbungd.log"
}
wait_until_ready() { [[ $TAKEN == yes ]]; }
prove_replay "$1" no-server "$2" live
'''


def tells(state):
    """A status in JSON, as the shell prints it."""
    return f"echo '{{\"version\":\"0.1.0\",{state},\"accounts\":3}}'"


def at(sequence, state_hash):
    return tells(f'"last_sequence":{sequence},"state_hash":{state_hash}')


A, B = f'"{"0a" * 32}"', f'"{"0b" * 32}"'


class ReplayProof(unittest.TestCase):

    def prove(self, live, copy, backup='0', taken='yes'):
        with tempfile.TemporaryDirectory() as folder:
            cli = os.path.join(folder, 'cli')
            with open(cli, 'w', encoding='ascii') as file:
                file.write(CLI)
            os.chmod(cli, 0o755)
            told = {'LIVE': live, 'COPY': copy, 'BACKUP': backup, 'TAKEN': taken}
            return subprocess.run(['bash', '-c', PROOF, 'up.sh', cli, folder], cwd=DEPLOY,
                                  capture_output=True, text=True, timeout=60, check=False,
                                  env={**os.environ, **told})

    def assertNotProven(self, said, *told, **how):
        ran = self.prove(*told, **how)
        self.assertNotEqual(0, ran.returncode, ran)
        self.assertIn(said, ran.stderr)
        self.assertNotIn('equals', ran.stdout)

    def test_equal_states_are_proven(self):
        ran = self.prove(at(5, A), at(5, A))
        self.assertEqual(0, ran.returncode, ran)
        self.assertIn('after entry 5: ' + '0a' * 32, ran.stdout)
        self.assertIn('hash equals the live one', ran.stdout)

    def test_different_states_are_not(self):
        self.assertNotProven('differs from the live one', at(5, A), at(5, B))
        self.assertNotProven('did not stand still', at(5, A), at(6, A))

    def test_a_state_that_was_not_told_equals_nothing(self):
        broken = ('false', 'true', at(5, 'null'), at(5, '""'), at(5, '"0a"'), at('null', A),
                  tells('"last_sequence":5'), tells(f'"state_hash":{A}'))
        for told in broken:
            self.assertNotProven('state', told, told)
        self.assertNotProven('state', at(5, A), 'false')
        self.assertNotProven('state', at(5, A), at(5, 'null'))

    def test_what_fails_on_the_way_ends_it(self):
        self.assertNotProven('', at(5, A), at(5, A), backup='6')
        self.assertNotProven('did not take the copy', at(5, A), at(5, A), taken='no')


if __name__ == '__main__':
    unittest.main()
