"""Transactions in their general form: one from options, many from a file, a stream or a batch."""

import json
import unittest
import uuid

from lumbung import CONFLICT, DECLINED, MALFORMED, OK, Lumbung
from server import Server


class Submit(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', 10)
        for member in range(1, 11):
            cls.lumbung.deposit(f'1024/{member}', '1.000.000')

    def payment(self, member, amount):
        return {'id': str(uuid.uuid4()), 'kind': 'PAYMENT',
                'debit_account': f'1024.2101.{member}', 'credit_account': '1024.4101.2',
                'amount': amount}

    def submit(self, transactions, *more, code=OK):
        text = ''.join(json.dumps(transaction) + '\n' for transaction in transactions)
        return self.lumbung('submit', '--file', '-', '--json', *more, code=code, text=text)

    def test_explicit_legs_are_posted_together(self):
        ran = self.lumbung('submit', '--kind', 'general', '--leg', '1024.1110.0:1024.2199.0:25.000',
                           '--leg', '1024.2199.0:1024.3201.0:5.000')
        self.assertEqual(2, ran.out.count('GENERAL'), ran)
        self.assertEqual(2_000_000, self.lumbung.balance('1024.2199.0'))

    def test_a_leg_that_can_not_be_read_is_refused(self):
        ran = self.lumbung('submit', '--kind', 'general', '--leg', '1024.1110.0:25.000',
                           code=MALFORMED)
        self.assertIn('DEBIT:CREDIT:AMOUNT', ran.err)

    def test_a_stream_answers_in_order_and_a_repeat_with_duplicates(self):
        rows = [self.payment(1, 100_000 + n) for n in range(300)]
        for duplicate in (False, True):
            results = self.submit(rows).lines
            self.assertEqual([row['id'] for row in rows], [result['id'] for result in results])
            self.assertEqual({('ACCEPTED', duplicate)},
                             {(result['outcome'], result['duplicate']) for result in results})
        self.assertEqual(100_000_000 - sum(row['amount'] for row in rows),
                         self.lumbung.balance('1024/1'))

    def test_batches_answer_in_order(self):
        rows = [self.payment(2, 1_000 + n) for n in range(25)]
        results = self.submit(rows, '--batch', '10').lines
        self.assertEqual([row['id'] for row in rows], [result['id'] for result in results])
        self.assertEqual(list(range(1, 26)), [result['line'] for result in results])

    def test_a_refused_line_names_its_field(self):
        for more in ((), ('--batch', '100')):
            bad = {**self.payment(4, 1_000), 'evidence': {'branch': 70_000}}
            text = ''.join(json.dumps(row) + '\n' for row in (self.payment(4, 0), bad))
            shown = self.lumbung('submit', '--file', '-', *more, code=MALFORMED, text=text).out
            self.assertIn('  amount: expected an amount above 0, found 0\n', shown)
            self.assertIn('  evidence.branch: expected a number from 0 to 65535, found 70000\n',
                          shown)

    def test_one_bad_transaction_fails_alone_and_gives_the_exit_code(self):
        for more in ((), ('--batch', '100')):
            rows = [self.payment(3, 1_000), self.payment(3, 0), self.payment(3, 900_000_000),
                    self.payment(3, 1_000)]
            results = self.submit(rows, *more, code=MALFORMED).lines
            self.assertEqual(['ACCEPTED', 'AMOUNT_NOT_POSITIVE', 'INSUFFICIENT_FUNDS', 'ACCEPTED'],
                             [result['outcome'] for result in results])
            self.submit(rows[2:], *more, code=DECLINED)
            rows[3]['amount'] += 1
            self.submit(rows[2:], *more, code=CONFLICT)

    def test_a_line_that_can_not_be_read_ends_the_submission_there(self):
        good = self.payment(4, 1_000)
        bad = {**self.payment(4, 1_000), 'ammount': 5}
        behind = self.payment(4, 1_000)
        for more in ((), ('--batch', '100')):
            ran = self.submit([good, bad, behind], *more, code=MALFORMED)
            self.assertEqual('ACCEPTED', ran.lines[0]['outcome'])
            self.assertIn('line 2', ran.lines[1]['error']['message'])
            self.assertIn('The lines before it were sent', ran.lines[1]['error']['next'])
            self.assertEqual(2, len(ran.lines))
        self.assertEqual(100_000_000 - 1_000, self.lumbung.balance('1024/4'))

    def test_a_transaction_that_is_far_too_large_ends_it_and_says_what_was_sent(self):
        for more in ((), ('--batch', '1')):
            good = self.payment(7, 1_000)
            leg = {'debit_account': '1024.2101.7', 'credit_account': '1024.4101.2', 'amount': 1}
            large = {**self.payment(7, 1_000), 'further_legs': [leg] * 300}
            ran = self.submit([good, large, self.payment(7, 1_000)], *more, code=MALFORMED)
            self.assertEqual('ACCEPTED', ran.lines[0]['outcome'])
            self.assertIn('answered up to line 1', ran.lines[1]['error']['message'])
            self.assertIn('What is answered above was recorded', ran.lines[1]['error']['next'])
        self.assertEqual(100_000_000 - 2_000, self.lumbung.balance('1024/7'))

    def test_a_hold_is_captured_in_its_general_form(self):
        hold = {**self.payment(5, 5_000_000), 'step': 'HOLD', 'hold_seconds': 900}
        capture = {'id': str(uuid.uuid4()), 'step': 'CAPTURE', 'related_id': hold['id'],
                   'amount': 3_000_000}
        self.submit([hold, capture])
        self.assertEqual(97_000_000, self.lumbung.balance('1024/5'))

    def test_a_table_ends_with_a_count(self):
        text = json.dumps(self.payment(6, 1_000)) + '\n' + json.dumps(self.payment(6, 0))
        ran = self.lumbung('submit', '--file', '-', code=MALFORMED, text=text)
        self.assertIn('2 answered, 1 ACCEPTED, 1 AMOUNT_NOT_POSITIVE', ran.out)


if __name__ == '__main__':
    unittest.main()
