"""The books on the command line: from the server, from its folder while it runs, in each form."""

import csv
import datetime
import io
import os
import subprocess
import unittest

from lumbung import MALFORMED, NOT_FOUND, Lumbung
from server import Server

KINDS = ('journal', 'ledger', 'trial-balance', 'members', 'cash', 'daily-closing', 'balance-sheet',
         'result')
WIB = datetime.timezone(datetime.timedelta(hours=7))


class Report(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', 3)
        cls.lumbung.open_cooperative(1025, 'KDMP Trasan', 3)
        cls.lumbung.deposit('1024/1', '500.000')
        cls.lumbung('pay', '--member', '1024/1', '--branch', '2', '--amount', '125.000',
                    '--text', '=HYPERLINK("x")')
        cls.lumbung('transfer', '--from', '1024/1', '--to', '1025/3', '--amount', '75.000')
        cls.lumbung('hold', '--member', '1024/1', '--branch', '2', '--amount', '50.000', '--for',
                    '1h')

    def report(self, kind, *more, **how):
        return self.lumbung('report', kind, '--cooperative', '1024', *more, **how)

    def test_each_report_is_the_same_from_the_server_and_from_its_folder(self):
        for kind in KINDS:
            from_server = self.report(kind)
            from_folder = self.report(kind, '--data', self.server.data)
            self.assertEqual(from_server.out, from_folder.out)
            self.assertIn('1024 KDMP Bentangan', from_server.out)
            self.assertIn('[cocok] Mutasi debet = mutasi kredit: ', from_server.out)
            self.assertNotIn('TIDAK COCOK', from_server.out)

    def test_the_trial_balance_agrees_with_the_servers_own(self):
        served = self.lumbung.json('trial-balance', '1024')
        drawn = self.report('trial-balance', '--json').json
        lines = {int(row['code']): (row.get('closing_debit', 0), row.get('closing_credit', 0))
                 for row in drawn['sections'][0]['rows'] if row['row'] == 'line'}
        self.assertEqual({line['code']: (line['debit'], line['credit']) for line in served['lines']
                          if line['debit'] or line['credit']}, lines)
        self.assertTrue(drawn['controls_hold'])

    def test_a_card_of_a_member_has_each_entry_and_what_is_held_is_not_moved(self):
        card = self.report('members', '--member', '1', '--language', 'en').out
        self.assertIn('1024.2101.1 Voluntary savings, member 1', card)
        self.assertIn('300.000,00  Movement and closing balance', card)
        listed = self.report('members', '--language', 'en', '--json').json
        wallet = listed['sections'][0]['rows'][0]
        self.assertEqual((30_000_000, 5_000_000), (wallet['closing'], wallet['held']))

    def test_csv_can_be_read_back_and_has_no_formula(self):
        rows = list(csv.DictReader(io.StringIO(
            self.report('journal', '--format', 'csv', '--language', 'en').out, newline='')))
        lines = [row for row in rows if row['Row'] == 'line']
        self.assertEqual(sum(float(row['Debit'] or 0) for row in lines),
                         sum(float(row['Credit'] or 0) for row in lines))
        self.assertTrue(any('HYPERLINK' in row['Description'] for row in lines))
        for row in rows:
            for cell in row.values():
                self.assertNotIn(cell[:1], ('=', '+', '@'))

    def test_html_needs_nothing_from_elsewhere(self):
        page = self.report('daily-closing', '--format', 'html').out
        self.assertIn('<h1>Tutup harian</h1>', page)
        self.assertIn('size: A4', page)
        for word in ('http', '<script', 'src=', '@import'):
            self.assertNotIn(word, page)

    def test_days_are_those_of_the_cooperatives_zone(self):
        today = datetime.datetime.now(WIB).date()
        sheet = self.report('balance-sheet', '--date', 'today').out
        self.assertIn(f'Per {today.isoformat()} (WIB)', sheet)
        before = self.report('trial-balance', '--date', 'yesterday', '--json').json
        self.assertEqual(1, len(before['sections'][0]['rows']))
        self.assertEqual(f'{today.year}-01-01', self.report('result', '--json').json['from'])

    def test_what_can_not_be_meant_is_refused_by_name(self):
        for arguments, words in ((('cash', '--member', '3'), '--member'),
                                 (('journal', '--account', '2101'), '--account'),
                                 (('ledger', '--account', '2999'), '2999'),
                                 (('ledger', '--account', '1025.2101.3'), '1025.2101.3'),
                                 (('members', '--till', '7'), '--till'),
                                 (('balance-sheet', '--since', 'today'), '--date'),
                                 (('journal', '--date', '2026-11-23T07:30:00Z'), 'days'),
                                 (('journal', '--date', 'today', '--until', 'today'), '--date'),
                                 (('neraca',), 'balance-sheet'),
                                 (('journal', '--language', 'jv'), 'Indonesian'),
                                 (('journal', '--format', 'pdf'), 'html')):
            self.assertIn(words, self.report(*arguments, code=MALFORMED).err)

    def test_what_is_not_there_is_not_found(self):
        ran = self.lumbung('report', 'journal', '--cooperative', '4000', code=NOT_FOUND)
        self.assertIn('cooperative 4000 is not opened', ran.err)
        self.assertEqual('', ran.out)
        self.report('cash', '--till', '99', code=NOT_FOUND)
        self.report('journal', '--data', '/nowhere', code=NOT_FOUND)

    def test_a_report_that_can_not_be_written_fails(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            ran = subprocess.run(
                [os.environ['LUMBUNG'], '--server', self.server.address, 'report', 'journal',
                 '--cooperative', '1024'], stdout=full, stderr=subprocess.PIPE, text=True,
                timeout=60, check=False)
        self.assertEqual(1, ran.returncode, ran.stderr)
        self.assertIn("can't be written", ran.stderr)


if __name__ == '__main__':
    unittest.main()
