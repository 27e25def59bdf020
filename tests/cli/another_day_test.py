"""Yesterday seen from today, and a restart from nothing but the ledger, by the command line."""

import glob
import subprocess
import unittest

from lumbung import DECLINED, MALFORMED, Lumbung
from server import Server

FAKE_TIME = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')


def a_day_earlier():
    return {'LD_PRELOAD': FAKE_TIME[0], 'FAKETIME': '-24h', 'FAKETIME_DONT_FAKE_MONOTONIC': '1'}


class AnotherDay(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)

    def started(self, environment=None):
        """The command line on the same clock as its server."""
        self.server.start(environment)
        return Lumbung(self.server, environment)

    def pay(self, run, amount, *more):
        return run.json('pay', '--member', '1024/1', '--branch', '2', '--amount', amount, *more)

    @unittest.skipUnless(FAKE_TIME, 'libfaketime is not installed')
    def test_yesterday_s_balance_is_known_today(self):
        run = self.started(a_day_earlier())
        run.open_cooperative(1024, 'KDMP Bentangan', 2)
        run.deposit('1024/1', '1.000.000')
        self.pay(run, '100.000')
        self.server.stop()
        run = self.started()
        paid = self.pay(run, '50.000')
        then = run('balance', '1024/1', '--at', 'yesterday')
        self.assertEqual('Rp900.000,00', then.field('balance'))
        self.assertTrue(then.field('at').startswith('close of '), then)
        for when, balance in (('today', 85_000_000), (paid['timestamp'], 85_000_000),
                              (then.field('at').removeprefix('close of '), 90_000_000)):
            self.assertEqual(balance, run.json('balance', '1024/1', '--at', when)['balance'], when)
        trial = run.json('trial-balance', '1024', '--at', 'yesterday')
        self.assertEqual(trial['total_debit'], trial['total_credit'])
        self.assertEqual(100_000_000, trial['total_debit'])
        today = run.json('statement', '1024/1', '--since', 'today')
        self.assertEqual((90_000_000, [-5_000_000]),
                         (today['opening_balance'], [line['change'] for line in today['lines']]))
        before = run.json('statement', '1024/1', '--until', 'yesterday')
        self.assertEqual(90_000_000, before['closing_balance'])

    @unittest.skipUnless(FAKE_TIME, 'libfaketime is not installed')
    def test_today_in_a_report_is_that_of_the_cooperative(self):
        """At 18:00 in UTC it is the next day in the villages."""
        run = self.started()
        run.open_cooperative(1024, 'KDMP Bentangan', 1)
        evening = Lumbung(self.server, {
            'LD_PRELOAD': FAKE_TIME[0], 'FAKETIME': '@2030-01-01 18:00:00', 'TZ': 'UTC',
            'FAKETIME_DONT_FAKE_MONOTONIC': '1'})
        report = ('report', 'journal', '--cooperative', '1024', '--data', self.server.data)
        self.server.stop()
        evening(*report, '--since', '2030-01-02', '--until', 'today')
        for since, until in (('2030-01-03', 'today'), ('2030-01-02', 'yesterday'),
                             ('2029-12-02', '2029-12-01')):
            told = evening(*report, '--since', since, '--until', until, code=MALFORMED)
            self.assertIn('--until: expected a day not before --since', told.err)

    def test_what_follows_from_the_ledger_can_be_deleted(self):
        run = self.started()
        run.open_cooperative(1024, 'KDMP Bentangan', 20)
        run.deposit('1024/1', '1.000.000')
        identity = run.new_id()
        first = self.pay(run, '25.000', '--id', identity)
        hold = run.json('hold', '--member', '1024/1', '--branch', '2', '--amount', '10.000',
                        '--for', '1h')
        status = run.json('status', '--state-hash')
        statement = run.json('statement', '1024/1', '--all')
        self.server.stop()
        dropped = subprocess.run([*self.server.command(), '--drop-derived'], capture_output=True,
                                 text=True, timeout=60, check=False)
        self.assertEqual(0, dropped.returncode, dropped.stderr)
        run = self.started()
        again = run.json('status', '--state-hash')
        self.assertEqual((status['state_hash'], status['last_sequence']),
                         (again['state_hash'], again['last_sequence']))
        self.assertEqual(statement, run.json('statement', '1024/1', '--all'))
        repeated = self.pay(run, '25.000', '--id', identity)
        self.assertEqual((True, first['sequence']), (repeated['duplicate'], repeated['sequence']))
        self.assertEqual(100_000_000, run.json(
            'balance', '1024/1', '--at', statement['lines'][-2]['entry']['timestamp'])['balance'])
        run('capture', hold['id'])
        run('capture', hold['id'], code=DECLINED)

    def test_two_servers_with_the_same_ledger_have_the_same_hash(self):
        run = self.started()
        run.open_cooperative(1024, 'KDMP Bentangan', 20)
        run.deposit('1024/1', '1.000.000')
        other = Server()
        self.addCleanup(other.remove)
        copied = run.json('backup', other.data)
        status = run.json('status', '--state-hash')
        self.assertEqual(status['last_sequence'], copied['last_sequence'])
        there = Lumbung(other.start({'LUMBUNG_TRANSPARENCY': 'off'})).json('status',
                                                                           '--state-hash')
        self.assertEqual((status['state_hash'], status['last_sequence']),
                         (there['state_hash'], there['last_sequence']))


if __name__ == '__main__':
    unittest.main()
