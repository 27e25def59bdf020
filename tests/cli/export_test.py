"""The ledger as a file and back, and a cooperative's books, by the command line."""

import csv
import io
import json
import os
import subprocess
import unittest

from lumbung import DECLINED, FAILED, MALFORMED, NOT_FOUND, Lumbung
from server import Server


class Export(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan; "Maju", Bersama', 4)
        cls.lumbung.open_cooperative(1025, 'KDMP Teloyo', 2)
        cls.lumbung.deposit('1024/1', '1.000.000')
        cls.lumbung.deposit('1024/2', '500.000,50')
        cls.pay('1024/1', '25.000', '=HYPERLINK("http://x","beras")')
        cls.pay('1024/1', '12.500,25', 'beras, "5 kg"; \\ | minyak')
        cls.pay('1024/2', '9.000.000', 'terlalu banyak', code=DECLINED)
        paid = cls.pay('1024/2', '30.000', 'dikembalikan')
        cls.lumbung('refund', paid, '--amount', '10.000')
        held = cls.lumbung.new_id()
        cls.lumbung('hold', '--id', held, '--member', '1024/1', '--branch', '2', '--amount',
                    '50.000', '--for', '15m')
        cls.lumbung('capture', held, '--amount', '30.000')
        cls.lumbung('hold', '--member', '1024/2', '--branch', '2', '--amount', '7.000', '--for',
                    '1h')
        cls.lumbung('transfer', '--from', '1024/1', '--to', '1025/2', '--amount', '100.000')
        cls.middle = cls.lumbung('entries', '--json').lines[-1]['timestamp']
        cls.pay('1024/1', '1.000', 'sesudahnya;=1+1; -2;"@x;"+3;')
        cls.lumbung('transfer', '--from', '1025/2', '--to', '1024/2', '--amount', '40.000')
        cls.pay('1025/2', '1.000', '+1')
        cls.segment = cls.path('all.segment')
        cls.lumbung('export', '--to', cls.segment)

    @classmethod
    def pay(cls, member, amount, text, code=0):
        transaction = cls.lumbung.new_id()
        cls.lumbung('pay', '--id', transaction, '--member', member, '--branch', '2', '--amount',
                    amount, '--text', text, code=code)
        return transaction

    @classmethod
    def path(cls, name):
        return os.path.join(cls.server.folder, name)

    def book(self, form, *more):
        return self.lumbung('export', '--format', form, '--cooperative', '1024', *more).out

    def state_hash(self):
        return self.hash_of(self.lumbung)

    @staticmethod
    def hash_of(lumbung):
        return lumbung.json('status', '--state-hash')['state_hash']

    def hash_of_import(self, segment, folder):
        return self.lumbung.json('import', segment, '--data', self.path(folder))['state_hash']

    # --- the segment ---

    def test_an_exported_ledger_is_imported_with_the_same_state_hash(self):
        self.assertEqual(self.state_hash(), self.hash_of_import(self.segment, 'copy'))
        told = self.lumbung.json('export', '--data', self.path('copy'), '--to',
                                 self.path('again.segment'))
        self.assertIsNone(told['checkpoint'])  # the copy has no transparency log
        again = self.hash_of_import(self.path('again.segment'), 'copy-of-copy')
        self.assertEqual(self.state_hash(), again)

    def test_a_server_on_the_imported_folder_goes_on(self):
        other = Server()
        self.addCleanup(other.remove)
        self.lumbung('import', self.segment, '--data', other.data)
        run = Lumbung(other.start())
        self.assertEqual(self.state_hash(), self.hash_of(run))
        balance = run.balance('1024/1')
        run('pay', '--member', '1024/1', '--branch', '2', '--amount', '500')
        self.assertEqual(balance - 50_000, run.balance('1024/1'))
        last = json.loads(self.lumbung('entries', '--json').out.splitlines()[-1])['sequence']
        new = os.path.join(other.folder, 'new.segment')
        first = run.json('export', '--data', other.data, '--from', str(last + 1), '--to',
                         new)['first_sequence']
        self.assertEqual(last + 1, first)
        self.lumbung('import', self.segment, '--data', self.path('follower'))
        followed = self.lumbung.json('import', new, '--data', self.path('follower'))
        self.assertEqual(self.hash_of(run), followed['state_hash'])
        refused = self.lumbung('import', new, '--data', other.data, code=FAILED)
        self.assertIn('in use', refused.err)

    def test_the_same_ledger_is_read_from_wherever_it_is_kept(self):
        backup = self.path('backup')
        self.lumbung('backup', backup)
        hashes = set()
        for name, source in (('server', ()), ('data', ('--data', self.server.data)),
                             ('backup', ('--data', backup)), ('file', ('--file', self.segment))):
            told = self.lumbung.json('export', *source, '--to', self.path(f'from-{name}'))
            hashes.add((told['last_hash'], told['last_sequence']))
            self.assertIsNotNone(told['checkpoint'], name)
        self.assertEqual(1, len(hashes))

    def test_a_part_has_the_blocks_of_the_sequences_asked_for(self):
        told = self.lumbung.json('export', '--from', '20', '--up-to', '20', '--to',
                                 self.path('part'))
        self.assertLessEqual(told['first_sequence'], 20)
        self.assertGreaterEqual(told['last_sequence'], 20)
        part = ('--file', self.path('part'))
        if told['first_sequence'] > 1:
            self.lumbung('export', *part, '--from', '1', '--to', self.path('none'), code=MALFORMED)
            for whole in (('export', '--format', 'csv', '--cooperative', '1024'),
                          ('report', 'journal', '--cooperative', '1024'), ('audit',)):
                self.assertIn('from its first entry on',
                              self.lumbung(*whole, *part, code=MALFORMED).err)
        self.lumbung('export', '--from', '1000000', '--to', self.path('none'), code=NOT_FOUND)
        self.lumbung('export', '--up-to', '1000000', '--to', self.path('none'), code=NOT_FOUND)
        self.assertFalse(os.path.exists(self.path('none')))

    def test_a_file_that_is_there_is_never_overwritten(self):
        with open(self.segment, 'rb') as file:
            before = file.read()
        for form in ((), ('--format', 'csv', '--cooperative', '1024')):
            refused = self.lumbung('export', *form, '--to', self.segment, code=FAILED)
            self.assertIn('is there already', refused.err)
        with open(self.segment, 'rb') as file:
            self.assertEqual(before, file.read())

    def test_a_damaged_file_is_named_with_the_byte(self):
        with open(self.segment, 'rb') as file:
            good = file.read()
        damaged = self.path('damaged')
        for place in (3, 20, 300, len(good) // 2, len(good) - 140, len(good) - 100, len(good) - 5):
            with open(damaged, 'wb') as file:
                file.write(good[:place] + bytes([good[place] ^ 4]) + good[place + 1:])
            ran = self.lumbung('import', damaged, '--data', self.path('never'), code=FAILED)
            self.assertRegex(ran.err, r'Damaged: .*damaged, byte \d+: ', place)
        for content in (good[:-1], good + b'\0', b'', good[:90]):
            with open(damaged, 'wb') as file:
                file.write(content)
            self.lumbung('import', damaged, '--data', self.path('never'), code=FAILED)
            self.lumbung('export', '--file', damaged, '--to', self.path('none'), code=FAILED)
        self.assertFalse(os.path.exists(self.path('never')))
        self.assertFalse(os.path.exists(self.path('none')))

    def test_an_import_that_was_cut_short_is_not_served(self):
        other = Server()
        self.addCleanup(other.remove)
        os.makedirs(other.data)
        with open(os.path.join(other.data, 'import-unfinished'), 'w', encoding='ascii') as file:
            file.write('killed')
        with self.assertRaisesRegex(AssertionError, 'run lumbung import again'):
            other.start()
        self.assertTrue(self.lumbung.json('import', self.segment, '--data',
                                          other.data)['resumed'])
        other.start()

    def test_options_that_do_not_belong_together_are_refused(self):
        for arguments in ((), ('--format', 'csv'), ('--to', 'x', '--cooperative', '1024'),
                          ('--to', 'x', '--from', '9', '--up-to', '8'), ('--format', 'xml'),
                          ('--format', 'csv', '--cooperative', '1024', '--from', '1'),
                          ('--to', 'x', '--data', 'a', '--file', 'b'),
                          *(('--format', form, '--cooperative', '1024', '--since', '2026-11-28',
                             '--until', '2026-11-20')
                            for form in ('csv', 'jsonl', 'hledger', 'beancount'))):
            self.lumbung('export', *arguments, code=MALFORMED)
        for source in (('--data', self.path('no-folder')), ('--file', self.path('no-file'))):
            self.lumbung('export', '--to', self.path('none'), *source, code=NOT_FOUND)
        unknown = self.lumbung('export', '--format', 'csv', '--cooperative', '7', code=NOT_FOUND)
        self.assertIn('cooperative 7 is not in this ledger', unknown.err)

    # --- books ---

    def test_json_lines_are_those_of_entries(self):
        entries = self.lumbung('entries', '--cooperative', '1024', '--json').out
        self.assertEqual(entries, self.book('jsonl'))
        self.assertEqual(entries, self.book('jsonl', '--data', self.server.data))

    def test_csv_has_every_entry_and_no_formula(self):
        rows = list(csv.DictReader(io.StringIO(self.book('csv', '--language', 'en'), newline='')))
        entries = self.lumbung('entries', '--cooperative', '1024', '--json').lines
        self.assertEqual([entry['sequence'] for entry in entries],
                         [int(row['sequence']) for row in rows])
        texts = [row['text'] for row in rows]
        self.assertIn('\'=HYPERLINK("http://x","beras")', texts)
        self.assertIn('beras, "5 kg"; \\ | minyak', texts)
        other = self.lumbung('export', '--format', 'csv', '--cooperative', '1025').out
        self.assertIn("'+1", [row['text'] for row in csv.DictReader(io.StringIO(other))])
        outcomes = {row['outcome']: row['moves_money'] for row in rows if row['step'] == 'POST'}
        self.assertEqual({'ACCEPTED': 'yes', 'INSUFFICIENT_FUNDS': 'no'}, outcomes)
        cents = [row for row in rows if row['amount'] == '12500.25']
        self.assertEqual([('1024.2101.1', 'Voluntary savings', 'IDR')],
                         [(row['debit_account'], row['debit_name'], row['currency'])
                          for row in cents])
        self.assertIn('\r\n', subprocess.run(
            [os.environ['LUMBUNG'], 'export', '--format', 'csv', '--cooperative', '1024'],
            env=self.lumbung.environment, capture_output=True, check=True).stdout.decode())

    def test_csv_has_no_formula_where_a_semicolon_separates_cells(self):
        read = csv.reader(io.StringIO(self.book('csv'), newline=''), delimiter=';')
        cells = [cell for row in read for cell in row]
        for cell in cells:
            self.assertNotIn(cell.lstrip(' "')[:1] or ' ', '=+-@', cell)
        self.assertIn("'=1+1", cells)

    def test_names_are_in_the_language_asked_for(self):
        for language in ((), ('--language', 'id')):
            self.assertIn('Liabilitas:2101 Simpanan sukarela:anggota 1',
                          self.book('hledger', *language))
            self.assertIn('Liabilitas:2101-Simpanan-sukarela:Anggota-1',
                          self.book('beancount', *language))
        self.assertIn('Liabilities:2101 Voluntary savings:member 1',
                      self.book('hledger', '--language', 'en'))

    def test_kinds_are_called_as_in_reports(self):
        for language in ('id', 'en'):
            rows = csv.DictReader(io.StringIO(self.book('csv', '--language', language)))
            exported = {int(row['sequence']): row['description'] for row in rows
                        if row['moves_money'] == 'yes'}
            journal = self.lumbung('report', 'journal', '--cooperative', '1024', '--json',
                                   '--language', language).json
            reported = {row['sequence']: row['description']
                        for row in journal['sections'][0]['rows'] if row['row'] == 'line'}
            self.assertGreater(len(reported), 6)
            for sequence, description in reported.items():
                self.assertTrue(exported[sequence])
                self.assertTrue(description.startswith(exported[sequence]), description)

    def test_a_period_begins_with_the_balances_of_before(self):
        journal = self.book('hledger', '--since', self.middle)
        self.assertIn('Saldo awal', journal)
        self.assertIn('sesudahnya', journal)
        self.assertNotIn('dikembalikan', journal)
        early = self.book('hledger', '--until', self.middle)
        self.assertNotIn('Saldo awal', early)
        self.assertNotIn('sesudahnya', early)
        for journal in (journal, early):
            read = subprocess.run(['hledger', '-f', '-', 'check', '--strict'], input=journal,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(0, read.returncode, read.stderr)


if __name__ == '__main__':
    unittest.main()
