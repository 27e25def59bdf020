"""Money is held, taken in part or whole, released, and released by itself at the deadline."""

import time
import unittest

from client import ACCEPTED, GROCERIES, RUPIAH, SALES, WALLET, ServerTestCase, new_id
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types


class Hold(ServerTestCase):

    def held(self, member, amount, seconds=600):
        """The id of a new hold."""
        transaction = new_id()
        self.assertOutcome(
            ACCEPTED, self.client.hold(self.COOPERATIVE, member, amount, seconds, transaction))
        return transaction

    def wallet(self, member):
        """Balance, held, available."""
        found = self.client.balance(self.COOPERATIVE, WALLET, member)
        return found.balance, found.held, found.available

    def test_held_money_can_not_be_spent(self):
        member = self.member_with(50_000)
        self.held(member, 40_000)
        self.assertEqual((50_000, 40_000, 10_000), self.wallet(member))
        self.assertOutcome(types.OUTCOME_INSUFFICIENT_FUNDS,
                           self.client.pay(self.COOPERATIVE, member, 10_001))
        self.assertOutcome(ACCEPTED, self.client.pay(self.COOPERATIVE, member, 10_000))

    def test_a_partial_capture_releases_the_rest(self):
        member = self.member_with(50_000)
        sales = self.client.balance(self.COOPERATIVE, SALES, GROCERIES).balance
        hold = self.held(member, 40_000)
        self.assertOutcome(ACCEPTED, self.client.capture(hold, 25_000))
        self.assertEqual((25_000, 0, 25_000), self.wallet(member))
        self.assertEqual(sales + 25_000,
                         self.client.balance(self.COOPERATIVE, SALES, GROCERIES).balance)
        self.assertOutcome(types.OUTCOME_HOLD_CAPTURED, self.client.capture(hold, 1_000))

    def test_a_capture_beyond_the_hold_is_declined(self):
        member = self.member_with(50_000)
        hold = self.held(member, 40_000)
        self.assertOutcome(types.OUTCOME_CAPTURE_EXCEEDS_HOLD, self.client.capture(hold, 40_001))
        self.assertEqual((50_000, 40_000, 10_000), self.wallet(member))
        self.assertOutcome(ACCEPTED, self.client.capture(hold))
        self.assertEqual((10_000, 0, 10_000), self.wallet(member))

    def test_a_voided_hold_is_released_once(self):
        member = self.member_with(50_000)
        hold = self.held(member, 40_000)
        void = payment_service.VoidRequest(id=new_id(), hold_id=hold)
        self.assertOutcome(ACCEPTED, self.client.payments.Void(void))
        self.assertEqual((50_000, 0, 50_000), self.wallet(member))
        self.assertOutcome(ACCEPTED, self.client.payments.Void(void), duplicate=True)
        self.assertOutcome(types.OUTCOME_HOLD_VOIDED, self.client.capture(hold))

    def test_a_hold_expires_without_other_traffic(self):
        member = self.member_with(50_000)
        hold = self.held(member, 40_000, seconds=1)
        first = self.client.balance(self.COOPERATIVE, WALLET, member).last_sequence
        time.sleep(3.5)
        expiries = [entry for entry in self.client.entries(first)
                    if entry.step == types.STEP_EXPIRE]
        self.assertEqual(1, len(expiries))
        self.assertEqual(first, expiries[0].related_sequence)
        self.assertEqual((50_000, 0, 50_000), self.wallet(member))
        self.assertOutcome(types.OUTCOME_HOLD_EXPIRED, self.client.capture(hold))

    def test_only_a_hold_can_be_captured(self):
        member, payment = self.member_with(50_000), new_id()
        self.client.pay(self.COOPERATIVE, member, 5_000, payment)
        self.assertOutcome(types.OUTCOME_RELATED_NOT_HOLD, self.client.capture(payment, 5_000))
        self.assertOutcome(types.OUTCOME_RELATED_UNKNOWN, self.client.capture(new_id(), 5_000))


if __name__ == '__main__':
    unittest.main()
