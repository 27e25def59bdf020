"""The flags of lumbungd and lumbung-bench: a bad value ends them with exit code 2 before they do
anything, and is named."""

import os
import re
import subprocess
import tempfile
import unittest

NO_NUMBER = ['', '-1', '1.5', 'nan', '99999999999999999999']
NO_POWER = NO_NUMBER + ['0', '1000', '-1024']

# What a value of each flag must not be. Paths may be any text but nothing.
LUMBUNGD = {
    'data': [''], 'ready-file': [''], 'transparency-key-file': [''],
    'listen': ['', 'x', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:-1', ':7400',
               '0.0.0.0:0', '192.168.0.1:0', '127.0.0.1.example.org:0', '[::]:0', '127.0.0.1:nan'],
    'log-level': ['', 'x', 'INFO'],
    'transparency': ['', 'x', 'yes'],
    'transparency-witnesses': ['x', 'a+b', 'dinas+00000000+AAAA'],
    'transparency-origin': ['', 'a b', 'a+b', 'x' * 129, 'é'],
    'ring-slots': NO_POWER + ['131072'], 'id-window-slots': NO_POWER + ['536870912'],
    'reserved-slots': NO_NUMBER + ['0', '32769', '1024'],
    'blocks': NO_NUMBER + ['63', '65537'],
    'spin-us': NO_NUMBER + ['10001'],
    'checkpoint-interval-ms': NO_NUMBER + ['99', '3600001'],
    'drain-ms': NO_NUMBER + ['600001'],
    'transparency-interval-ms': NO_NUMBER + ['99', '3600001'],
    'max-message-bytes': NO_NUMBER + ['65535', '67108865'],
    'stream-window': NO_NUMBER + ['0', '4097'],
    'read-threads': NO_NUMBER + ['0', '65'],
    'read-queue': NO_NUMBER + ['0', '1000001'],
    'config': ['no-such-file'],
}

NO_COUNT = ['', '-1', 'nan', '0', '99999999999999999999']
NO_RATE = ['', 'x', 'nan', '-nan', 'inf', '-1', '1e99']
BENCH = {
    'load': {'clients': NO_COUNT + ['257'], 'in-flight': NO_COUNT + ['4097'],
             'batch': NO_COUNT + ['8191'], 'transactions': NO_COUNT, 'accounts': NO_COUNT + ['1'],
             'hot': ['', 'x', '-1', '101', 'nan'], 'ids': ['', 'v1'], 'mix': ['', 'x'],
             'rate': NO_RATE, 'server-pid': ['', 'x', 'nan']},
    'disk': {'batch': NO_COUNT, 'seconds': NO_RATE + ['0']},
    'compare': {'scale': NO_RATE + ['0', '101'], 'long-entries': NO_COUNT,
                'kill-entries': NO_COUNT},
    'postgres': {'clients': NO_COUNT + ['257'], 'batch': NO_COUNT + ['8191'],
                 'transactions': NO_COUNT, 'accounts': NO_COUNT + ['1'],
                 'hot': ['', 'x', '-1', '101', 'nan']},
}


class Flags(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='lumbung-test-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def assertRefused(self, named, *command):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False,
                             cwd=self.folder)
        self.assertEqual(2, ran.returncode, f'{command}: {ran.stdout}{ran.stderr}')
        self.assertIn(named, (ran.stdout + ran.stderr).replace('_', '-'), command)
        self.assertEqual([], os.listdir(self.folder), command)

    def test_each_setting_of_the_server(self):
        server = os.environ['LUMBUNGD']
        text = subprocess.run([server, '--help'], capture_output=True, text=True,
                              check=True).stdout
        flags = set(re.findall(r'--([a-z][a-z-]+)', text)) - {
            'help', 'version', 'drop-derived', 'show-key'}  # the last is the witness's
        self.assertEqual(flags, set(LUMBUNGD), 'a setting without bad values here')
        for flag, bad in LUMBUNGD.items():
            for value in bad:
                data = [] if flag == 'data' else ['--data', os.path.join(self.folder, 'data')]
                with self.subTest(flag, value=value):
                    self.assertRefused(flag, server, *data, f'--{flag}={value}')

    def test_each_flag_of_the_load_client(self):
        for command, flags in BENCH.items():
            for flag, bad in flags.items():
                for value in bad:
                    with self.subTest(command, flag=flag, value=value):
                        self.assertRefused(f'--{flag}', os.environ['LUMBUNG_BENCH'], command,
                                           '--folder', self.folder, f'--{flag}={value}')


if __name__ == '__main__':
    unittest.main()
