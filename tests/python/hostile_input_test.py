"""Input at the edges of what the wire can carry: refused by name, and the state stays as it was."""

import unittest
import uuid

import grpc

from client import ACCEPTED, GROCERIES, SALES, WALLET, ServerTestCase, account, new_id, wire
from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types

INT64_MIN, INT64_MAX = -2**63, 2**63 - 1


class HostileInput(ServerTestCase):

    def assertInvalid(self, field, call, *arguments, **named):
        """INVALID_ARGUMENT that names the field, with the same state before and after."""
        before = self.client.status().state_hash
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **named)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code(),
                         caught.exception.details())
        self.assertIn(field, caught.exception.details())
        self.assertEqual(before, self.client.status().state_hash)

    def statement(self, member, **fields):
        return self.client.accounts.GetStatement(account_service.GetStatementRequest(
            account=account(self.COOPERATIVE, WALLET, member), **fields))

    def test_a_uuid7_so_far_in_the_future_that_its_time_wraps(self):
        member = self.member_with(10_000)
        for text in ('7fffffff-ffff-7fff-bfff-ffffffffffff',
                     'ffffffff-ffff-7fff-bfff-ffffffffffff',
                     '10c70000-0000-7fff-bfff-ffffffffffff',
                     '08640000-0000-7fff-bfff-ffffffffffff'):
            with self.subTest(text):
                self.assertRefused(types.OUTCOME_ID_FROM_THE_FUTURE, 'id', self.client.pay,
                                   self.COOPERATIVE, member, 1, wire(uuid.UUID(text)))
                self.assertRefused(types.OUTCOME_ID_FROM_THE_FUTURE, 'id', self.client.resolve,
                                   wire(uuid.UUID(text)), True)

    def test_an_original_whose_id_is_no_uuid(self):
        bad = wire(uuid.UUID('01234567-89ab-0def-8123-456789abcdef'))
        for field, call in (('hold_id', self.client.capture), ('original_id', self.client.refund),
                            ('original_id', self.client.reverse)):
            with self.subTest(field):
                self.assertRefused(types.OUTCOME_ID_MALFORMED, field, call, bad)

    def test_dates_and_moments_at_the_ends_of_time(self):
        member = self.member_with(10_000)
        wallet = (self.COOPERATIVE, WALLET, member)
        for date, balance in (('0000-01-01', 0), ('1677-01-01', 0), ('1969-12-31', 0),
                              ('2262-04-12', 10_000), ('2500-01-01', 10_000),
                              ('9999-12-31', 10_000)):
            with self.subTest(date):
                self.assertEqual(balance, self.client.balance_at(*wallet, business_date=date))
                trial = self.client.trial_balance(self.COOPERATIVE, date)
                self.assertEqual(balance > 0, trial.total_debit > 0)
        for moment, balance in ((INT64_MIN, 0), (-1, 0), (0, 0), (INT64_MAX, 10_000)):
            with self.subTest(moment):
                self.assertEqual(balance, self.client.balance_at(*wallet, timestamp_ns=moment))

    def test_statements_at_the_ends_of_time(self):
        member = self.member_with(10_000)
        self.assertEqual(2, len(self.statement(member, from_ns=INT64_MIN).lines))
        self.assertEqual(2, len(self.statement(member, to_ns=INT64_MAX).lines))
        self.assertEqual(0, len(self.statement(member, from_ns=INT64_MAX).lines))
        self.assertEqual(0, len(self.statement(member, from_ns=INT64_MIN, to_ns=INT64_MIN).lines))
        self.assertInvalid('from_ns', self.statement, member, to_ns=INT64_MIN)

    def test_a_page_of_a_statement_that_begins_elsewhere(self):
        member, other = self.member_with(10_000), self.member_with(10_000)
        declined = self.client.pay(self.COOPERATIVE, member, 99_000)
        self.assertOutcome(types.OUTCOME_INSUFFICIENT_FUNDS, declined)
        strange = self.client.balance(self.COOPERATIVE, WALLET, other).last_sequence
        for sequence in (1, strange, declined.sequence, 2**63, 2**64 - 1):
            with self.subTest(sequence):
                self.assertInvalid('newest_sequence', self.statement, member,
                                   newest_sequence=sequence)
        page = self.statement(member, page_size=1)
        rest = self.statement(member, page_size=1, newest_sequence=page.next_sequence)
        self.assertEqual([1, 1, 0], [len(page.lines), len(rest.lines), rest.next_sequence])

    def row(self, member, text='good'):
        """The bytes of a payment; a text of `evil` becomes one that is not UTF-8."""
        return types.Transaction(
            id=wire(uuid.uuid4()), kind=types.KIND_PAYMENT, amount=100, text=text,
            debit_account=account(self.COOPERATIVE, WALLET, member),
            credit_account=account(self.COOPERATIVE, SALES, GROCERIES),
        ).SerializeToString().replace(b'evil', b'\xff\xfe\xfd\xfc')

    def test_a_message_that_is_not_what_its_proto_says(self):
        member = self.member_with(10_000)
        for method, message in (('PaymentService/Submit', self.row(member, 'evil')),
                                ('PaymentService/Submit', b'\xff\xff\xff'),
                                ('PaymentService/SubmitBatch', b'\x0a\x7f'),
                                ('AccountService/GetBalance', b'\x09\x01'),
                                ('AdminService/OpenCooperative', b'\x12\x02\xff\xfe')):
            with self.subTest(method):
                call = self.server.channel.unary_unary(
                    f'/lumbung.v1.{method}', request_serializer=bytes, response_deserializer=bytes)
                self.assertInvalid('UTF-8', call, message)
        self.assertNotIn('protobuf', self.server.log_text(), 'a client could fill the disk')

    def test_rows_that_have_nothing_in_them(self):
        """They are refused one by one, and those between them are paid."""
        member = self.member_with(10_000)
        rows = []
        for text in ('first', 'last'):
            rows += [types.Transaction(), types.Transaction(id=new_id(), step=types.STEP_HOLD),
                     types.Transaction.FromString(self.row(member, text))]
        expected = [types.OUTCOME_ID_MISSING, types.OUTCOME_KIND_UNKNOWN, ACCEPTED] * 2
        results = self.client.payments.SubmitBatch(
            payment_service.SubmitBatchRequest(transactions=rows)).results
        self.assertEqual(expected, [result.outcome for result in results])
        results = self.client.payments.SubmitStream(iter(rows), timeout=30)
        self.assertEqual(expected, [result.outcome for result in results])

    def test_a_stream_does_not_end_well_with_a_message_unread(self):
        member = self.member_with(10_000)
        stream = self.server.channel.stream_stream(
            '/lumbung.v1.PaymentService/SubmitStream', request_serializer=bytes,
            response_deserializer=types.TransactionResult.FromString)
        for unread in (self.row(member, 'evil'), b'\xff\xff\xff'):
            for after in ([], [self.row(member)]):
                results = []
                with self.assertRaises(grpc.RpcError) as caught:
                    for result in stream(iter([self.row(member), unread, *after]), timeout=30):
                        results.append(result.outcome)
                self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
                self.assertIn('UTF-8', caught.exception.details())
                self.assertEqual([ACCEPTED], results)

    def test_a_limit_of_store_credit_below_zero(self):
        self.assertInvalid('store_credit_limit', self.client.accounts.OpenMembers,
                           account_service.OpenMembersRequest(
                               cooperative=self.COOPERATIVE, members=[7_001], store_credit=True,
                               store_credit_limit=-5))


if __name__ == '__main__':
    unittest.main()
