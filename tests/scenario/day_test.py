"""The day's client against the real server, while either of them is killed."""

import collections
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PATIENCE_S = 600 if 'LUMBUNG_SANITIZED' in os.environ else 60


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class DayTest(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='lumbung-day-')
        self.record = os.path.join(self.folder, 'record')
        self.address = f'127.0.0.1:{free_port()}'
        self.server = None
        self.start_server()

    def tearDown(self):
        try:
            if self.server.returncode is None:
                self.end_server(signal.SIGTERM, 0)
        finally:
            shutil.rmtree(self.folder)

    def start_server(self):
        ready = os.path.join(self.folder, 'ready')
        if os.path.exists(ready):
            os.remove(ready)
        with open(os.path.join(self.folder, 'server.log'), 'ab') as log:
            self.server = subprocess.Popen(
                [os.environ['LUMBUNGD'], '--data', os.path.join(self.folder, 'data'),
                 '--listen', self.address, '--ready-file', ready], stdout=log, stderr=log)
        self.wait_for(lambda: os.path.exists(ready), 'the server')

    def kill_server(self):
        self.end_server(signal.SIGKILL, -signal.SIGKILL)

    def end_server(self, signal_number, code):
        self.server.send_signal(signal_number)
        try:
            self.assertEqual(self.server.wait(PATIENCE_S), code, self.log_text())
        finally:
            self.server.kill()
            self.server.wait()

    def log_text(self):
        with open(os.path.join(self.folder, 'server.log'), encoding='utf-8') as log:
            return log.read()

    def wait_for(self, condition, what):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f'{what} did not come')
            time.sleep(0.02)

    def start_day(self, *arguments):
        return subprocess.Popen(
            [os.environ['LUMBUNG_DAY'], '--server', self.address, '--record', self.record,
             '--cooperatives', '2', *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, day, code=0):
        output, _ = day.communicate(timeout=PATIENCE_S)
        self.assertEqual(day.returncode, code, output)
        return output

    def answered(self):
        """How many fresh transactions the record has answers for."""
        if not os.path.exists(self.record):
            return 0
        with open(self.record, encoding='ascii') as file:
            return sum(line.startswith('answered') and ' 6c756d62' not in line for line in file)

    def test_a_day_outlives_a_server_that_is_killed_again_and_again(self):
        day = self.start_day('--transactions', '12000')
        for answered in (1_000, 4_000, 7_000):
            self.wait_for(lambda at=answered: self.answered() >= at, f'answer {answered}')
            self.assertIsNone(day.poll(), 'the day ended before the server was killed')
            self.kill_server()
            self.start_server()
        output = self.finish(day)
        self.assertRegex(output, r'server went away +3\b')
        self.assertRegex(output, r'none twice; ([\d,]+) of \1 in the record confirmed')
        self.assertNotIn('WRONG', output)

    def test_a_client_that_is_killed_goes_on_with_its_record(self):
        day = self.start_day('--transactions', '100000')
        self.wait_for(lambda: self.answered() >= 3_000, 'answer 3000')
        day.send_signal(signal.SIGKILL)
        day.communicate()
        output = self.finish(self.start_day('--transactions', '2000'))
        self.assertIn('Comparing the record of earlier runs', output)
        self.assertRegex(output, r'[\d,]+ transactions were never answered; sent again')
        self.assertNotIn('WRONG', output)

    def test_both_killed_at_once_leave_nothing_lost_or_doubled(self):
        day = self.start_day('--transactions', '100000')
        self.wait_for(lambda: self.answered() >= 3_000, 'answer 3000')
        self.kill_server()
        day.send_signal(signal.SIGKILL)
        day.communicate()
        self.start_server()
        self.finish(self.start_day('--check'))

    def test_a_record_that_was_changed_is_noticed(self):
        self.finish(self.start_day('--transactions', '2000'))
        with open(self.record, encoding='ascii') as file:
            lines = file.readlines()
        # What was sent again, or twice, has another line that may still be right.
        times = collections.Counter(line.split()[1] for line in lines)
        for find, replace in ((r'(step=POST kind=PAYMENT .*=)(\d+)( reference)', r'\g<1>1\2\3'),
                              (r'( hold=)(\d+)', r'\g<1>1\2'),
                              (r'^(answered .*) ACCEPTED', r'\1 INSUFFICIENT_FUNDS')):
            at = next(i for i in range(len(lines) // 2, len(lines))
                      if not lines[i].startswith('altered')
                      and re.search(find, lines[i]) and times[lines[i].split()[1]] == 2)
            changed = lines.copy()
            changed[at] = re.sub(find, replace, lines[at])
            self.assertNotEqual(changed[at], lines[at])
            with open(self.record, 'w', encoding='ascii') as file:
                file.writelines(changed)
            output = self.finish(self.start_day('--check'), code=1)
            self.assertIn('transaction ' + lines[at].split()[1], output)
        with open(self.record, 'w', encoding='ascii') as file:
            file.writelines(lines)
        self.finish(self.start_day('--check'))

    def test_a_ledger_that_was_lost_is_noticed(self):
        self.finish(self.start_day('--transactions', '500'))
        self.kill_server()
        shutil.rmtree(os.path.join(self.folder, 'data'))
        self.start_server()
        output = self.finish(self.start_day('--transactions', '500'), code=1)
        self.assertIn('but is not in the ledger', output)

    def test_a_server_that_stays_away_is_given_up(self):
        self.kill_server()
        output = self.finish(self.start_day('--reconnect-seconds', '1'), code=2)
        self.assertIn('no server answers', output)


if __name__ == '__main__':
    unittest.main(verbosity=2)
