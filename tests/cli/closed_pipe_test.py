"""Output that nobody reads any more: `lumbung … | head`."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
import uuid

from lumbung import DECLINED, FAILED, MALFORMED, OK, Lumbung
from server import Server

LEFT = -signal.SIGPIPE  # how a shell's `entries | head` ends


class ClosedPipe(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server.start())
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', 9)
        cls.lumbung.deposit('1024/1', '1.000.000')

    def run_unread(self, *arguments, unread=('stdout',), **how):
        """One command, of whose output nobody reads what is named."""
        reading, writing = os.pipe()
        os.close(reading)
        try:
            streams = {name: writing if name in unread else subprocess.PIPE
                       for name in ('stdout', 'stderr')}
            return subprocess.run([os.environ['LUMBUNG'], *arguments], **streams, text=True,
                                  env=self.lumbung.environment, timeout=60, check=False, **how)
        finally:
            os.close(writing)

    def assertEnds(self, code, *arguments, **how):
        ran = self.run_unread(*arguments, **how)
        self.assertEqual(code, ran.returncode, (arguments, ran.stdout, ran.stderr))
        return ran

    def test_a_payment_ends_with_its_outcome_and_is_booked_once(self):
        """Whoever takes it for a failure pays again under a new id."""
        deposit = ('deposit', '--member', '1024/3', '--terminal', '7', '--amount', '5')
        both = ('stdout', 'stderr')
        self.assertEnds(OK, *deposit)
        self.assertEnds(OK, *deposit, '--json')
        self.assertEnds(OK, *deposit, '--id', str(uuid.uuid4()), unread=both)
        self.assertEqual(1_500, self.lumbung.balance('1024/3'))
        self.assertEnds(DECLINED, 'pay', '--member', '1024/3', '--branch', '2', '--amount', '16',
                        '--id', str(uuid.uuid4()), unread=both)
        self.assertEqual(1_500, self.lumbung.balance('1024/3'))

    def test_a_new_id_that_can_t_be_told_is_not_used(self):
        """Were the reply lost, nobody could ask what became of it."""
        deposit = ('deposit', '--member', '1024/4', '--terminal', '7', '--amount', '5')
        for more in ((), ('--json',)):
            ran = self.assertEnds(MALFORMED, *deposit, *more, unread=('stderr',))
            self.assertIn('--id', ran.stdout)
            self.assertEnds(MALFORMED, *deposit, *more, unread=('stdout', 'stderr'))
        with open('/dev/full', 'w', encoding='utf-8') as full:
            ended = subprocess.run([os.environ['LUMBUNG'], *deposit], stderr=full, timeout=60,
                                   env=self.lumbung.environment, stdout=subprocess.PIPE,
                                   check=False)
        self.assertEqual(MALFORMED, ended.returncode)
        self.assertEqual(0, self.lumbung.balance('1024/4'))

    def test_an_upload_goes_on_to_its_end(self):
        for more, member in (((), 5), (('--batch', '7'), 6)):
            rows = [{'id': str(uuid.uuid4()), 'kind': 'TRANSFER', 'debit_account': '1024.2101.1',
                     'credit_account': f'1024.2101.{member}', 'amount': 100} for _ in range(50)]
            for form in ((), ('--json',)):
                self.assertEnds(OK, 'submit', '--file', '-', *more, *form,
                                input=''.join(json.dumps(row) + '\n' for row in rows))
            self.assertEqual(5_000, self.lumbung.balance(f'1024/{member}'))

    def test_what_changed_something_ends_with_0(self):
        with tempfile.TemporaryDirectory() as folder:
            segment, copy = f'{folder}/segment', f'{folder}/copy'
            for arguments in (('cooperative', 'policy', '1024', '--vat', '0%'),
                              ('branch', 'open', '1024/3', '--name', 'Gerai Obat'),
                              ('terminal', 'open', '1024/8', '--branch', '3'),
                              ('member', 'open', '1024/10-12'), ('account', 'freeze', '1024/9'),
                              ('account', 'unfreeze', '1024/9'), ('export', '--to', segment),
                              ('backup', f'{folder}/backup'), ('import', segment, '--data', copy)):
                self.assertEnds(OK, *arguments, unread=('stdout', 'stderr'))
            self.lumbung('audit', '--data', copy)
        fenced = str(uuid.uuid4())
        self.assertEnds(DECLINED, 'resolve', fenced, '--fence', '--cooperative', '1024')
        self.lumbung('resolve', fenced, code=DECLINED)

    def test_a_command_that_only_reads_ends_quietly_by_the_signal(self):
        for arguments in (('entries',), ('entries', '--json'), ('statement', '1024/1'),
                          ('balance', '1024/1'), ('trial-balance', '1024'), ('status', '--json'),
                          ('id',), ('account', 'list', '1024'), ('cooperative', 'list'),
                          ('export', '--format', 'csv', '--cooperative', '1024'),
                          ('report', 'journal', '--cooperative', '1024'), ('--help',),
                          ('audit', '--data', self.server.data)):
            self.assertEqual('', self.assertEnds(LEFT, *arguments).stderr, arguments)

    def test_who_follows_the_ledger_ends_with_the_reader(self):
        following = self.lumbung.process('entries', '--follow', '--json')
        self.addCleanup(following.stderr.close)
        self.addCleanup(following.kill)
        self.assertEqual(1, json.loads(following.stdout.readline())['sequence'])
        following.stdout.close()
        self.lumbung.deposit('1024/7', '5')
        self.assertEqual(LEFT, following.wait(60))

    def test_where_the_signal_is_ignored_the_loss_is_told(self):
        """As under systemd."""
        ran = self.assertEnds(FAILED, 'entries', restore_signals=False)
        self.assertIn("the output can't be written to the end", ran.stderr)

    def test_an_audit_keeps_its_files_though_nobody_reads_its_report(self):
        with tempfile.TemporaryDirectory() as folder:
            page, visit = f'{folder}/page', f'{folder}/visit'
            self.assertEnds(LEFT, 'audit', '--data', self.server.data, '--html', page,
                            '--save-visit', visit)
            self.lumbung('audit', '--data', self.server.data, '--from-checkpoint', visit)
            self.assertTrue(os.path.exists(page))


if __name__ == '__main__':
    unittest.main()
