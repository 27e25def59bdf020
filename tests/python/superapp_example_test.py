"""The example of the README does what the README says."""

import os
import subprocess
import sys
import unittest

from client import ServerTestCase


class SuperappExample(ServerTestCase):

    def test_the_example_tops_up_and_pays_once(self):
        example = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'superapp_example.py')
        run = subprocess.run([sys.executable, '-B', example, self.server.address,
                              str(self.COOPERATIVE), '55'],
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, run.returncode, run.stderr)
        lines = run.stdout.split('\n')
        self.assertRegex(lines[0], r'^top-up: OUTCOME_ACCEPTED, entry \d+$')
        self.assertRegex(lines[1], r'^payment: OUTCOME_ACCEPTED, entry \d+$')
        self.assertEqual(lines[1].replace('payment', 'the same again') + ' (duplicate)', lines[2])
        self.assertEqual('balance: Rp75.000', lines[3])


if __name__ == '__main__':
    unittest.main()
