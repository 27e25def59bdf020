"""What an operator or a back end gets wrong about accounts and the organisation: told by the field,
and nothing is changed."""

import os
import unittest

import grpc

from client import (ACCEPTED, GROCERIES, SALES, TILL_NUMBER, WALLET, ServerTestCase, account,
                    new_id)
from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import performance_service_pb2 as performance_service
from lumbung.v1 import types_pb2 as types
from lumbung.v1.performance_service_pb2_grpc import PerformanceServiceStub

STORE_CREDIT = 1140
NOWHERE = 4711  # a cooperative that is not open
LONG = '9' * 65_536


class AdministrativeInput(ServerTestCase):

    def assertTold(self, code, field, call, message):
        """The call ends with the code, its words begin with the field, and nothing is recorded."""
        before = self.client.status()
        with self.assertRaises(grpc.RpcError) as caught:
            call(message)
        error = caught.exception
        self.assertEqual(code, error.code(), error.details())
        self.assertTrue(error.details().startswith(f'{field}: '), error.details())
        after = self.client.status()
        self.assertEqual(before.last_sequence, after.last_sequence)
        self.assertEqual(before.state_hash, after.state_hash)
        return dict(error.trailing_metadata())

    def wallet(self, member):
        return account(self.COOPERATIVE, WALLET, member)

    def test_a_text_too_long_to_be_repeated_is_refused_and_not_taken_for_a_full_server(self):
        wallet = self.wallet(1)
        accounts, admin = self.client.accounts, self.client.admin
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        self.assertTold(invalid, 'business_date', accounts.GetBalanceAt,
                        account_service.GetBalanceAtRequest(account=wallet, business_date=LONG))
        self.assertTold(invalid, 'business_date', lambda date: self.client.trial_balance(
            self.COOPERATIVE, date), LONG)
        for folder in (LONG, '/' + LONG, os.path.join(self.server.folder, 'é' * 32_768)):
            self.assertTold(invalid, 'folder', admin.Backup,
                            admin_service.BackupRequest(folder=folder))

    def test_a_backup_among_the_servers_own_files(self):
        link = os.path.join(self.server.folder, 'link')
        os.symlink(os.path.join(self.server.data, 'ledger'), link)
        for folder in ('ledger/copy', 'derived/copy', 'transparency/copy', 'derived/',
                       'ledger/../ledger/copy', '../link/copy'):
            wanted = os.path.join(self.server.data, folder)
            with self.subTest(folder):
                self.assertTold(grpc.StatusCode.INVALID_ARGUMENT, 'folder',
                                self.client.admin.Backup,
                                admin_service.BackupRequest(folder=wanted))
                self.assertFalse(os.path.exists(os.path.join(self.server.data, 'ledger/copy')))
        beside = os.path.join(self.server.data, 'ledger-copy')
        self.client.admin.Backup(admin_service.BackupRequest(folder=beside))
        self.assertTrue(os.path.isdir(os.path.join(beside, 'ledger')))

    def test_a_status_or_limits_that_were_forgotten_change_no_account(self):
        wallet = self.wallet(self.member_with(10_000))
        accounts = self.client.accounts
        status = account_service.SetAccountStatusRequest(
            account=wallet, status=types.ACCOUNT_STATUS_FROZEN)
        accounts.SetAccountStatus(status)
        self.assertRefused(types.OUTCOME_SETTING_INVALID, 'status', accounts.SetAccountStatus,
                           account_service.SetAccountStatusRequest(account=wallet))
        self.assertRefused(types.OUTCOME_SETTING_INVALID, 'limits', accounts.SetAccountLimits,
                           account_service.SetAccountLimitsRequest(account=wallet))
        status.status = types.ACCOUNT_STATUS_OPEN
        self.assertEqual(types.ACCOUNT_STATUS_OPEN, accounts.SetAccountStatus(status).status)
        unlimited = accounts.SetAccountLimits(account_service.SetAccountLimitsRequest(
            account=wallet, limits=types.Limits()))
        self.assertFalse(unlimited.limits.HasField('floor'))

    def test_a_limit_of_store_credit_for_members_who_get_none(self):
        members = account_service.OpenMembersRequest(
            cooperative=self.COOPERATIVE, members=[7_002], store_credit_limit=500)
        self.assertTold(grpc.StatusCode.INVALID_ARGUMENT, 'store_credit_limit',
                        self.client.accounts.OpenMembers, members)
        members.store_credit = True
        result = self.client.accounts.OpenMembers(members).results[0]
        self.assertEqual(ACCEPTED, result.outcome)
        self.assertEqual(500, self.client.balance(self.COOPERATIVE, STORE_CREDIT, 7_002).available)

    def test_each_command_about_what_is_not_there_names_its_field(self):
        admin, accounts = self.client.admin, self.client.accounts
        unknown = account(self.COOPERATIVE, WALLET, 9_999)
        for field, outcome, call, message in (
                ('cooperative', 'COOPERATIVE_UNKNOWN', admin.OpenBranch,
                 admin_service.OpenBranchRequest(cooperative=NOWHERE, number=1, name='Kantor')),
                ('cooperative', 'COOPERATIVE_UNKNOWN', admin.OpenTerminal,
                 admin_service.OpenTerminalRequest(cooperative=NOWHERE, branch=1, number=1)),
                ('cooperative', 'COOPERATIVE_UNKNOWN', admin.SetPolicy,
                 admin_service.SetPolicyRequest(cooperative=NOWHERE, policy=types.Policy())),
                ('branch', 'BRANCH_UNKNOWN', admin.OpenTerminal,
                 admin_service.OpenTerminalRequest(cooperative=self.COOPERATIVE, branch=99,
                                                   number=8)),
                ('account', 'COOPERATIVE_UNKNOWN', accounts.SetAccountStatus,
                 account_service.SetAccountStatusRequest(account=account(NOWHERE, WALLET, 1),
                                                         status=types.ACCOUNT_STATUS_FROZEN)),
                ('account', 'DEBIT_ACCOUNT_UNKNOWN', accounts.SetAccountLimits,
                 account_service.SetAccountLimitsRequest(account=unknown, limits=types.Limits())),
                ('account', None, accounts.GetAccount,
                 account_service.GetAccountRequest(account=unknown)),
                ('account', None, accounts.GetBalance,
                 account_service.GetBalanceRequest(account=0)),
                ('account', None, accounts.GetBalanceAt,
                 account_service.GetBalanceAtRequest(account=unknown, timestamp_ns=1)),
                ('account', None, accounts.GetStatement,
                 account_service.GetStatementRequest(account=unknown))):
            with self.subTest(type(message).__name__, field=field):
                trailer = self.assertTold(grpc.StatusCode.NOT_FOUND, field, call, message)
                self.assertEqual(field, trailer['lumbung-field'])
                self.assertEqual(outcome, trailer.get('lumbung-outcome'))

    def test_what_the_books_do_not_allow_names_its_field(self):
        accounts = self.client.accounts
        full, empty = self.wallet(self.member_with(10_000)), self.wallet(self.member_with(0))
        close = account_service.SetAccountStatusRequest(
            account=full, status=types.ACCOUNT_STATUS_CLOSED)
        refused = grpc.StatusCode.FAILED_PRECONDITION
        trailer = self.assertTold(refused, 'account', accounts.SetAccountStatus, close)
        self.assertEqual('ACCOUNT_NOT_EMPTY', trailer['lumbung-outcome'])
        close.account = empty
        accounts.SetAccountStatus(close)
        close.status = types.ACCOUNT_STATUS_OPEN
        trailer = self.assertTold(refused, 'account', accounts.SetAccountStatus, close)
        self.assertEqual('DEBIT_ACCOUNT_CLOSED', trailer['lumbung-outcome'])
        again = self.client.admin.OpenTerminal
        trailer = self.assertTold(grpc.StatusCode.ALREADY_EXISTS, 'number', again,
                                  admin_service.OpenTerminalRequest(
                                      cooperative=self.COOPERATIVE, branch=GROCERIES,
                                      number=TILL_NUMBER, name='Kasir lain'))
        self.assertEqual('ID_CONFLICT', trailer['lumbung-outcome'])

    def test_a_trial_balance_whose_total_needs_more_than_64_bits_says_so(self):
        cooperative = 1_030
        self.client.open_cooperative(cooperative, 1)
        for debit, credit in ((1190, 2190), (5902, 2199)):
            self.assertOutcome(ACCEPTED, self.client.payments.Submit(types.Transaction(
                id=new_id(), kind=types.KIND_GENERAL, amount=2**63 - 1,
                debit_account=account(cooperative, debit),
                credit_account=account(cooperative, credit))))
        for date in ('', '9999-12-31'):
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.trial_balance(cooperative, date)
            self.assertEqual(grpc.StatusCode.OUT_OF_RANGE, caught.exception.code())
            self.assertIn('64 bits', caught.exception.details())

    def test_what_is_not_served_yet_says_so(self):
        admin = self.client.admin
        performance = PerformanceServiceStub(self.server.channel)
        figures = performance_service.GetFiguresRequest()
        for call in (lambda: admin.IssueKey(admin_service.IssueKeyRequest()),
                     lambda: admin.RevokeKey(admin_service.RevokeKeyRequest()),
                     lambda: performance.GetFigures(figures),
                     lambda: list(performance.WatchFigures(figures))):
            with self.assertRaises(grpc.RpcError) as caught:
                call()
            self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, caught.exception.code())
            self.assertIn('not served yet', caught.exception.details())

    def test_too_many_legs_are_counted(self):
        leg = types.Leg(debit_account=self.wallet(1), amount=1,
                        credit_account=account(self.COOPERATIVE, SALES, GROCERIES))
        transaction = types.Transaction(
            id=new_id(), kind=types.KIND_PAYMENT, debit_account=leg.debit_account,
            credit_account=leg.credit_account, amount=1, further_legs=[leg] * 200)
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.payments.Submit(transaction)
        self.assertEqual('further_legs: expected at most 64 legs, found 201',
                         caught.exception.details())
        result = self.client.payments.SubmitBatch(payment_service.SubmitBatchRequest(
            transactions=[transaction])).results[0]
        self.assertOutcome(types.OUTCOME_TOO_MANY_LEGS, result)
        self.assertEqual('expected at most 64 legs, found 201', result.message)
        transaction.by_rule = True
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.payments.Submit(transaction)
        self.assertEqual('further_legs: expected at most 1 leg by rule, found 201',
                         caught.exception.details())

    def test_what_is_available_of_store_credit_can_be_spent_and_no_more(self):
        member = self.member_with(0)
        credit = account(self.COOPERATIVE, STORE_CREDIT, member)

        def buy(amount, **fields):
            return self.client.payments.Submit(types.Transaction(
                id=new_id(), kind=types.KIND_STORE_CREDIT_SALE, debit_account=credit,
                credit_account=account(self.COOPERATIVE, SALES, GROCERIES), amount=amount,
                **fields))

        self.assertOutcome(ACCEPTED, buy(30_000))
        self.assertOutcome(ACCEPTED, buy(50_000, step=types.STEP_HOLD, hold_seconds=600))
        left = self.client.balance(self.COOPERATIVE, STORE_CREDIT, member).available
        self.assertOutcome(types.OUTCOME_BALANCE_CEILING, buy(left + 1))
        self.assertOutcome(ACCEPTED, buy(left))


if __name__ == '__main__':
    unittest.main()
