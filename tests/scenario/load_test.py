"""The load client against servers that it starts for itself."""

import json
import os
import signal
import subprocess
import tempfile
import time
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

    def test_calls_that_find_no_room_are_sent_again_until_they_are_accepted(self):
        figures = self.load('--transactions', '3000', '--batch', '1', '--in-flight', '64',
                            '--accounts', '50', '--server-option=--ring-slots=16',
                            '--server-option=--reserved-slots=1')
        self.assertGreater(figures['refused_for_want_of_room'], 0)
        self.assertEqual(figures['accepted'], 3_000)
        self.assertEqual(figures['wrong'], 0)

    def test_holds_and_captures_add_up_in_batches_of_any_size_and_one_by_one(self):
        for batch in ('7', '1'):
            figures = self.load('--transactions', '2100', '--batch', batch, '--accounts', '50',
                                '--mix', 'holds')
            self.assertEqual(figures['accepted'], 2_100)

    def test_the_kinds_of_a_day_are_all_accepted(self):
        figures = self.load('--transactions', '20000', '--batch', '500', '--accounts', '300',
                            '--mix', 'workload')
        self.assertEqual(figures['accepted'], 20_000)

    def test_an_open_loop_counts_a_pause_of_the_server_in_every_call_behind_it(self):
        with tempfile.TemporaryDirectory(prefix='lumbung-load-') as folder:
            ready = os.path.join(folder, 'address')
            server = subprocess.Popen(
                [os.environ['LUMBUNGD'], '--data', os.path.join(folder, 'data'), '--listen',
                 '127.0.0.1:0', '--ready-file', ready],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                while not os.path.exists(ready):
                    self.assertIsNone(server.poll())
                    time.sleep(0.01)
                with open(ready, encoding='utf-8') as file:
                    address = file.read().strip()
                load = subprocess.Popen(
                    [os.environ['LUMBUNG_BENCH'], 'load', '--server', address, '--batch', '1',
                     '--accounts', '20', '--rate', '500', '--transactions', '1500', '--json'],
                    stdout=subprocess.PIPE, text=True)
                # The run lasts 3.3 s, 0.3 of them to warm up.
                time.sleep(1.5)
                server.send_signal(signal.SIGSTOP)
                time.sleep(1)
                server.send_signal(signal.SIGCONT)
                figures = json.loads(load.communicate(timeout=60)[0])
            finally:
                server.send_signal(signal.SIGCONT)
                server.terminate()
                ended_with = server.wait()
        self.assertEqual(ended_with, 0)
        self.assertEqual(load.returncode, 0)
        self.assertEqual(figures['accepted'], 1_500)
        self.assertGreater(figures['latency_us']['max'], 800_000)
        # A third of the calls was due while the server stood still: evenly spread over that second.
        self.assertGreater(figures['latency_us']['p99'], 700_000)
        self.assertGreater(figures['longest_gap_ms'], 800)

    def test_a_server_that_does_not_end_in_order_is_an_error(self):
        with tempfile.TemporaryDirectory(prefix='lumbung-load-') as folder:
            server = os.path.join(folder, 'server')
            with open(server, 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\n'
                           """trap 'kill $child; wait $child; echo a leak; exit 23' TERM\n"""
                           f'{os.environ["LUMBUNGD"]} "$@" & child=$!\n'
                           'wait $child\n')
            os.chmod(server, 0o755)
            done = subprocess.run(
                [os.environ['LUMBUNG_BENCH'], 'load', '--lumbungd', server, '--folder', folder,
                 '--transactions', '1000', '--batch', '1000', '--accounts', '50', '--json'],
                capture_output=True, text=True, timeout=100, check=False)
            self.assertEqual(os.listdir(folder), ['server'])
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(json.loads(done.stdout)['accepted'], 1_000)
        self.assertRegex(done.stderr, r'ended with exit code 23:\n(.*\n)*a leak')

    def test_echo_answers_as_the_server_does(self):
        for batch in ('1', '500'):
            figures = self.run_bench('echo', '--transactions', '5000', '--batch', batch)
            self.assertEqual(figures['accepted'], 5_000)

    def test_the_disk_is_measured_alone(self):
        figures = self.run_bench('disk', '--batch', '64', '--seconds', '0.2')
        self.assertGreater(figures['transactions_per_second'], 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
