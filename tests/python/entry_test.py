"""Each entry that the server sends says what the stored bytes say, field by field, as
storage/FORMAT.md describes them; and the status counts what there is."""

import struct
import time
import unittest

from client import (ACCEPTED, GROCERIES, RUPIAH, SALES, TILL, TILL_NUMBER, WALLET, ServerTestCase,
                    account, new_id)
from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import ledger_service_pb2 as ledger_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types

HEADER, ENTRY = 128, 128
BY_RULE, PART, CLEARING, FEE, CAUSE = 1, 2, 4, 8, 32
LEAST, MOST = -2**63, 2**63 - 1  # what stands for no limit


def attachment_fields(data):
    fields = {}
    while data:
        tag, length = data[0], data[1]
        fields[tag] = data[2:2 + length]
        data = data[2 + length:]
    return fields


def limits_of(data):
    names = ('floor', 'ceiling', 'per_transaction', 'per_day')
    return types.Limits(**{name: value for name, value in zip(names, struct.unpack('<4q', data))
                           if value not in (LEAST, MOST)})


def policy_of(data):
    vat, fee, mdr, _, free, transfer = struct.unpack('<HHHHqq', data)
    return types.Policy(vat_basis_points=vat, platform_fee_basis_points=fee, mdr_basis_points=mdr,
                        mdr_free_up_to=free, transfer_fee=transfer)


def entry_of(sequence, data, attachment):
    """What the API must make of 128 bytes."""
    (high, low, debit, credit, amount, debit_balance, credit_balance, debit_previous,
     credit_previous, timestamp, related, reference, device_time, branch, terminal, counter,
     operator, kind, outcome, flags, leg_index, leg_count, deadline, _, _) = struct.unpack(
         '<QQQQqqqQQqQQIHHIIHHHBBIHH', data)
    entry = types.Entry(
        sequence=sequence, step=kind >> 8, outcome=outcome, debit_account=debit,
        credit_account=credit, amount=amount, debit_balance=debit_balance,
        credit_balance=credit_balance, debit_previous=debit_previous,
        credit_previous=credit_previous, timestamp_ns=timestamp, related_sequence=related,
        reference=reference, leg_index=leg_index, leg_count=leg_count, deadline_s=deadline,
        by_rule=bool(flags & BY_RULE), fee=bool(flags & FEE), part=bool(flags & PART),
        clearing=bool(flags & CLEARING), cause=bool(flags & CAUSE))
    if high or low:
        entry.id.CopyFrom(types.Uuid(high=high, low=low))
    if kind >> 8 == types.STEP_FACT:
        entry.fact = kind & 0xFF
    else:
        entry.kind = kind & 0xFF
    if device_time or branch or terminal or counter or operator:
        entry.evidence.CopyFrom(types.Evidence(
            branch=branch, terminal=terminal, operator_id=operator, device_time_s=device_time,
            terminal_sequence=counter))
    fields = attachment_fields(attachment)
    entry.text = fields.get(1, b'').decode()
    entry.name = fields.get(3, b'').decode()
    if 2 in fields:
        related_high, related_low = struct.unpack('<QQ', fields[2])
        entry.related_id.CopyFrom(types.Uuid(high=related_high, low=related_low))
    if 4 in fields:
        entry.limits.CopyFrom(limits_of(fields[4]))
    if 7 in fields:
        entry.policy.CopyFrom(policy_of(fields[7]))
    if 8 in fields:
        entry.status = fields[8][0]
    return entry


def entries_of(block):
    first, count, _ = struct.unpack_from('<QII', block, 8)
    behind = HEADER + count * ENTRY
    for index in range(count):
        data = block[HEADER + index * ENTRY:HEADER + (index + 1) * ENTRY]
        length = struct.unpack_from('<H', data, 124)[0]
        yield entry_of(first + index, data, block[behind:behind + length])
        behind += length


