"""A day of the workload, read by programs that others wrote: hledger and beancount.

Every account of every cooperative must stand where the server says that it stands, after both
programs have added up the exported journals themselves.
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'python'))

from server import Server  # noqa: E402  (stands in the folder above)

COOPERATIVES = 2
TRANSACTIONS = 800
NAME = re.compile(r'.*:(\d{4})[^:]*(?::\w+[ -](\d+))?')


def run(*arguments, code=0, text=None):
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False,
                         input=text)
    # bean-query tells of an assertion that failed, and answers all the same.
    if ran.returncode != code or (code == 0 and ran.stderr):
        raise AssertionError(f'{arguments}: {ran.returncode}\n{ran.stdout}{ran.stderr}')
    return ran.stdout + ran.stderr


class BooksAgree(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.folder = tempfile.mkdtemp(dir=cls.server.folder)
        run(os.environ['LUMBUNG_DAY'], '--server', cls.server.address, '--record',
            os.path.join(cls.folder, 'record'), '--cooperatives', str(COOPERATIVES),
            '--transactions', str(TRANSACTIONS), '--seed', '20261125')
        cls.numbers = [cooperative['cooperative'] for cooperative in
                       json.loads(cls.lumbung('cooperative', 'list', '--json'))['cooperatives']]
        assert len(cls.numbers) == COOPERATIVES

    @classmethod
    def lumbung(cls, *arguments):
        return run(os.environ['LUMBUNG'], '--server', cls.server.address, *arguments)

    def journal(self, cooperative, form):
        path = os.path.join(self.folder, f'{cooperative}.{form}')
        self.lumbung('export', '--format', form, '--cooperative', str(cooperative), '--to', path)
        return path

    def accounts_of_the_server(self, cooperative):
        """{(code, holder): sen, debits positive} of what does not stand at 0."""
        accounts = {}
        for account in json.loads(self.lumbung('account', 'list', str(cooperative),
                                               '--json'))['accounts']:
            _, code, holder = account['account'].split('.')
            sign = -1 if account['normal_side'] == 'CREDIT' else 1
            if account['balance'] != 0:
                accounts[int(code), int(holder)] = sign * account['balance']
        return accounts

    def accounts_of(self, pairs):
        """The same from (name, amount in rupiah)."""
        accounts = {}
        for name, amount in pairs:
            code, holder = NAME.fullmatch(name).groups()
            sen = Decimal(amount) * 100
            self.assertEqual(sen, int(sen), name)
            if sen != 0:
                accounts[int(code), int(holder or 0)] = int(sen)
        return accounts

    def compare(self, cooperative, found):
        expected = self.accounts_of_the_server(cooperative)
        self.assertGreater(len(expected), 50)
        self.assertEqual(expected, found)
        codes = {}
        for (code, _), sen in found.items():
            codes[code] = codes.get(code, 0) + sen
        lines = json.loads(self.lumbung('trial-balance', str(cooperative), '--json'))['lines']
        self.assertEqual({line['code']: line['debit'] - line['credit'] for line in lines
                          if line['debit'] != line['credit']},
                         {code: sen for code, sen in codes.items() if sen != 0})

    def test_hledger_agrees_about_every_account(self):
        for cooperative in self.numbers:
            journal = self.journal(cooperative, 'hledger')
            run('hledger', '-f', journal, 'check', '--strict', 'ordereddates')
            balances = run('hledger', '-f', journal, 'balance', '--flat', '--no-total', '-O', 'csv')
            self.compare(cooperative, self.accounts_of(
                (row['account'], row['balance'].removeprefix('IDR '))
                for row in csv.DictReader(balances.splitlines())))

    def test_beancount_agrees_about_every_account(self):
        for cooperative in self.numbers:
            journal = self.journal(cooperative, 'beancount')
            # Not sum(position), whose display in beancount 2.3.5 ends at a billion.
            balances = run('bean-query', '--format', 'csv', journal,
                           'select account, sum(number) as amount group by account')
            self.compare(cooperative, self.accounts_of(
                (name.strip(), amount.strip() or '0')
                for name, amount in list(csv.reader(balances.splitlines()))[1:]))

    def test_a_journal_that_was_changed_is_noticed_by_both(self):
        for form, program, reason in (
                ('hledger', ('hledger', 'check', '-f'), 'balance assertion'),
                ('beancount', ('bean-check', '--no-cache'), 'Balance failed')):
            journal = os.path.join(self.folder, f'changed.{form}')
            self.lumbung('export', '--format', form, '--cooperative', str(self.numbers[0]), '--to',
                         journal)
            with open(journal, encoding='utf-8') as file:
                lines = file.read().split('\n')
            # Other sen on both sides of a transaction: it still adds up to 0.
            posting = re.compile(r' +\w.* -?\d+\.\d\d( IDR)?$')
            at = [i for i, line in enumerate(lines) if posting.match(line)]
            debit = at[len(at) // 2 // 2 * 2]
            for place in (debit, debit + 1):
                lines[place] = re.sub(r'(\d+)\.\d\d', r'\g<1>.77', lines[place])
            run(*program, journal)  # as it was exported
            with open(journal, 'w', encoding='utf-8') as file:
                file.write('\n'.join(lines))
            self.assertIn(reason, run(*program, journal, code=1))


if __name__ == '__main__':
    unittest.main(verbosity=2)
