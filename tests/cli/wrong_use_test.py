"""What people type wrongly: told by name, with exit code 2, and nothing is sent."""

import os
import subprocess
import unittest

from lumbung import DECLINED, FAILED, MALFORMED, OK, Lumbung
from server import Server

VILLAGE = 1024


class WrongUse(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server.start())
        cls.lumbung.open_cooperative(VILLAGE, 'KDMP Bentangan', 3)

    def assertWrong(self, said, *arguments):
        before = self.lumbung.json('status')['last_sequence']
        self.assertIn(said, self.lumbung(*arguments, code=MALFORMED).err)
        self.assertEqual(before, self.lumbung.json('status')['last_sequence'])

    def test_a_command_that_there_is_not_is_named(self):
        self.assertWrong("'balanec': expected a command", 'balanec', '1024/1')
        self.assertWrong("'opne': expected a command", 'cooperative', 'opne', '7')
        self.assertWrong('A subcommand is required', 'cooperative')

    def test_a_listing_of_nothing(self):
        self.assertWrong("--limit: '0': expected a whole number from 1", 'entries', '--limit', '0')
        self.assertWrong("--limit: '0': expected a whole number from 1", 'account', 'list', '1024',
                         '--limit', '0')
        self.assertWrong("--code: code '9999': expected one of the chart of accounts", 'account',
                         'list', '1024', '--code', '9999')

    def test_an_amount_beside_legs_that_have_their_own(self):
        self.assertWrong('--amount: expected none', 'submit', '--kind', 'general', '--leg',
                         '1024.1110.0:1024.2201.0:500', '--amount', '700')

    def test_evidence_of_another_cooperative(self):
        """Its numbers alone are sent, and would be taken for the payer's branch and terminal."""
        said = 'two cooperatives are named, 1024 and 1025'
        self.assertWrong(said, 'transfer', '--from', '1024/1', '--to', '1024/2', '--amount', '5',
                         '--branch', '1025/2')
        self.assertWrong(said, 'submit', '--kind', 'general', '--leg',
                         '1024.1110.0:1024.2201.0:500', '--terminal', '1025/7')
        unknown = '01935d1c-8a00-7000-8000-0123456789ab'
        for command in ('refund', 'reverse', 'capture', 'void'):
            self.assertWrong(said, command, unknown, '--branch', '1024/2', '--terminal', '1025/7')

    def test_output_that_can_t_be_written_is_told(self):
        """And a payment's is no failure: whoever repeats it under a new id pays twice."""
        for arguments in (('entries',), ('entries', '--json'), ('statement', '1024/1'),
                          ('balance', '1024/1'), ('trial-balance', '1024'), ('status',), ('id',),
                          ('account', 'list', '1024'), ('cooperative', 'list'), ('--help',)):
            self.assertEqual(FAILED, self.to_a_full_disk(*arguments), arguments)
        self.assertEqual(OK, self.to_a_full_disk('deposit', '--member', '1024/3', '--terminal', '7',
                                                 '--amount', '5'))
        self.assertEqual(500, self.lumbung.balance('1024/3'))
        for arguments in (('cooperative', 'policy', '1024', '--vat', '0%'),
                          ('account', 'freeze', '1024/3'), ('account', 'unfreeze', '1024/3')):
            self.assertEqual(OK, self.to_a_full_disk(*arguments), arguments)

    def to_a_full_disk(self, *arguments):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            return subprocess.run([os.environ['LUMBUNG'], *arguments], stdout=full,
                                  stderr=subprocess.DEVNULL, env=self.lumbung.environment,
                                  timeout=60, check=False).returncode

    def test_what_the_lines_of_a_file_say_themselves(self):
        for option, value in (('--text', 'x'), ('--operator', '3'), ('--terminal', '7'),
                              ('--hold-for', '15m'), ('--reference', '5'), ('--branch', '2')):
            self.assertWrong(f'{option} excludes --file', 'submit', '--file', '/dev/null', option,
                             value)

    def test_shares_that_are_not_the_whole(self):
        """The split that is copied from one cooperative to the next comes to 105 %."""
        def shares(*rates):
            return [part for rate, credit in zip(rates, ('3201', '2160', '2150'))
                    for part in ('--share', f'1024.3301.0:1024.{credit}.'
                                 f'{1 if credit == "2150" else 0}:{rate}')]
        declare = ('submit', '--kind', 'shu-declaration', '--amount', '1.000')
        self.assertWrong('--share: expected shares of 10000 basis points (100%) together, found '
                         '10500', *declare, *shares('40%', '25%', '40%'))
        self.assertWrong('found 9999', *declare, *shares('40%', '25%', '3499bp'))
        self.assertWrong('--share: expected at least 1 sen', 'submit', '--kind', 'shu-declaration',
                         '--amount', '0,01', *shares('40%', '25%', '35%'))
        self.assertWrong('--share requires --amount', 'submit', '--kind', 'shu-declaration',
                         *shares('40%', '25%', '35%'))
        done = self.lumbung.json(*declare, *shares('33,33%', '33,33%', '33,34%'))
        legs = [self.lumbung.json('entry', str(done['sequence'] + leg))['amount']
                for leg in range(3)]
        self.assertEqual([33_330, 33_330, 33_340], legs)

    def test_an_account_without_a_limit_shows_no_number_for_it(self):
        self.assertEqual('no limit', self.lumbung('balance', '1024.4101.2').field('available'))
        self.assertEqual('no limit',
                         self.lumbung('account', 'show', '1024.1101.0').field('available'))
        self.assertEqual('Rp0,00', self.lumbung('balance', '1024/1').field('available'))

    def test_a_fence_tells_who_asked_for_it_and_its_slip_has_no_accounts(self):
        lumbung = self.lumbung
        fenced = lumbung.new_id()
        for option in ('--branch', '--terminal', '--operator', '--terminal-sequence'):
            self.assertWrong(f'{option} requires --fence', 'resolve', fenced, option, '2')
        self.assertWrong('two cooperatives are named', 'resolve', fenced, '--fence',
                         '--cooperative', '1025', '--terminal', '1024/7')
        lumbung('resolve', fenced, '--fence', '--terminal', '1024/7', '--branch', '2',
                '--operator', '12', '--terminal-sequence', '34', code=DECLINED)
        sequence = lumbung.json('resolve', fenced, code=DECLINED)['result']['sequence']
        entry = lumbung.json('entry', str(sequence))
        self.assertEqual('1024.0.0', entry['debit_account'])
        self.assertEqual({'branch': 2, 'terminal': 7, 'operator_id': 12, 'terminal_sequence': 34},
                         {name: entry['evidence'][name] for name in
                          ('branch', 'terminal', 'operator_id', 'terminal_sequence')})
        slip = lumbung('receipt', fenced).out
        self.assertIn('FENCED', slip)
        for none in ('Dari', 'Ke ', 'Jumlah', '0.0'):
            self.assertNotIn(none, slip)


if __name__ == '__main__':
    unittest.main()
