"""One old block that the disk does not give back: what needs it is refused, all else goes on."""

import glob
import os
import struct
import subprocess
import unittest
import uuid

import grpc

from client import ACCEPTED, GROCERIES, RUPIAH, SALES, WALLET, Client, account, new_id, wire
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types
from server import Server

COOPERATIVE = 1024
SMALL_WINDOW = {'LUMBUNG_ID_WINDOW_SLOTS': '4096', 'LUMBUNG_TRANSPARENCY': 'off'}
A_WINDOW_AND_MORE = 8_000


def spoil(pattern, text):
    """Changes a byte of the text where it stands first in the one file that has it.

    An index of a table's blocks may name it once more, behind them.
    """
    places = []
    for path in glob.glob(pattern):
        with open(path, 'rb') as file:
            data = file.read()
        place = data.find(text)
        while place >= 0:
            places.append((path, place, data[place]))
            place = data.find(text, place + 1)
    assert len({path for path, *_ in places}) == 1, places
    path, place, byte = places[0]
    with open(path, 'r+b') as file:
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def payment(transaction=None):
    return types.Transaction(id=transaction or new_id(), kind=types.KIND_PAYMENT, amount=1,
                             debit_account=account(COOPERATIVE, WALLET, 1),
                             credit_account=account(COOPERATIVE, SALES, GROCERIES))


class BadBlock(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.client = Client(self.server.start(SMALL_WINDOW))
        self.client.open_cooperative(COOPERATIVE, 2)
        self.client.deposit(COOPERATIVE, 1, 1_000_000 * RUPIAH)
        self.old = uuid.uuid4()
        result = self.client.pay(COOPERATIVE, 1, 5_000 * RUPIAH, wire(self.old))
        self.assertEqual(ACCEPTED, result.outcome)
        for _ in range(2):  # so many that it leaves the window, and its blocks memory
            rows = self.submit([payment() for _ in range(A_WINDOW_AND_MORE)])
            self.assertEqual({ACCEPTED}, {row.outcome for row in rows})
        self.server.stop()
        self.restart()  # what is in the log becomes files
        self.server.stop()

    def submit(self, rows):
        batch = payment_service.SubmitBatchRequest(transactions=rows)
        return self.client.payments.SubmitBatch(batch).results

    def restart(self):
        self.client = Client(self.server.start(SMALL_WINDOW))

    def refused(self, code, call, *arguments):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(code, caught.exception.code(), caught.exception.details())
        return caught.exception

    def test_a_refund_of_it_is_refused_and_its_id_stays_free(self):
        spoil(self.server.data + '/ledger/*.blob',
              struct.pack('<QQ', self.old.int >> 64, self.old.int & (2**64 - 1)))
        self.restart()
        refund, reverse = new_id(), new_id()
        before = self.client.status().last_sequence
        for _ in range(2):
            error = self.refused(grpc.StatusCode.DATA_LOSS, self.client.refund, wire(self.old),
                                 RUPIAH, refund)
            self.assertIn(('lumbung-outcome', 'ORIGINAL_UNREADABLE'), error.trailing_metadata())
            self.refused(grpc.StatusCode.DATA_LOSS, self.client.reverse, wire(self.old), reverse)
        rows = self.submit([
            types.Transaction(id=refund, step=types.STEP_REFUND, related_id=wire(self.old)),
            payment()])
        self.assertEqual([types.OUTCOME_ORIGINAL_UNREADABLE, ACCEPTED],
                         [row.outcome for row in rows])
        self.assertEqual('transactions[0]', rows[0].field)
        self.assertEqual(before + 1, self.client.status().last_sequence)
        # What became of it is known without its block.
        again = self.client.pay(COOPERATIVE, 1, 5_000 * RUPIAH, wire(self.old))
        self.assertEqual((ACCEPTED, True, 0),
                         (again.outcome, again.duplicate, again.timestamp_ns))
        self.assertEqual(payment_service.RESOLUTION_ACCEPTED,
                         self.client.resolve(wire(self.old)).resolution)
        for free in (refund, reverse):
            self.assertEqual(payment_service.RESOLUTION_UNKNOWN,
                             self.client.resolve(free).resolution)
        self.server.stop()

    def test_a_repeat_that_needs_a_bad_block_of_the_index_is_not_answered(self):
        spoil(self.server.data + '/derived/*.sst', (self.old.int & (2**64 - 1)).to_bytes(8, 'big'))
        self.restart()
        for _ in range(2):
            for call in (self.client.pay, self.client.deposit):
                error = self.refused(grpc.StatusCode.UNAVAILABLE, call, COOPERATIVE, 1,
                                     5_000 * RUPIAH, wire(self.old))
                self.assertIn("can't read its index of ids", error.details())
        for call in (self.client.refund, self.client.resolve):
            self.refused(grpc.StatusCode.UNAVAILABLE, call, wire(self.old))
        old = payment(wire(self.old))
        self.refused(grpc.StatusCode.UNAVAILABLE, self.submit, [payment(), old])
        results = self.client.payments.SubmitStream(iter([payment(), old, payment()]))
        self.assertEqual(ACCEPTED, next(results).outcome)
        error = self.refused(grpc.StatusCode.UNAVAILABLE, next, results)
        self.assertIn('by this stream, send it again later with the same ids', error.details())
        self.assertEqual(ACCEPTED, self.client.pay(COOPERATIVE, 1, RUPIAH).outcome)
        self.server.stop()
        self.assertIn('--drop-derived', self.server.log_text())
        subprocess.run([*self.server.command(), '--drop-derived'], check=True, timeout=60,
                       capture_output=True)
        self.restart()
        again = self.client.pay(COOPERATIVE, 1, 5_000 * RUPIAH, wire(self.old))
        self.assertEqual((ACCEPTED, True), (again.outcome, again.duplicate))
        self.server.stop()


if __name__ == '__main__':
    unittest.main()
