"""What was paid can be paid back, up to what it was, or undone as a whole, once."""

import unittest

from client import ACCEPTED, RUPIAH, WALLET, ServerTestCase, new_id
from lumbung.v1 import types_pb2 as types


class Correction(ServerTestCase):

    def paid(self, amount):
        """A member who had twice the amount and paid once, and the payment's id."""
        member, payment = self.member_with(2 * amount), new_id()
        self.assertOutcome(ACCEPTED,
                           self.client.pay(self.COOPERATIVE, member, amount, payment))
        return member, payment

    def assertWallet(self, amount, member):
        self.assertEqual(amount, self.client.balance(self.COOPERATIVE, WALLET, member).balance)

    def test_refunds_never_exceed_the_original(self):
        member, payment = self.paid(30_000 * RUPIAH)
        self.assertOutcome(ACCEPTED, self.client.refund(payment, 20_000 * RUPIAH))
        self.assertOutcome(types.OUTCOME_REFUND_EXCEEDS_ORIGINAL,
                           self.client.refund(payment, 10_001 * RUPIAH))
        self.assertWallet(50_000 * RUPIAH, member)
        self.assertOutcome(ACCEPTED, self.client.refund(payment))
        self.assertWallet(60_000 * RUPIAH, member)
        self.assertOutcome(types.OUTCOME_REFUND_EXCEEDS_ORIGINAL, self.client.refund(payment, 1))
        self.assertBalanced(self.COOPERATIVE)

    def test_a_second_reversal_is_declined(self):
        member, payment = self.paid(30_000 * RUPIAH)
        reversal = new_id()
        self.assertOutcome(ACCEPTED, self.client.reverse(payment, reversal))
        self.assertWallet(60_000 * RUPIAH, member)
        self.assertOutcome(ACCEPTED, self.client.reverse(payment, reversal), duplicate=True)
        self.assertOutcome(types.OUTCOME_ORIGINAL_REVERSED, self.client.reverse(payment))
        self.assertOutcome(types.OUTCOME_ORIGINAL_REVERSED, self.client.refund(payment, 1))
        self.assertWallet(60_000 * RUPIAH, member)

    def test_what_was_refunded_can_not_be_reversed(self):
        _, payment = self.paid(30_000 * RUPIAH)
        self.client.refund(payment, 1)
        self.assertOutcome(types.OUTCOME_ORIGINAL_REFUNDED, self.client.reverse(payment))

    def test_a_transfer_between_cooperatives_is_reversed_in_both(self):
        source, target = self.member_with(50_000 * RUPIAH), self.member_with(0)
        transfer = new_id()
        self.client.transfer((self.COOPERATIVE, source), (self.NEIGHBOUR, target),
                             20_000 * RUPIAH, transfer)
        self.assertOutcome(ACCEPTED, self.client.reverse(transfer))
        self.assertWallet(50_000 * RUPIAH, source)
        self.assertEqual(0, self.client.balance(self.NEIGHBOUR, WALLET, target).balance)
        self.assertBalanced(self.COOPERATIVE)
        self.assertBalanced(self.NEIGHBOUR)

    def test_what_posted_nothing_can_not_be_refunded(self):
        member, declined = self.member_with(0), new_id()
        self.client.pay(self.COOPERATIVE, member, 1_000 * RUPIAH, declined)
        self.assertOutcome(types.OUTCOME_RELATED_NOT_POSTED, self.client.refund(declined, 1))
        self.assertOutcome(types.OUTCOME_RELATED_UNKNOWN, self.client.refund(new_id(), 1))


if __name__ == '__main__':
    unittest.main()
