"""Whatever comes to gRPC's port, lumbungd lives, answers the honest, keeps its memory, and its
ledger has only what honest clients put there.

LUMBUNG_HOSTILE_SCALE makes every attack so many times larger; LUMBUNG_HOSTILE_TABLE=1 prints what
each did to the slowest honest payment and to the memory.
"""

import gzip
import os
import subprocess
import sys
import threading
import time
import unittest

import grpc

import attacks
from client import ACCEPTED, WALLET, Client, new_id
from http2 import DATA, END_STREAM, Connection, frame, message
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types
from server import Server

SCALE = int(os.environ.get('LUMBUNG_HOSTILE_SCALE', '1'))
MIB = 1 << 20
# How much more of memory and time a sanitizer may take. AddressSanitizer alone keeps 256 MiB of
# what was freed.
SANITIZED = 8 if 'LUMBUNG_SANITIZED' in os.environ else 1

# How much more memory the server may have at any moment of an attack than before it.
MOST_GROWTH = 128 * MIB * SANITIZED
# Three attacks have bounds of their own. gRPC 1.51 has none for a header (README.md): its memory
# grows with what is sent, and is free again when the connection ends. And the open calls are as
# many as the server allows, 1,024 on each of four connections, of some 32 KiB each. A call that
# was reset counts as open no longer, but is there until the server comes to it: on a busy machine
# 159 MiB were measured.
MOST_GROWTH_OF = {'huge_header': MOST_GROWTH * SCALE,
                  'open_calls': 4 * 1024 * 48 * 1024 * SANITIZED,
                  'rapid_resets': 256 * MIB * SCALE * SANITIZED}
# What gRPC and the allocator keep of an attack they use again for the next: how much more there may
# be when the AGAIN attacks that took the most were all made a second time.
MOST_GROWTH_AGAIN = 64 * MIB * SANITIZED
AGAIN = 4
# How long an honest payment may take while the attack goes on: the machine is shared with tests.
MOST_SECONDS = 5 * SANITIZED


def memory_from_now_on(server):
    """Begins to measure the most that the server has resident; what it has now."""
    with open(f'/proc/{server.process.pid}/clear_refs', 'w', encoding='ascii') as file:
        file.write('5')  # resets VmHWM
    return server.memory_bytes()


def run_attack(attack, address):
    """In a process of its own, so that it does not take the turn from who pays here."""
    subprocess.run([sys.executable, '-B', attacks.__file__, attack.__name__, address, str(SCALE)],
                   check=True, timeout=100 * SCALE)


class Payer(threading.Thread):
    """Pays a rupiah again and again, over a connection of its own, until it is told to stop."""

    def __init__(self, server, member):
        super().__init__()
        self.channel = grpc.insecure_channel(server.address, options=[
            ('grpc.use_local_subchannel_pool', 1)])
        self.member = member
        self.ids = []
        self.slowest = 0
        self.failure = None
        self.over = threading.Event()

    def run(self):
        call = self.channel.unary_unary(
            '/lumbung.v1.PaymentService/Transfer',
            request_serializer=payment_service.TransferRequest.SerializeToString,
            response_deserializer=types.TransactionResult.FromString)
        try:
            while not self.over.wait(0.02):
                transaction = new_id()
                begin = time.monotonic()
                result = call(payment_service.TransferRequest(
                    id=transaction, source=self.member, amount=100,
                    target=types.Member(cooperative=self.member.cooperative, number=2)),
                    timeout=60)
                self.slowest = max(self.slowest, time.monotonic() - begin)
                if result.outcome != ACCEPTED:
                    raise AssertionError(f'{types.Outcome.Name(result.outcome)}: {result.message}')
                self.ids.append(transaction.SerializeToString())
        except Exception as failure:  # told by the test, in whose thread it would be lost
            self.failure = failure
        finally:
            self.channel.close()

    def pay_some_more(self):
        """Until it has paid three times since now, or can't."""
        enough = len(self.ids) + 3
        while len(self.ids) < enough and self.is_alive():
            time.sleep(0.01)

    def stop(self):
        self.over.set()
        self.join(120)
        return self


class Hostile(unittest.TestCase):

    COOPERATIVE = 7

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.client = Client(cls.server.start())
        cls.client.open_cooperative(cls.COOPERATIVE, 2)
        assert cls.client.deposit(cls.COOPERATIVE, 1, 10_000_000).outcome == ACCEPTED
        cls.paid = set()
        cls.grown = {}
        cls.opened = cls.client.status().last_sequence

    def under(self, attack):
        """Runs the attack while somebody pays."""
        before = memory_from_now_on(self.server)
        payer = Payer(self.server, types.Member(cooperative=self.COOPERATIVE, number=1))
        payer.start()
        try:
            run_attack(attack, self.server.address)
            payer.pay_some_more()
        finally:
            payer.stop()
        self.assertIsNone(self.server.process.poll(), self.server.log_text())
        self.assertIsNone(payer.failure)
        self.paid.update(payer.ids)
        grown = self.server.memory_bytes() - before
        if os.environ.get('LUMBUNG_HOSTILE_TABLE'):
            print(f'{attack.__name__:22} {len(payer.ids):5} payments, slowest '
                  f'{payer.slowest * 1000:6.0f} ms, memory {grown / MIB:+6.1f} MiB', flush=True)
        self.grown[attack] = max(grown, self.grown.get(attack, 0))
        self.assertLess(payer.slowest, MOST_SECONDS)
        self.assertLess(grown, MOST_GROWTH_OF.get(attack.__name__, MOST_GROWTH))

    def test_a_compressed_message_is_refused_before_it_is_unpacked(self):
        with Connection(self.server.address) as connection:
            connection.open(1, 'PaymentService/SubmitBatch', (b'grpc-encoding', b'gzip'))
            connection.send(frame(DATA, END_STREAM, 1,
                                  message(gzip.compress(bytes(1000)), compressed=True)))
            answers = b''.join(payload for *_, payload in connection.frames(2))
        self.assertIn(b"Compression algorithm 'gzip' is disabled", answers)

    def test_every_attack(self):
        for attack in attacks.ALL:
            with self.subTest(attack.__name__):
                self.under(attack)
        with self.subTest('the same once more'):
            after = self.server.resident_bytes()
            largest = sorted(attacks.ALL, key=lambda attack: self.grown.get(attack, 0))[-AGAIN:]
            for attack in largest:
                self.under(attack)
            again = self.server.resident_bytes() - after
            print(f'after all {after / MIB:.0f} MiB, {again / MIB:+.1f} when {AGAIN} came again')
            self.assertLess(again, MOST_GROWTH_AGAIN)
        with self.subTest('what is in the ledger'):
            entries = self.client.entries(self.opened + 1)
            found = [entry.id.SerializeToString() for entry in entries]
            self.assertEqual(sorted(self.paid), sorted(found))
            self.assertEqual(10_000_000 - 100 * len(found),
                             self.client.balance(self.COOPERATIVE, WALLET, 1).balance)


if __name__ == '__main__':
    unittest.main()
