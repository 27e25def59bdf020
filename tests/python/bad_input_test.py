"""What is malformed is refused by name, changes nothing and leaves its id free."""

import os
import threading
import time
import unittest
import uuid

import grpc

from client import (ACCEPTED, GROCERIES, RUPIAH, SALES, WALLET, ServerTestCase, account, new_id,
                    uuid7, wire)
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types


class BadInput(ServerTestCase):

    def leg(self, member, amount, code=SALES, holder=GROCERIES):
        return types.Leg(debit_account=account(self.COOPERATIVE, WALLET, member),
                         credit_account=account(self.COOPERATIVE, code, holder), amount=amount)

    def transaction(self, member, amount, transaction=None, **fields):
        """A payment with an explicit leg."""
        leg = self.leg(member, amount)
        values = {'kind': types.KIND_PAYMENT, 'debit_account': leg.debit_account,
                  'credit_account': leg.credit_account, 'amount': amount, **fields}
        return types.Transaction(id=transaction or new_id(), **values)

    def assertTransactionRefused(self, outcome, field, *arguments, **fields):
        transaction = self.transaction(*arguments, **fields)
        self.assertRefused(outcome, field, self.client.payments.Submit, transaction)

    def test_malformed_ids(self):
        pay = self.client.pay
        for outcome, value in (
                (types.OUTCOME_ID_MISSING, uuid.UUID(int=0)),
                (types.OUTCOME_ID_MALFORMED, uuid.UUID('01234567-89ab-7def-c123-456789abcdef')),
                (types.OUTCOME_ID_MALFORMED, uuid.UUID('01234567-89ab-0def-8123-456789abcdef')),
                (types.OUTCOME_ID_FROM_THE_FUTURE, uuid7(time.time() + 600))):
            with self.subTest(value):
                self.assertRefused(outcome, 'id', pay, self.COOPERATIVE, 1, RUPIAH, wire(value))
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.payments.Pay(payment_service.PayRequest(amount=1))
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())

    def test_any_version_of_uuid_is_welcome(self):
        member = self.member_with(10_000)
        for value in (uuid.uuid4(), uuid.uuid1(), uuid.uuid5(uuid.NAMESPACE_DNS, 'bill 7'),
                      uuid7(time.time() + 60), uuid7(1_600_000_000)):
            with self.subTest(value):
                self.assertOutcome(
                    ACCEPTED, self.client.pay(self.COOPERATIVE, member, 1_000, wire(value)))

    def test_amounts_that_are_none(self):
        member = self.member_with(10_000)
        for amount in (0, -1, -2**63):
            with self.subTest(amount):
                self.assertRefused(types.OUTCOME_AMOUNT_NOT_POSITIVE, 'amount',
                                   self.client.pay, self.COOPERATIVE, member, amount)

    def test_a_refused_id_stays_free(self):
        member, transaction = self.member_with(10_000), new_id()
        self.assertRefused(types.OUTCOME_AMOUNT_NOT_POSITIVE, 'amount',
                           self.client.pay, self.COOPERATIVE, member, 0, transaction)
        self.assertOutcome(ACCEPTED,
                           self.client.pay(self.COOPERATIVE, member, 1_000, transaction))

    def test_kinds_and_legs_that_are_none(self):
        member = self.member_with(10_000)
        self.assertTransactionRefused(types.OUTCOME_KIND_UNKNOWN, 'kind', member, 1, kind=0)
        self.assertTransactionRefused(types.OUTCOME_KIND_UNKNOWN, 'kind', member, 1, kind=99)
        self.assertTransactionRefused(types.OUTCOME_KIND_UNKNOWN, 'step', member, 1,
                                      step=types.STEP_EXPIRE)
        self.assertTransactionRefused(types.OUTCOME_TOO_MANY_LEGS, 'further_legs', member, 1,
                                      further_legs=[self.leg(member, 1)] * 64)
        self.assertTransactionRefused(types.OUTCOME_SAME_ACCOUNT, 'credit_account', member, 1,
                                      kind=types.KIND_GENERAL,
                                      credit_account=account(self.COOPERATIVE, WALLET, member))
        self.assertTransactionRefused(types.OUTCOME_ACCOUNT_MALFORMED, 'debit_account', member, 1,
                                      debit_account=account(self.COOPERATIVE, 9999, member))
        self.assertTransactionRefused(types.OUTCOME_COOPERATIVES_MIXED, 'credit_account', member,
                                      1, kind=types.KIND_GENERAL,
                                      credit_account=account(self.NEIGHBOUR, WALLET, member))
        self.assertTransactionRefused(types.OUTCOME_AMOUNT_NOT_POSITIVE, 'further_legs[1].amount',
                                      member, 1, further_legs=[self.leg(member, 1),
                                                               self.leg(member, -1)])

    def test_texts_and_holds_beyond_their_bounds(self):
        member = self.member_with(10_000)
        self.assertTransactionRefused(types.OUTCOME_TEXT_TOO_LONG, 'text', member, 1, text='x' * 65)
        for seconds in (0, 2_592_001):
            self.assertRefused(types.OUTCOME_HOLD_SECONDS_INVALID, 'seconds', self.client.hold,
                               self.COOPERATIVE, member, 1, seconds)
        transaction = new_id()
        self.assertRefused(types.OUTCOME_RELATED_IS_ITSELF, 'original_id', self.client.reverse,
                           transaction, transaction)
        self.assertRefused(types.OUTCOME_RELATED_MISSING, 'hold_id', self.client.capture, None, 1)

    def test_fields_that_mean_nothing_in_their_step(self):
        member, outcome = self.member_with(10_000), types.OUTCOME_FIELD_NOT_OF_STEP
        self.assertTransactionRefused(outcome, 'hold_seconds', member, 1, hold_seconds=60)
        self.assertTransactionRefused(outcome, 'related_id', member, 1, related_id=new_id())
        hold = new_id()
        self.assertOutcome(ACCEPTED, self.client.hold(self.COOPERATIVE, member, 1_000,
                                                      transaction=hold))
        for step in (types.STEP_VOID, types.STEP_REVERSE):
            self.assertRefused(outcome, 'amount', self.client.payments.Submit, types.Transaction(
                id=new_id(), step=step, related_id=hold, amount=500))
        self.assertRefused(outcome, 'cooperative', self.client.payments.Resolve,
                           payment_service.ResolveRequest(id=new_id(), cooperative=1024))
        self.assertOutcome(ACCEPTED, self.client.capture(hold))

    def test_an_overflow_is_a_decline(self):
        member = self.member_with(10_000)
        result = self.client.deposit(self.NEIGHBOUR, member, 2**63 - 1)
        self.assertGreaterEqual(result.outcome, 200)
        result = self.client.payments.Submit(types.Transaction(
            id=new_id(), kind=types.KIND_GENERAL, amount=2**63 - 1,
            debit_account=account(self.COOPERATIVE, 5901, 7),
            credit_account=account(self.COOPERATIVE, 2199)))
        again = self.client.payments.Submit(types.Transaction(
            id=new_id(), kind=types.KIND_GENERAL, amount=2**63 - 1,
            debit_account=account(self.COOPERATIVE, 5901, 7),
            credit_account=account(self.COOPERATIVE, 2199)))
        self.assertOutcome(ACCEPTED, result)
        self.assertOutcome(types.OUTCOME_OVERFLOW, again)

    def test_one_bad_row_fails_alone(self):
        member = self.member_with(10_000)
        rows = [self.transaction(member, 1_000), self.transaction(member, 0),
                self.transaction(member, 99_000), self.transaction(member, 2_000)]
        for duplicate in (False, True):
            reply = self.client.payments.SubmitBatch(
                payment_service.SubmitBatchRequest(transactions=rows))
            outcomes = [result.outcome for result in reply.results]
            self.assertEqual([ACCEPTED, types.OUTCOME_AMOUNT_NOT_POSITIVE,
                              types.OUTCOME_INSUFFICIENT_FUNDS, ACCEPTED], outcomes)
            self.assertEqual([duplicate, False, duplicate, duplicate],
                             [result.duplicate for result in reply.results])
            self.assertEqual('transactions[1].amount', reply.results[1].field)
            self.assertEqual(7_000, self.client.balance(self.COOPERATIVE, WALLET, member).balance)

    def test_a_full_batch_goes_through_and_one_more_does_not(self):
        member = self.member_with(8_190)
        batch = payment_service.SubmitBatchRequest(
            transactions=[self.transaction(member, 1) for _ in range(8_190)])
        results = self.client.payments.SubmitBatch(batch).results
        self.assertEqual({ACCEPTED}, {result.outcome for result in results})
        self.assertEqual(8_190, len({result.sequence for result in results}))
        batch.transactions.append(self.transaction(member, 1))
        for bad in (batch, payment_service.SubmitBatchRequest()):
            before = self.client.status().last_sequence
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.payments.SubmitBatch(bad)
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
            self.assertIn('transactions', caught.exception.details())
            self.assertIn('8190', caught.exception.details().replace(',', ''))
            self.assertEqual(before, self.client.status().last_sequence)

    def test_a_flood_of_tiny_rows_is_refused_before_it_takes_memory(self):
        before = self.server.memory_bytes()
        for method, rows, field in (('SubmitBatch', b'\x0a\x00' * (2 << 20), 'transactions'),
                                    ('SubmitBatch', b'\x0a\x80\x80\x80\x01' +
                                     b'\x3a\x00' * (1 << 20), 'transactions'),
                                    ('Submit', b'\x3a\x00' * (2 << 20), 'further_legs')):
            call = self.server.channel.unary_unary(
                f'/lumbung.v1.PaymentService/{method}', request_serializer=bytes,
                response_deserializer=bytes)
            with self.assertRaises(grpc.RpcError) as caught:
                call(rows)
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
            self.assertIn('256', caught.exception.details())
            trailer = dict(caught.exception.trailing_metadata())
            self.assertEqual(field, trailer.get('lumbung-field'))
        self.assertLess(self.server.memory_bytes() - before, 64 << 20)

    def test_a_stream_of_tiny_rows_is_refused_before_it_takes_memory(self):
        before = self.server.memory_bytes()
        stream = self.server.channel.stream_stream(
            '/lumbung.v1.PaymentService/SubmitStream', request_serializer=bytes,
            response_deserializer=types.TransactionResult.FromString)
        for row in (b'\x3a\x00' * (1 << 20), b'\x3a\x00' * 300,
                    b'\x12\x80\x80\x10' + b'x' * (256 << 10)):
            with self.assertRaises(grpc.RpcError) as caught:
                list(stream(iter([row] * 200), timeout=30))
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
            self.assertIn('at most 256 fields and 65536 bytes', caught.exception.details())
        legs = b'\x3a\x00' * 200
        results = list(stream(iter([legs] * 1000), timeout=60))
        self.assertEqual({types.OUTCOME_ID_MISSING}, {result.outcome for result in results})
        self.assertLess(self.server.memory_bytes() - before, 64 << 20)

    @unittest.skipIf(os.environ.get('LUMBUNG_SANITIZED'), 'a sanitizer keeps what was freed')
    def test_a_stream_gives_the_memory_of_large_transactions_back(self):
        """Each has 62 KiB that nobody knows, and is taken; what it came in is not kept."""
        member = self.member_with(10_000)
        stream = self.server.channel.stream_stream(
            '/lumbung.v1.PaymentService/SubmitStream', request_serializer=bytes,
            response_deserializer=types.TransactionResult.FromString)
        unknown = b'\xfa\x7f\x80\xf0\x03' + b'x' * 63488
        ended = threading.Event()
        self.addCleanup(ended.set)

        def rows():
            for _ in range(256):
                yield self.transaction(member, 1).SerializeToString() + unknown
            ended.wait(60)

        before = self.server.resident_bytes()
        for _ in range(10):
            results = stream(rows(), timeout=120)
            self.assertEqual([ACCEPTED] * 256, [next(results).outcome for _ in range(256)])
        # Kept, it would be some 300 MiB.
        self.assertLess(self.server.resident_bytes() - before, 128 << 20)

    def test_a_message_too_large_is_refused(self):
        batch = payment_service.SubmitBatchRequest(
            transactions=[types.Transaction(text='x' * (32 << 20))])
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.payments.SubmitBatch(batch)
        self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, caught.exception.code())

    def test_short_streams_end_at_once(self):
        member = self.member_with(10_000)
        for amounts in ([1, 0], [0, 1], [0], [1], [1, 1], [1, 0, 1, 0]) * 5:
            rows = [self.transaction(member, amount) for amount in amounts]
            began = time.monotonic()
            results = list(self.client.payments.SubmitStream(iter(rows), timeout=30))
            self.assertEqual(len(rows), len(results))
            self.assertLess(time.monotonic() - began, 5)

    def test_a_stream_answers_in_order(self):
        member = self.member_with(10_000)
        rows = [self.transaction(member, 1 if number % 7 else 0) for number in range(1_000)]
        results = list(self.client.payments.SubmitStream(iter(rows), timeout=30))
        self.assertEqual(1_000, len(results))
        for number, result in enumerate(results):
            expected = ACCEPTED if number % 7 else types.OUTCOME_AMOUNT_NOT_POSITIVE
            self.assertEqual(expected, result.outcome, number)
        sequences = [result.sequence for result in results if result.sequence]
        self.assertEqual(sorted(sequences), sequences)


if __name__ == '__main__':
    unittest.main()
