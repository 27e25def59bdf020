"""Members pay, send and save; what is sent twice happens once; an id tells what became of it."""

import concurrent.futures
import unittest

from client import (ACCEPTED, DUE_FROM, DUE_TO, GROCERIES, POKOK, RUPIAH, SALES, TILL, TILL_NUMBER,
                    WALLET, ServerTestCase, new_id)
from lumbung.v1 import account_service_pb2 as account_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types


class Payment(ServerTestCase):

    def test_a_deposit_and_a_payment_move_money(self):
        member = self.member_with(100_000 * RUPIAH)
        sales = self.client.balance(self.COOPERATIVE, SALES, GROCERIES).balance
        result = self.client.pay(self.COOPERATIVE, member, 25_000 * RUPIAH)
        self.assertOutcome(ACCEPTED, result)
        self.assertEqual(1, result.leg_count)
        wallet = self.client.balance(self.COOPERATIVE, WALLET, member)
        self.assertEqual(75_000 * RUPIAH, wallet.balance)
        self.assertEqual(result.sequence, wallet.last_sequence)
        self.assertEqual(result.timestamp_ns, wallet.last_timestamp_ns)
        self.assertEqual(sales + 25_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, SALES, GROCERIES).balance)
        self.assertBalanced(self.COOPERATIVE)

    def test_opening_again_changes_nothing(self):
        before = self.client.status().last_sequence
        results = self.client.open_cooperative(self.COOPERATIVE, self.MEMBERS)
        self.assertEqual({ACCEPTED}, {result.outcome for result in results})
        self.assertEqual(before, self.client.status().last_sequence)

    def test_the_same_payment_again_is_a_duplicate(self):
        member, transaction = self.member_with(50_000 * RUPIAH), new_id()
        first = self.client.pay(self.COOPERATIVE, member, 20_000 * RUPIAH, transaction)
        again = self.client.pay(self.COOPERATIVE, member, 20_000 * RUPIAH, transaction)
        self.assertOutcome(ACCEPTED, first)
        self.assertOutcome(ACCEPTED, again, duplicate=True)
        self.assertEqual((first.sequence, first.timestamp_ns), (again.sequence, again.timestamp_ns))
        self.assertEqual(30_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, WALLET, member).balance)

    def test_the_same_id_with_another_amount_is_a_conflict(self):
        member, transaction = self.member_with(50_000 * RUPIAH), new_id()
        self.client.pay(self.COOPERATIVE, member, 20_000 * RUPIAH, transaction)
        before = self.client.status().last_sequence
        self.assertOutcome(
            types.OUTCOME_ID_CONFLICT,
            self.client.pay(self.COOPERATIVE, member, 20_001 * RUPIAH, transaction))
        self.assertEqual(before, self.client.status().last_sequence)

    def test_many_copies_at_once_are_one_payment(self):
        member, transaction = self.member_with(50_000 * RUPIAH), new_id()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            results = list(pool.map(
                lambda _: self.client.pay(self.COOPERATIVE, member, 9_000 * RUPIAH, transaction),
                range(64)))
        self.assertEqual(1, sum(not result.duplicate for result in results))
        self.assertEqual(1, len({result.sequence for result in results}))
        self.assertEqual(41_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, WALLET, member).balance)

    def test_a_decline_is_recorded_and_stays_a_decline(self):
        member, transaction = self.member_with(10_000 * RUPIAH), new_id()
        first = self.client.pay(self.COOPERATIVE, member, 10_001 * RUPIAH, transaction)
        self.assertOutcome(types.OUTCOME_INSUFFICIENT_FUNDS, first)
        self.assertGreater(first.sequence, 0)
        self.client.deposit(self.COOPERATIVE, member, 90_000 * RUPIAH)
        again = self.client.pay(self.COOPERATIVE, member, 10_001 * RUPIAH, transaction)
        self.assertOutcome(types.OUTCOME_INSUFFICIENT_FUNDS, again, duplicate=True)
        self.assertEqual(first.sequence, again.sequence)

    def test_a_transfer_between_cooperatives_balances_both(self):
        source, target = self.member_with(80_000 * RUPIAH), self.member_with(0)
        before = [self.assertBalanced(one) for one in (self.COOPERATIVE, self.NEIGHBOUR)]
        result = self.client.transfer((self.COOPERATIVE, source), (self.NEIGHBOUR, target),
                                      30_000 * RUPIAH)
        self.assertOutcome(ACCEPTED, result)
        self.assertEqual(2, result.leg_count)
        after = [self.assertBalanced(one) for one in (self.COOPERATIVE, self.NEIGHBOUR)]
        self.assertEqual(-30_000 * RUPIAH, after[0][DUE_TO] - before[0].get(DUE_TO, 0))
        self.assertEqual(30_000 * RUPIAH, after[1][DUE_FROM] - before[1].get(DUE_FROM, 0))
        self.assertEqual(50_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, WALLET, source).balance)
        self.assertEqual(30_000 * RUPIAH,
                         self.client.balance(self.NEIGHBOUR, WALLET, target).balance)

    def test_cash_goes_in_and_out_of_the_till(self):
        member = self.member_with(100_000 * RUPIAH)
        till = self.client.balance(self.COOPERATIVE, TILL, TILL_NUMBER).balance
        party = types.Member(cooperative=self.COOPERATIVE, number=member)
        payments = self.client.payments
        self.assertOutcome(ACCEPTED, payments.Withdraw(payment_service.WithdrawRequest(
            id=new_id(), member=party, terminal=TILL_NUMBER, amount=40_000 * RUPIAH)))
        self.assertOutcome(ACCEPTED, payments.Deposit(payment_service.DepositRequest(
            id=new_id(), member=party, savings=payment_service.SAVINGS_POKOK,
            terminal=TILL_NUMBER, amount=15_000 * RUPIAH)))
        self.assertOutcome(ACCEPTED, payments.Pay(payment_service.PayRequest(
            id=new_id(), tender=payment_service.TENDER_CASH, cooperative=self.COOPERATIVE,
            branch=GROCERIES, terminal=TILL_NUMBER, amount=5_000 * RUPIAH)))
        self.assertEqual(till - 20_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, TILL, TILL_NUMBER).balance)
        self.assertEqual(15_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, POKOK, member).balance)

    def test_a_frozen_account_neither_pays_nor_receives(self):
        member, other = self.member_with(50_000 * RUPIAH), self.member_with(50_000 * RUPIAH)
        wallet = self.client.balance(self.COOPERATIVE, WALLET, member).account
        for status, paid, received in (
                (types.ACCOUNT_STATUS_FROZEN, types.OUTCOME_DEBIT_ACCOUNT_FROZEN,
                 types.OUTCOME_CREDIT_ACCOUNT_FROZEN),
                (types.ACCOUNT_STATUS_OPEN, ACCEPTED, ACCEPTED)):
            self.client.accounts.SetAccountStatus(
                account_service.SetAccountStatusRequest(account=wallet, status=status))
            self.assertOutcome(paid, self.client.pay(self.COOPERATIVE, member, 1_000 * RUPIAH))
            self.assertOutcome(received, self.client.transfer(
                (self.COOPERATIVE, other), (self.COOPERATIVE, member), 1_000 * RUPIAH))

    def test_an_account_nobody_opened_can_not_pay(self):
        self.assertOutcome(types.OUTCOME_DEBIT_ACCOUNT_UNKNOWN,
                           self.client.pay(self.COOPERATIVE, 999_999, 1_000 * RUPIAH))

    def test_what_an_id_became_can_be_asked_for(self):
        member = self.member_with(10_000 * RUPIAH)
        accepted, declined = new_id(), new_id()
        self.client.pay(self.COOPERATIVE, member, 4_000 * RUPIAH, accepted)
        self.client.pay(self.COOPERATIVE, member, 90_000 * RUPIAH, declined)
        self.assertEqual(payment_service.RESOLUTION_ACCEPTED,
                         self.client.resolve(accepted, fence=True).resolution)
        reply = self.client.resolve(declined, fence=True)
        self.assertEqual(payment_service.RESOLUTION_DECLINED, reply.resolution)
        self.assertEqual(types.OUTCOME_INSUFFICIENT_FUNDS, reply.result.outcome)
        self.assertEqual(payment_service.RESOLUTION_UNKNOWN,
                         self.client.resolve(new_id()).resolution)

    def test_a_fence_refuses_the_late_original(self):
        member, transaction = self.member_with(10_000 * RUPIAH), new_id()
        self.assertEqual(payment_service.RESOLUTION_FENCED,
                         self.client.resolve(transaction, fence=True).resolution)
        late = self.client.pay(self.COOPERATIVE, member, 4_000 * RUPIAH, transaction)
        self.assertEqual(types.OUTCOME_FENCED, late.outcome)
        self.assertEqual(10_000 * RUPIAH,
                         self.client.balance(self.COOPERATIVE, WALLET, member).balance)
        self.assertEqual(payment_service.RESOLUTION_FENCED,
                         self.client.resolve(transaction).resolution)


if __name__ == '__main__':
    unittest.main()
