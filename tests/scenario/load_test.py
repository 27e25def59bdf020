"""The load client against servers that it starts for itself."""

import json
import os
import subprocess
import tempfile
import unittest


class LoadTest(unittest.TestCase):

    def run_bench(self, *arguments):
        with tempfile.TemporaryDirectory(prefix='lumbung-load-') as folder:
            done = subprocess.run(
                [os.environ['LUMBUNG_BENCH'], *arguments, '--folder', folder, '--json'],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100,
                check=False)
            self.assertEqual(os.listdir(folder), [], 'something was left behind')
        self.assertEqual(done.returncode, 0, done.stdout)
        return json.loads(done.stdout)

    def load(self, *arguments):
        return self.run_bench('load', '--lumbungd', os.environ['LUMBUNGD'], *arguments)

    def test_batches_are_all_accepted_and_measured(self):
        figures = self.load('--transactions', '30000', '--batch', '1000', '--accounts', '300')
        self.assertEqual(figures['accepted'], 30_000)
        self.assertEqual(figures['wrong'], 0)
        self.assertGreater(figures['transactions_per_second'], 0)
        self.assertGreater(figures['server_rss_mib'], 0)
        self.assertGreaterEqual(figures['bytes_written_per_transaction'], 128)
        latency = figures['latency_us']
        self.assertLessEqual(latency['p50'], latency['p99'])
        self.assertLessEqual(latency['p99_9'], latency['max'])

    def test_unary_calls_to_a_hot_account_with_random_ids_are_all_accepted(self):
        figures = self.load('--transactions', '2000', '--batch', '1', '--in-flight', '16',
                            '--accounts', '50', '--hot', '90', '--ids', 'v4')
        self.assertEqual(figures['accepted'], 2_000)

    def test_echo_answers_as_the_server_does(self):
        for batch in ('1', '500'):
            figures = self.run_bench('echo', '--transactions', '5000', '--batch', batch)
            self.assertEqual(figures['accepted'], 5_000)

    def test_the_disk_is_measured_alone(self):
        figures = self.run_bench('disk', '--batch', '64', '--seconds', '0.2')
        self.assertGreater(figures['transactions_per_second'], 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
