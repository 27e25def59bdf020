"""What the auditor reads: entries, statements, balances of the past, trial balances."""

import datetime
import hashlib
import queue
import struct
import threading
import unittest

import grpc

from client import (ACCEPTED, GROCERIES, RUPIAH, SALES, TILL_NUMBER, WALLET, ServerTestCase,
                    account, new_id)
from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import ledger_service_pb2 as ledger_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types
from server import SERVING

WIB = datetime.timezone(datetime.timedelta(hours=7))
LIST_SERVICES = b'\x3a\x00'  # a ServerReflectionRequest whose list_services is empty


class Ledger(ServerTestCase):

    def test_the_health_service_answers(self):
        self.assertEqual(SERVING, self.server.health())

    def test_the_reflection_service_names_the_services(self):
        call = self.server.channel.stream_stream(
            '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
            request_serializer=bytes, response_deserializer=bytes)
        named = b''.join(call(iter([LIST_SERVICES]), timeout=30))
        for service in ('lumbung.v1.PaymentService', 'lumbung.v1.AccountService',
                        'lumbung.v1.LedgerService', 'lumbung.v1.AdminService',
                        'lumbung.v1.PerformanceService', 'grpc.health.v1.Health'):
            self.assertIn(service.encode(), named)

    def test_entries_are_contiguous_and_carry_the_evidence(self):
        member = self.member_with(50_000)
        evidence = types.Evidence(branch=GROCERIES, terminal=TILL_NUMBER, operator_id=3,
                                  device_time_s=1_700_000_000, terminal_sequence=41)
        result = self.client.payments.Pay(payment_service.PayRequest(
            id=new_id(), tender=payment_service.TENDER_WALLET, cooperative=self.COOPERATIVE,
            branch=GROCERIES, member=member, amount=20_000, reference=77, text='Bon 77',
            evidence=evidence))
        entries = self.client.entries()
        self.assertEqual(list(range(1, len(entries) + 1)), [entry.sequence for entry in entries])
        entry = entries[result.sequence - 1]
        self.assertEqual(entry, self.client.ledger.GetEntry(
            ledger_service.GetEntryRequest(sequence=result.sequence)))
        self.assertEqual((types.STEP_POST, types.KIND_PAYMENT, ACCEPTED),
                         (entry.step, entry.kind, entry.outcome))
        self.assertEqual((77, 'Bon 77', evidence), (entry.reference, entry.text, entry.evidence))
        self.assertEqual(30_000, entry.debit_balance)
        self.assertEqual(account(self.COOPERATIVE, WALLET, member), entry.debit_account)
        self.assertEqual(result.timestamp_ns, entry.timestamp_ns)

    def test_a_missing_entry_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.ledger.GetEntry(ledger_service.GetEntryRequest(sequence=10**9))
        self.assertEqual(grpc.StatusCode.NOT_FOUND, caught.exception.code())

    def test_entries_can_be_filtered(self):
        member = self.member_with(50_000)
        wallet = account(self.COOPERATIVE, WALLET, member)
        self.client.pay(self.COOPERATIVE, member, 10_000)
        self.client.pay(self.COOPERATIVE, member, 99_000)
        found = self.client.entries(filter=ledger_service.EntryFilter(
            accounts=[wallet], kinds=[types.KIND_PAYMENT]))
        self.assertEqual([ACCEPTED, types.OUTCOME_INSUFFICIENT_FUNDS],
                         [entry.outcome for entry in found])
        declined = self.client.entries(filter=ledger_service.EntryFilter(
            accounts=[wallet], outcomes=[types.OUTCOME_INSUFFICIENT_FUNDS]))
        self.assertEqual(found[1:], declined)
        self.assertEqual(2, len(self.client.entries(limit=2)))

    def test_the_stored_blocks_come_byte_for_byte_as_a_chain(self):
        member = self.member_with(50_000)
        last = self.client.pay(self.COOPERATIVE, member, 10_000).sequence
        replies = list(self.client.ledger.ReadBlocks(ledger_service.ReadBlocksRequest()))
        next_sequence, previous = 1, bytes(32)
        for block in (block for reply in replies for block in reply.blocks):
            first, count = struct.unpack_from('<QI', block, 8)
            self.assertEqual((next_sequence, previous), (first, block[32:64]))
            previous = hashlib.sha256(block[:64] + block[96:]).digest()
            self.assertEqual(previous, block[64:96])
            next_sequence = first + count
        self.assertLess(last, next_sequence)
        self.assertEqual(next_sequence - 1, replies[0].durable_sequence)
        one = [block for reply in self.client.ledger.ReadBlocks(
            ledger_service.ReadBlocksRequest(from_sequence=last, up_to=last))
               for block in reply.blocks]
        self.assertEqual(1, len(one))
        first, count = struct.unpack_from('<QI', one[0], 8)
        self.assertTrue(first <= last < first + count)
        self.assertEqual([[]], [list(reply.blocks) for reply in self.client.ledger.ReadBlocks(
            ledger_service.ReadBlocksRequest(from_sequence=10**9))])
        with self.assertRaises(grpc.RpcError) as refused:
            list(self.client.ledger.ReadBlocks(
                ledger_service.ReadBlocksRequest(from_sequence=3, up_to=2)))
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, refused.exception.code())
        self.assertIn('from_sequence: expected at most up_to, 2, found 3',
                      refused.exception.details())

    def test_a_reader_follows_the_live_end(self):
        member = self.member_with(50_000)
        wallet = account(self.COOPERATIVE, WALLET, member)
        first = self.client.status().last_sequence + 1
        stream = self.client.ledger.ReadEntries(ledger_service.ReadEntriesRequest(
            from_sequence=first, follow=True,
            filter=ledger_service.EntryFilter(accounts=[wallet])))
        seen = queue.Queue()

        def read():
            try:
                for reply in stream:
                    for entry in reply.entries:
                        seen.put(entry.sequence)
            except grpc.RpcError as error:
                seen.put(error.code())

        reader = threading.Thread(target=read)
        reader.start()
        expected = [self.client.pay(self.COOPERATIVE, member, 1_000).sequence for _ in range(5)]
        self.assertEqual(expected, [seen.get(timeout=10) for _ in expected])
        stream.cancel()
        self.assertEqual(grpc.StatusCode.CANCELLED, seen.get(timeout=10))
        reader.join()

    def test_a_statement_adds_up(self):
        member = self.member_with(50_000)
        results = [self.client.pay(self.COOPERATIVE, member, amount) for amount in (1, 20, 300)]
        wallet = account(self.COOPERATIVE, WALLET, member)
        lines, newest = [], 0
        while True:
            page = self.client.accounts.GetStatement(account_service.GetStatementRequest(
                account=wallet, page_size=2, newest_sequence=newest))
            lines += page.lines
            newest = page.next_sequence
            if not newest:
                break
        self.assertEqual([49_679, 49_979, 49_999, 50_000], [line.balance for line in lines[:4]])
        self.assertEqual([-300, -20, -1, 50_000], [line.change for line in lines[:4]])
        self.assertEqual([True, True, True, False], [line.debit for line in lines[:4]])
        part = self.client.accounts.GetStatement(account_service.GetStatementRequest(
            account=wallet, from_ns=results[1].timestamp_ns, to_ns=results[2].timestamp_ns))
        self.assertEqual([results[1].sequence], [line.entry.sequence for line in part.lines])
        self.assertEqual((49_999, 49_979), (part.opening_balance, part.closing_balance))

    def test_a_statement_oldest_first_is_the_same_turned_round(self):
        member = self.member_with(50_000)
        results = [self.client.pay(self.COOPERATIVE, member, amount) for amount in (1, 20, 300)]
        wallet = account(self.COOPERATIVE, WALLET, member)

        def statement(**request):
            return self.client.accounts.GetStatement(
                account_service.GetStatementRequest(account=wallet, **request))
        newest = statement()
        lines, oldest = [], 0
        while True:
            page = statement(page_size=2, oldest_first=True, oldest_sequence=oldest)
            self.assertEqual((newest.opening_balance, newest.closing_balance),
                             (page.opening_balance, page.closing_balance))
            lines += page.lines
            oldest = page.next_sequence
            if not oldest:
                break
        self.assertEqual(list(newest.lines)[::-1], lines)
        part = statement(oldest_first=True, from_ns=results[1].timestamp_ns,
                         to_ns=results[2].timestamp_ns)
        self.assertEqual([results[1].sequence], [line.entry.sequence for line in part.lines])
        for request, field in (({'oldest_first': True, 'newest_sequence': 1}, 'newest_sequence'),
                               ({'oldest_sequence': 1}, 'oldest_sequence'),
                               ({'oldest_first': True, 'oldest_sequence': 10**9},
                                'oldest_sequence')):
            with self.assertRaises(grpc.RpcError) as caught:
                statement(**request)
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
            self.assertTrue(caught.exception.details().startswith(field),
                            caught.exception.details())

    def test_the_balance_at_an_earlier_moment(self):
        member = self.member_with(50_000)
        results = [self.client.pay(self.COOPERATIVE, member, 10_000) for _ in range(3)]
        for number, result in enumerate(results):
            for moment, balance in ((result.timestamp_ns - 1, 50_000 - 10_000 * number),
                                    (result.timestamp_ns, 40_000 - 10_000 * number)):
                self.assertEqual(balance, self.client.balance_at(
                    self.COOPERATIVE, WALLET, member, timestamp_ns=moment))
        self.assertEqual(0, self.client.balance_at(self.COOPERATIVE, WALLET, member,
                                                   timestamp_ns=1))
        today = datetime.datetime.now(WIB).date()
        yesterday = today - datetime.timedelta(days=1)
        for date, balance in ((yesterday, 0), (today, 20_000)):
            self.assertEqual(balance, self.client.balance_at(
                self.COOPERATIVE, WALLET, member, business_date=date.isoformat()))

    def test_a_trial_balance_lists_each_code(self):
        self.client.pay(self.COOPERATIVE, self.member_with(50_000), 10_000)
        trial = self.client.trial_balance(self.COOPERATIVE)
        self.assertEqual([line.code for line in trial.lines],
                         sorted(line.code for line in trial.lines))
        by_code = {line.code: line for line in trial.lines}
        self.assertEqual(self.MEMBERS, by_code[WALLET].accounts)
        self.assertGreaterEqual(by_code[SALES].credit, 10_000)
        self.assertBalanced(self.COOPERATIVE)

    def test_the_limits_of_an_account_hold(self):
        member = self.member_with(50_000)
        wallet = account(self.COOPERATIVE, WALLET, member)
        self.client.accounts.SetAccountLimits(account_service.SetAccountLimitsRequest(
            account=wallet, limits=types.Limits(floor=0, ceiling=60_000, per_transaction=5_000,
                                                per_day=8_000)))
        for amount, outcome in ((5_001, types.OUTCOME_TRANSACTION_LIMIT), (5_000, ACCEPTED),
                                (3_001, types.OUTCOME_DAILY_LIMIT), (3_000, ACCEPTED)):
            self.assertOutcome(outcome, self.client.pay(self.COOPERATIVE, member, amount))
        self.assertOutcome(types.OUTCOME_BALANCE_CEILING,
                           self.client.deposit(self.COOPERATIVE, member, 18_001 * RUPIAH))


if __name__ == '__main__':
    unittest.main()
