"""The audit of a real server's folder, while it runs: exit codes, the forms of the report, a visit
and the next, and an insider with the folder and the log's key."""

import json
import os
import shutil
import subprocess
import unittest

from lumbung import FAILED, MALFORMED, NOT_FOUND, Lumbung
from server import Server

UNSOUND = 10
MEMBER = '1024/1'


class Audit(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP <Bentangan> & "Co"', 3)
        cls.lumbung.open_cooperative(1025, 'KDMP Teloyo', 3)
        cls.lumbung.deposit(MEMBER, '1.000.000')

    def path(self, name):
        return os.path.join(self.server.folder, name)

    def pay(self, amount='25.000', operator='7', **more):
        transaction = self.lumbung.new_id()
        counter = [part for name, value in more.items() for part in (f'--{name}', value)]
        self.lumbung('pay', '--id', transaction, '--member', MEMBER, '--branch', '2', '--terminal',
                     '7', '--operator', operator, '--amount', amount, *counter)
        return transaction

    def sign(self):
        """Waits until all there is is under a checkpoint."""
        self.lumbung('receipt', self.pay())

    def audit(self, *more, folder=None, code=0):
        return self.lumbung('audit', '--data', folder or self.server.data, *more, code=code)

    def test_a_running_servers_folder_is_sound_and_told_in_every_form(self):
        refunded = self.pay(operator='9')
        self.lumbung('refund', refunded, '--operator', '9')
        self.sign()
        page = self.path('audit.html')
        ran = self.audit('--json', '--html', page, '--opening-hours', '00:00-24:00')
        report = ran.json
        self.assertTrue(report['sound'])
        self.assertEqual([], report['findings'])
        self.assertIsNone(report['first_bad_sequence'])
        for check in ('chain', 'checkpoints', 'rules', 'sums', 'ids', 'tree'):
            self.assertEqual('passed', report['checks'][check]['result'], report['checks'])
        of_bentangan = report['cooperatives'][0]
        self.assertEqual(of_bentangan['debits'], of_bentangan['credits'])
        self.assertEqual(0, of_bentangan['outside_hours_at_terminals'])
        operators = {one['operator']: one for one in report['operators']}
        self.assertEqual((1, 1), (operators[9]['sales'], operators[9]['refunds']))
        self.assertGreaterEqual(report['refunds']['count'], 1)
        with open(page, encoding='utf-8') as file:
            html = file.read()
        self.assertIn('KDMP &lt;Bentangan&gt; &amp; &quot;Co&quot;', html)
        self.assertIn('SOUND', html)
        for fetched in ('http:', 'https:', '<script', 'src=', 'url('):
            self.assertNotIn(fetched, html)
        text = self.audit().out
        self.assertTrue(text.startswith('SOUND: '), text)
        self.assertIn('Every transaction decided again', text)

    def test_the_server_can_be_audited_over_the_network_and_as_a_file(self):
        self.sign()
        over_network = self.lumbung.json('audit')
        self.assertTrue(over_network['sound'])
        self.assertEqual('passed', over_network['checks']['checkpoints']['result'])
        self.assertEqual('not_checked', over_network['checks']['state']['result'])

    def test_what_terminals_did_at_odd_hours_is_told(self):
        self.pay()
        report = self.audit('--json', '--opening-hours', '00:00-00:01').json
        late = self.audit('--json', '--opening-hours', '00:01-24:00').json
        self.assertGreater(report['outside_hours']['count'] + late['outside_hours']['count'], 0)
        self.audit('--opening-hours', '22:00-06:00', code=MALFORMED)

    def test_the_next_visit_begins_where_the_last_one_ended(self):
        visit = self.path('visit')
        self.sign()
        first = self.audit('--json', '--save-visit', visit).json
        self.pay()
        second = self.audit('--json', '--from-checkpoint', visit).json
        self.assertEqual('passed', second['checks']['visit']['result'])
        self.assertEqual(first['ledger']['last_sequence'], second['ledger']['since_sequence'])
        self.assertEqual(1, second['ledger']['accepted'])
        with open(visit, encoding='ascii') as file:
            altered = file.read().replace('state ', 'state A', 1)
        with open(visit + '-altered', 'w', encoding='ascii') as file:
            file.write(altered)
        self.audit('--from-checkpoint', visit + '-altered', code=MALFORMED)
        self.audit('--from-checkpoint', self.path('none'), code=NOT_FOUND)

    def test_a_folder_without_a_ledger_and_a_page_without_a_place_have_their_own_codes(self):
        self.audit(folder=self.path('nothing'), code=NOT_FOUND)
        for option in ('--html', '--save-visit'):
            ran = self.audit(option, self.path('no/such/folder'), code=FAILED)
            self.assertIn('no/such/folder', ran.err)
            self.assertRegex(ran.out, r'^SOUND: [\d.]+ entries, nothing found; '
                                      r'(1 check|[2-9] checks) had nothing to look at\n')
        self.audit('--key', 'not-a-key', code=MALFORMED)
        witness = self.lumbung('witness', '--key', self.path('witness.pem'), '--state',
                               self.path('witness.state'), '--show-key').out.strip()
        self.assertIn('expected the key of a log',
                      self.audit('--key', witness, code=MALFORMED).err)
        self.audit('--work-folder', self.path('nothing'))  # few ids need no file

    def test_a_folder_that_was_tampered_with_is_unsound_and_says_where(self):
        self.sign()
        copy = self.path('copy')
        shutil.copytree(self.server.data, copy)
        kept = self.path('kept')
        shutil.copy(os.path.join(copy, 'transparency', 'checkpoints'), kept)
        with open(os.path.join(copy, 'transparency', 'public-key'), encoding='ascii') as file:
            key = file.read().strip()
        self.audit('--checkpoint', kept, '--key', key, folder=copy)
        unread = self.lumbung('checkpoint', '--key', key, '--prove-from', self.path('no-note'),
                              code=FAILED)
        self.assertIn("no-note can't be read", unread.err)
        tree = os.path.join(copy, 'transparency', 'tree', 'level-0')
        with open(tree, 'r+b') as file:
            file.seek(32 * 9)
            byte = file.read(1)[0]
            file.seek(32 * 9)
            file.write(bytes([byte ^ 1]))
        page = self.path('unsound.html')
        ran = self.audit('--json', '--html', page, folder=copy, code=UNSOUND)
        self.assertEqual(10, ran.json['first_bad_sequence'])
        self.assertEqual('failed', ran.json['checks']['tree']['result'])
        with open(page, encoding='utf-8') as file:
            self.assertIn('NOT SOUND: 1 finding, first at entry 10', file.read())
        unwritten = self.audit('--html', self.path('no/such/folder'), folder=copy, code=UNSOUND)
        self.assertTrue(unwritten.out.startswith('NOT SOUND: 1 finding, '))
        visit = self.path('no-visit')
        unsaved = self.audit('--save-visit', visit, folder=copy, code=UNSOUND)
        self.assertIn(f'{visit} was not written: not all is well', unsaved.err)
        self.assertFalse(os.path.exists(visit))
        wrong = key.replace('lumbung/ledger', 'another/ledger')
        self.assertNotEqual(0, subprocess.run(
            [os.environ['LUMBUNG'], 'audit', '--data', copy, '--key', wrong],
            capture_output=True, timeout=60, check=False).returncode)

    def copy_with_damaged(self, part):
        """A copy of the data folder, in which RocksDB can't open this part."""
        copy = self.path('damaged-' + part)
        shutil.copytree(self.server.data, copy)
        folder = os.path.join(copy, part)
        manifest, = (name for name in os.listdir(folder) if name.startswith('MANIFEST'))
        os.truncate(os.path.join(folder, manifest), 10)
        return copy

    def test_no_visit_is_kept_of_a_ledger_that_cant_be_opened_and_that_is_said(self):
        self.sign()
        copy = self.copy_with_damaged('ledger')
        visit = self.path('visit-of-none')
        for folder, code in ((copy, UNSOUND), (self.path('nothing'), NOT_FOUND)):
            ran = self.audit('--save-visit', visit, folder=folder, code=code)
            self.assertIn(f'{visit} was not written: not all is well', ran.err)
            self.assertFalse(os.path.exists(visit))

    def test_damaged_derived_data_are_not_all_well(self):
        self.sign()
        copy = self.copy_with_damaged('derived')
        report = self.audit('--json', folder=copy, code=UNSOUND).json
        self.assertEqual('failed', report['checks']['state']['result'])
        self.assertEqual('not_read', report['checks']['daily_balances']['result'])
        self.assertFalse(report['complete'])

    def test_what_is_closed_to_the_auditor_is_not_all_well_and_no_visit_is_kept(self):
        self.sign()
        copy = self.path('closed')
        shutil.copytree(self.server.data, copy)
        kept, visit = self.path('kept-of-closed'), self.path('visit-of-closed')
        shutil.copy(os.path.join(copy, 'transparency', 'checkpoints'), kept)
        # Root reads what is closed, unless this is taken from it.
        without = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--']
        command = [*(without if os.geteuid() == 0 else []), os.environ['LUMBUNG'], 'audit',
                   '--data', copy, '--checkpoint', kept, '--save-visit', visit, '--json']
        for part, unread in (('transparency', {'checkpoints', 'tree'}),
                             ('transparency/checkpoints', {'checkpoints', 'tree'}),
                             ('transparency/tree/level-0', {'tree'}),
                             ('derived', {'state', 'daily_balances'}),
                             ('ledger', None)):
            path = os.path.join(copy, part)
            mode = os.stat(path).st_mode
            os.chmod(path, 0)
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            os.chmod(path, mode)
            self.assertEqual(FAILED, ran.returncode, ran)
            self.assertIn(f'{visit} was not written: not all is well', ran.stderr)
            self.assertFalse(os.path.exists(visit))
            if unread is None:
                self.assertIn('Permission denied', ran.stdout)
                continue
            report = json.loads(ran.stdout)
            self.assertEqual((True, False), (report['sound'], report['complete']))
            self.assertEqual(unread, {name for name, check in report['checks'].items()
                                      if check['result'] == 'not_read'})

    def test_a_ledger_cut_off_behind_the_audited_part_is_told(self):
        self.sign()
        copy = self.path('cut')
        shutil.copytree(self.server.data, copy)
        visit = self.path('cut-visit')
        self.audit('--save-visit', visit, folder=copy)
        with open(visit, encoding='ascii') as file:
            text = file.read()
        entries = json.loads(self.audit('--json', folder=copy).out)['ledger']['last_sequence']
        with open(visit, 'w', encoding='ascii') as file:
            file.write(text.replace(f'entries {entries}', f'entries {entries + 5}'))
        report = self.audit('--json', '--from-checkpoint', visit, folder=copy, code=UNSOUND).json
        # The log's own checkpoints agree, but its key could have signed them anew: of what the
        # auditor kept nothing does.
        finding = report['findings'][0]
        self.assertEqual((1, entries + 5), (finding['first_sequence'], finding['last_sequence']))
        self.assertIn('ends at entry', finding['reason'])


if __name__ == '__main__':
    unittest.main()
