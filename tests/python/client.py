"""A client of Lumbung made of nothing but the stubs, and the test case that gives it a server."""

import itertools
import secrets
import time
import unittest
import uuid

import grpc

from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import ledger_service_pb2 as ledger_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types
from lumbung.v1.account_service_pb2_grpc import AccountServiceStub
from lumbung.v1.admin_service_pb2_grpc import AdminServiceStub
from lumbung.v1.ledger_service_pb2_grpc import LedgerServiceStub
from lumbung.v1.payment_service_pb2_grpc import PaymentServiceStub

from server import Server

ACCEPTED = types.OUTCOME_ACCEPTED
RUPIAH = 100  # minor units

WALLET = 2101
POKOK = 3101
SALES = 4101
TILL = 1102
DUE_FROM = 1190
DUE_TO = 2190

OFFICE, GROCERIES = 1, 2  # branches
TILL_NUMBER = 7           # the terminal at the groceries


def uuid7(at_s=None):
    """A UUIDv7 of RFC 9562 with the time in milliseconds and the rest at random."""
    milliseconds = int((time.time() if at_s is None else at_s) * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 |
                     2 << 62 | secrets.randbits(62))


def wire(value):
    """A uuid.UUID as the message."""
    return types.Uuid(high=value.int >> 64, low=value.int & (2**64 - 1))


def new_id():
    return wire(uuid7())


def account(cooperative, code, holder=0):
    return cooperative << 40 | code << 26 | holder


class Client:
    """The services of one server, and the calls that tests make most."""

    def __init__(self, server):
        self.server = server
        self.payments = PaymentServiceStub(server.channel)
        self.accounts = AccountServiceStub(server.channel)
        self.ledger = LedgerServiceStub(server.channel)
        self.admin = AdminServiceStub(server.channel)

    def open_cooperative(self, number, members):
        """With an office, groceries, a till there, and members 1 to `members`."""
        self.admin.OpenCooperative(admin_service.OpenCooperativeRequest(
            number=number, name=f'KDMP Uji {number}', zone_minutes=420))
        for branch, name in ((OFFICE, 'Kantor'), (GROCERIES, 'Gerai Sembako')):
            self.admin.OpenBranch(admin_service.OpenBranchRequest(
                cooperative=number, number=branch, name=name))
        self.admin.OpenTerminal(admin_service.OpenTerminalRequest(
            cooperative=number, branch=GROCERIES, number=TILL_NUMBER, name='Kasir 1'))
        return self.accounts.OpenMembers(account_service.OpenMembersRequest(
            cooperative=number, members=range(1, members + 1), store_credit=True)).results

    def deposit(self, cooperative, member, amount, transaction=None):
        return self.payments.Deposit(payment_service.DepositRequest(
            id=transaction or new_id(),
            member=types.Member(cooperative=cooperative, number=member),
            savings=payment_service.SAVINGS_SUKARELA, terminal=TILL_NUMBER, amount=amount))

    def pay(self, cooperative, member, amount, transaction=None):
        return self.payments.Pay(payment_service.PayRequest(
            id=transaction or new_id(), tender=payment_service.TENDER_WALLET,
            cooperative=cooperative, branch=GROCERIES, member=member, amount=amount))

    def transfer(self, source, target, amount, transaction=None):
        """Source and target are pairs of cooperative and member."""
        return self.payments.Transfer(payment_service.TransferRequest(
            id=transaction or new_id(),
            source=types.Member(cooperative=source[0], number=source[1]),
            target=types.Member(cooperative=target[0], number=target[1]), amount=amount))

    def hold(self, cooperative, member, amount, seconds=600, transaction=None):
        return self.payments.Hold(payment_service.HoldRequest(
            id=transaction or new_id(),
            payer=types.Member(cooperative=cooperative, number=member),
            branch=GROCERIES, amount=amount, seconds=seconds))

    def capture(self, hold, amount=None, transaction=None):
        return self.payments.Capture(payment_service.CaptureRequest(
            id=transaction or new_id(), hold_id=hold, amount=amount))

    def refund(self, original, amount=None, transaction=None):
        return self.payments.Refund(payment_service.RefundRequest(
            id=transaction or new_id(), original_id=original, amount=amount))

    def reverse(self, original, transaction=None):
        return self.payments.Reverse(payment_service.ReverseRequest(
            id=transaction or new_id(), original_id=original))

    def resolve(self, transaction, fence=False):
        return self.payments.Resolve(payment_service.ResolveRequest(id=transaction, fence=fence))

    def balance(self, *parts):
        return self.accounts.GetBalance(
            account_service.GetBalanceRequest(account=account(*parts)))

    def balance_at(self, *parts, **at):
        return self.accounts.GetBalanceAt(
            account_service.GetBalanceAtRequest(account=account(*parts), **at)).balance

    def trial_balance(self, cooperative, business_date=''):
        return self.ledger.GetTrialBalance(ledger_service.GetTrialBalanceRequest(
            cooperative=cooperative, business_date=business_date))

    def status(self):
        return self.admin.GetStatus(admin_service.GetStatusRequest(state_hash=True))

    def entries(self, first=1, **options):
        replies = self.ledger.ReadEntries(
            ledger_service.ReadEntriesRequest(from_sequence=first, **options), timeout=30)
        return [entry for reply in replies for entry in reply.entries]


class ServerTestCase(unittest.TestCase):
    """Its tests share one server; each may ask for members with money of their own."""

    COOPERATIVE = 1024
    NEIGHBOUR = 1025
    MEMBERS = 60

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.client = Client(cls.server.start())
        for cooperative in (cls.COOPERATIVE, cls.NEIGHBOUR):
            results = cls.client.open_cooperative(cooperative, cls.MEMBERS)
            assert all(result.outcome == ACCEPTED for result in results), results
        cls._unused = itertools.count(1)

    def member_with(self, amount, cooperative=None):
        """The number of a member that no other test uses, with so much in the wallet."""
        member = next(self._unused)
        assert member <= self.MEMBERS, 'open more members'
        if amount:
            self.assertOutcome(ACCEPTED,
                               self.client.deposit(cooperative or self.COOPERATIVE, member, amount))
        return member

    def assertOutcome(self, outcome, result, duplicate=False):
        found = types.Outcome.Name(result.outcome)
        self.assertEqual(types.Outcome.Name(outcome), found, result.message)
        self.assertEqual(duplicate, result.duplicate)

    def assertBalanced(self, cooperative):
        trial = self.client.trial_balance(cooperative)
        self.assertEqual(trial.total_debit, trial.total_credit)
        self.assertEqual(trial.total_debit, sum(line.debit for line in trial.lines))
        self.assertEqual(trial.total_credit, sum(line.credit for line in trial.lines))
        return {line.code: line.debit - line.credit for line in trial.lines}

    def assertRefused(self, outcome, field, call, *arguments, **named):
        """The call fails as INVALID_ARGUMENT, names the field, and nothing is recorded."""
        before = self.client.status().last_sequence
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, **named)
        error = caught.exception
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, error.code(), error.details())
        trailer = dict(error.trailing_metadata())
        self.assertEqual(field, trailer.get('lumbung-field'), error.details())
        self.assertIn(field, error.details())
        self.assertEqual(types.Outcome.Name(outcome).removeprefix('OUTCOME_'),
                         trailer.get('lumbung-outcome', '').removeprefix('OUTCOME_'))
        self.assertEqual(before, self.client.status().last_sequence)
