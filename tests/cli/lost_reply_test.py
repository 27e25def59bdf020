"""The reply is lost: what a cashier sees, and that what is printed then really helps."""

import json
import re
import shlex
import unittest
import uuid

from flaky_link import FlakyLink
from lumbung import DECLINED, NOT_TAKEN, OUTCOME_UNKNOWN, Lumbung
from server import Server


class LostReply(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', 10)
        cls.link = FlakyLink(cls.server.address)
        cls.addClassCleanup(cls.link.close)
        cls.flaky = Lumbung(cls.link)

    def pay(self, run, member, *more, code):
        return run('pay', '--member', member, '--branch', '2', '--amount', '25.000', *more,
                   code=code)

    def printed_resolve(self, text):
        """The printed command, but to the server itself: the cashier found a better link."""
        program, *arguments = shlex.split(re.search(r'lumbung --server .*$', text, re.M).group())
        self.assertEqual(('lumbung', self.link.address), (program, arguments[1]))
        arguments[1] = self.server.address
        return arguments

    def test_the_printed_command_tells_that_the_payment_happened(self):
        self.lumbung.deposit('1024/1', '100.000')
        lost = self.pay(self.flaky, '1024/1', code=OUTCOME_UNKNOWN)
        self.assertIn('the outcome is unknown', lost.err)
        resolved = self.lumbung(*self.printed_resolve(lost.err))
        self.assertTrue(resolved.out.startswith('ACCEPTED'), resolved)
        identity = lost.err.split()[1]
        self.assertEqual(identity, resolved.field('id'))
        again = self.pay(self.lumbung, '1024/1', '--id', identity, code=0)
        self.assertIn('duplicate', again.out)
        self.assertEqual(7_500_000, self.lumbung.balance('1024/1'))

    def test_the_printed_command_tells_that_the_payment_was_declined(self):
        lost = self.pay(self.flaky, '1024/2', '--json', code=OUTCOME_UNKNOWN)
        resolved = self.lumbung(*self.printed_resolve(lost.json['error']['next']), code=DECLINED)
        self.assertEqual('INSUFFICIENT_FUNDS', resolved.field('outcome'))

    def test_a_lost_answer_about_the_past_changes_nothing(self):
        self.assertIn('run the command again',
                      self.flaky('balance', '1024/1', code=NOT_TAKEN).err)

    def test_a_lost_answer_to_an_opening_may_be_repeated(self):
        lost = self.flaky('branch', 'open', '1024/3', '--name', 'Apotek', code=OUTCOME_UNKNOWN)
        self.assertIn('Run the same command again', lost.err)
        self.lumbung('branch', 'open', '1024/3', '--name', 'Apotek')

    def test_a_file_that_was_cut_off_can_be_sent_again(self):
        self.lumbung.deposit('1024/4', '100.000')
        rows = ''.join(json.dumps({
            'id': str(uuid.uuid4()), 'kind': 'PAYMENT', 'debit_account': '1024.2101.4',
            'credit_account': '1024.4101.2', 'amount': 1_000}) + '\n' for _ in range(20))
        for more in ((), ('--batch', '20')):
            lost = self.flaky('submit', '--file', '-', '--json', *more, code=OUTCOME_UNKNOWN,
                              text=rows)
            self.assertIn('same transactions again', lost.lines[-1]['error']['next'])
            results = self.lumbung('submit', '--file', '-', '--json', *more, text=rows).lines
            self.assertEqual({'ACCEPTED'}, {result['outcome'] for result in results})
        self.assertEqual(10_000_000 - 20 * 1_000, self.lumbung.balance('1024/4'))


if __name__ == '__main__':
    unittest.main()
