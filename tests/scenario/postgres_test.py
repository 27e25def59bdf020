"""The load client measures PostgreSQL, which it starts and removes itself."""

import json
import os
import subprocess
import tempfile
import unittest


@unittest.skipUnless(os.path.exists('/usr/lib/postgresql/15/bin/postgres'),
                     'PostgreSQL 15 is not installed')
class PostgresTest(unittest.TestCase):

    def run_bench(self, *arguments, mode=0o711):
        with tempfile.TemporaryDirectory(prefix='lumbung-postgres-') as folder:
            os.chmod(folder, mode)
            done = subprocess.run(
                [os.environ['LUMBUNG_BENCH'], 'postgres', '--accounts', '100', '--json',
                 '--folder', folder, *arguments],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100,
                check=False)
            self.assertEqual(os.listdir(folder), [], 'something was left behind')
            running = subprocess.run(['ps', '-eo', 'args'], stdout=subprocess.PIPE, text=True,
                                     check=True).stdout
            self.assertNotIn(folder + '/', running, 'PostgreSQL runs still')
        return done

    def figures(self, *arguments):
        done = self.run_bench(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertEqual(figures['wrong'], 0)
        self.assertGreater(figures['transactions_per_second'], 0)
        self.assertGreater(figures['server_rss_mib'], 0)
        # The row itself is longer than that.
        self.assertGreater(figures['bytes_written_per_transaction'], 60)
        latency = figures['latency_us']
        self.assertLessEqual(latency['p50'], latency['p99'])
        self.assertLessEqual(latency['p99_9'], latency['max'])
        return figures

    def test_single_payments_are_all_accepted_and_measured(self):
        figures = self.figures('--transactions', '2000', '--clients', '8', '--hot', '50')
        self.assertEqual(figures['accepted'], 2_000)

    def test_batches_are_all_accepted_and_measured(self):
        figures = self.figures('--transactions', '20000', '--clients', '2', '--batch', '1000')
        self.assertEqual(figures['accepted'], 20_000)

    @unittest.skipUnless(os.geteuid() == 0, 'only root gives the folder to another user')
    def test_a_folder_that_its_user_cannot_enter_is_said_and_nothing_is_left(self):
        done = self.run_bench('--transactions', '10', mode=0o700)
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't enter", done.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