class Entries(ServerTestCase):

    def submit(self, outcome, **fields):
        transaction = types.Transaction(id=new_id(), **fields)
        self.assertOutcome(outcome, self.client.payments.Submit(transaction))
        return transaction.id

    def play(self):
        """Something of every step, flag and fact."""
        client, village, other = self.client, self.COOPERATIVE, self.NEIGHBOUR
        member, neighbour = self.member_with(100_000), self.member_with(0, other)
        wallet, sales = account(village, WALLET, member), account(village, SALES, GROCERIES)
        client.admin.SetPolicy(admin_service.SetPolicyRequest(
            cooperative=village, policy=types.Policy(
                vat_basis_points=1_100, platform_fee_basis_points=20, mdr_basis_points=30,
                mdr_free_up_to=500_000 * RUPIAH, transfer_fee=250)))
        sale = {'debit_account': wallet, 'credit_account': sales, 'kind': types.KIND_PAYMENT}
        paid = self.submit(ACCEPTED, amount=11_100, by_rule=True, text='Bon 17', reference=17,
                           evidence=types.Evidence(branch=GROCERIES, terminal=TILL_NUMBER,
                                                   operator_id=5, device_time_s=1_700_000_000,
                                                   terminal_sequence=41), **sale)
        self.submit(ACCEPTED, step=types.STEP_REFUND, related_id=paid, amount=5_000)
        self.submit(ACCEPTED, step=types.STEP_REVERSE, related_id=self.submit(
            ACCEPTED, kind=types.KIND_TRANSFER, by_rule=True, debit_account=wallet, amount=700,
            credit_account=account(other, WALLET, neighbour)))
        for step in (types.STEP_CAPTURE, types.STEP_VOID, None):
            held = self.submit(ACCEPTED, step=types.STEP_HOLD, amount=900,
                               hold_seconds=600 if step else 1, **sale)
            if step:
                self.submit(ACCEPTED, step=step, related_id=held, text='ujung')
        self.submit(types.OUTCOME_INSUFFICIENT_FUNDS, amount=100, further_legs=[
            types.Leg(debit_account=wallet, credit_account=sales, amount=10**9)], **sale)
        client.payments.Resolve(payment_service.ResolveRequest(
            id=new_id(), fence=True, cooperative=village,
            evidence=types.Evidence(branch=GROCERIES, operator_id=6)))
        client.accounts.SetAccountLimits(account_service.SetAccountLimitsRequest(
            account=wallet, limits=types.Limits(floor=1, per_day=10**9)))
        for status in (types.ACCOUNT_STATUS_FROZEN, types.ACCOUNT_STATUS_OPEN):
            client.accounts.SetAccountStatus(account_service.SetAccountStatusRequest(
                account=wallet, status=status))

    def until_no_hold_is_open(self):
        deadline = time.monotonic() + 30
        while self.client.status().open_holds:
            self.assertLess(time.monotonic(), deadline, 'the hold does not expire')
            time.sleep(0.05)

    def test_an_entry_says_what_its_bytes_say(self):
        self.play()
        self.assertEqual(1, self.client.status().open_holds)
        self.until_no_hold_is_open()
        sent = self.client.entries()
        blocks = [block for reply in self.client.ledger.ReadBlocks(
            ledger_service.ReadBlocksRequest(up_to=len(sent))) for block in reply.blocks]
        stored = [entry for block in blocks for entry in entries_of(block)][:len(sent)]
        for mine, theirs in zip(stored, sent, strict=True):
            self.assertEqual(mine, theirs)
        # Nothing of it was left out above.
        self.assertEqual({1, 2, 3, 4, 5, 6, 7, 8, 16}, {entry.step for entry in sent})
        self.assertEqual(set(types.Fact.values()), {entry.fact for entry in sent})
        for field in ('by_rule', 'fee', 'part', 'clearing', 'cause', 'deadline_s', 'text', 'name',
                      'reference', 'related_sequence', 'status'):
            self.assertTrue(any(getattr(entry, field) for entry in sent), field)
        for field in ('related_id', 'limits', 'policy', 'evidence'):
            self.assertTrue(any(entry.HasField(field) for entry in sent), field)
        one = self.client.ledger.GetEntry(ledger_service.GetEntryRequest(sequence=len(sent)))
        self.assertEqual(sent[-1], one)

    def test_the_status_counts_what_there_is(self):
        before = self.client.status()
        self.client.accounts.OpenMembers(account_service.OpenMembersRequest(
            cooperative=self.COOPERATIVE, members=[8_001]))
        self.client.admin.OpenCooperative(admin_service.OpenCooperativeRequest(
            number=1_031, name='KDMP Baru'))
        for _ in range(3):
            self.client.deposit(self.COOPERATIVE, 8_001, 1)
        after = self.client.status()
        self.assertEqual(1, after.cooperatives - before.cooperatives)
        self.assertEqual(3, after.id_window_size - before.id_window_size)
        opened = [entry for entry in self.client.entries(before.last_sequence + 1)
                  if entry.fact == types.FACT_ACCOUNT_OPENED]
        self.assertEqual(len(opened), after.accounts - before.accounts)
        self.assertGreater(after.uptime_ns, before.uptime_ns)
        self.assertLess(after.uptime_ns, 600 * 10**9)
        self.assertGreater(after.disk_bytes, before.disk_bytes)
        self.assertLessEqual(after.checkpoint_sequence, after.last_sequence)
        till = self.client.balance(self.COOPERATIVE, TILL, TILL_NUMBER)
        self.assertEqual(till.last_timestamp_ns, after.last_timestamp_ns)
        self.assertEqual(till.last_sequence, after.last_sequence)


if __name__ == '__main__':
    unittest.main()
