"""The load client that is told to stop leaves nothing behind: no folder, no file, no process."""

import os
import signal
import subprocess
import tempfile
import time
import unittest

POSTGRES = '/usr/lib/postgresql/15/bin/postgres'


def running_in(folder):
    """The command lines of all processes that name the folder."""
    lines = subprocess.run(['ps', '-eo', 'args'], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split('\n')
    return [line for line in lines if folder + '/' in line]


class InterruptedTest(unittest.TestCase):

    def interrupt(self, signal_number, file, *arguments):
        """Ends a run once `file` is in its temporary folder, by a signal."""
        with tempfile.TemporaryDirectory(prefix='lumbung-interrupted-') as folder:
            os.chmod(folder, 0o711)
            run = subprocess.Popen(
                [os.environ['LUMBUNG_BENCH'], *arguments, '--folder', folder],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            try:
                deadline = time.time() + 90
                while not any(os.path.exists(os.path.join(folder, made, file))
                              for made in os.listdir(folder)):
                    self.assertIsNone(run.poll(), 'it ended by itself')
                    self.assertLess(time.time(), deadline, f'no {file}')
                    time.sleep(0.01)
                run.send_signal(signal_number)
                run.communicate(timeout=90)
                self.assertEqual(os.listdir(folder), [], 'something was left behind')
                self.assertEqual(running_in(folder), [], 'something runs still')
            finally:
                run.kill()
                run.communicate()
        self.assertEqual(run.returncode, -signal_number)

    def test_a_load_under_way(self):
        for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self.interrupt(signal_number, 'address', 'load', '--lumbungd', os.environ['LUMBUNGD'],
                           '--transactions', '1000000000')

    def test_the_filling_of_a_large_ledger(self):
        self.interrupt(signal.SIGTERM, 'address', 'compare', '--lumbungd', os.environ['LUMBUNGD'],
                       '--only', 'kill', '--kill-entries', '1000000')

    def test_the_bare_disk_and_bare_grpc(self):
        self.interrupt(signal.SIGTERM, 'raw-writes', 'disk', '--seconds', '60')
        self.interrupt(signal.SIGTERM, 'address', 'echo', '--transactions', '1000000000')

    @unittest.skipUnless(os.path.exists(POSTGRES), 'PostgreSQL 15 is not installed')
    def test_postgres_while_its_folder_is_made_and_while_it_serves(self):
        for file in ('data', 'ready'):
            self.interrupt(signal.SIGTERM, file, 'postgres', '--transactions', '1000000000')

    def test_a_run_whose_output_nobody_reads_any_more(self):
        with tempfile.TemporaryDirectory(prefix='lumbung-interrupted-') as folder:
            run = subprocess.Popen(
                [os.environ['LUMBUNG_BENCH'], 'load', '--lumbungd', os.environ['LUMBUNGD'],
                 '--transactions', '1000000000', '--progress', '--folder', folder],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            run.stderr.close()
            self.assertEqual(run.wait(timeout=90), -signal.SIGPIPE)
            self.assertEqual(os.listdir(folder), [], 'something was left behind')
            self.assertEqual(running_in(folder), [], 'something runs still')

    def test_a_signal_that_was_ignored_from_the_start_stays_ignored(self):
        with tempfile.TemporaryDirectory(prefix='lumbung-interrupted-') as folder:
            run = subprocess.Popen(
                [os.environ['LUMBUNG_BENCH'], 'disk', '--seconds', '0.5', '--folder', folder],
                stdout=subprocess.DEVNULL,
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            while not os.listdir(folder):
                self.assertIsNone(run.poll(), 'it ended by itself')
                time.sleep(0.01)
            run.send_signal(signal.SIGHUP)
            self.assertEqual(run.wait(timeout=90), 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
