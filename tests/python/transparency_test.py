"""The transparency log of the real server, judged by the verifier, which shares no code with it."""

import os
import shutil
import struct
import subprocess
import time
import unittest
import uuid

import grpc

from client import ACCEPTED, RUPIAH, Client, wire
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import ledger_service_pb2 as ledger_service
from lumbung.v1 import types_pb2 as types
from server import Server
from verifier import Refused, open_checkpoint, sha256, verify_consistency, verify_inclusion

COOPERATIVE = 1024
KIND_DEPOSIT_SUKARELA = types.KIND_DEPOSIT_SUKARELA


class Transparency(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)

    def started(self, *settings):
        environment = {'LUMBUNG_TRANSPARENCY_INTERVAL_MS': '200', **dict(settings)}
        return Client(self.server.start(environment))

    def opened(self, *settings):
        client = self.started(*settings)
        client.open_cooperative(COOPERATIVE, 5)
        self.pay(client, 20)
        return client

    def pay(self, client, count):
        for number in range(count):
            result = client.deposit(COOPERATIVE, number % 5 + 1, RUPIAH, wire(uuid.uuid4()))
            self.assertEqual(ACCEPTED, result.outcome)

    def public_key(self):
        path = os.path.join(self.server.data, 'transparency', 'public-key')
        with open(path, encoding='ascii') as file:
            return file.read().strip()

    def checkpoint(self, client, covering=0):
        """(size, root) of the newest checkpoint, as soon as it covers this entry."""
        for _ in range(200):
            reply = client.ledger.GetCheckpoint(ledger_service.GetCheckpointRequest())
            self.assertEqual(self.public_key(), reply.verifier_key)
            size, root = open_checkpoint(reply.checkpoint, self.public_key())
            if size >= covering:
                return size, root
            time.sleep(0.05)
        raise AssertionError(f'no checkpoint of {covering} entries came, only of {size}')

    def inclusion(self, client, sequence, size):
        return client.ledger.ProveInclusion(ledger_service.ProveInclusionRequest(
            sequence=sequence, tree_size=size)).hashes

    def consistency(self, client, first, second):
        return client.ledger.ProveConsistency(ledger_service.ProveConsistencyRequest(
            first_tree_size=first, second_tree_size=second)).hashes

    def assertConsistent(self, client, first, second):
        verify_consistency(*first, *second, self.consistency(client, first[0], second[0]))

    def stored_leaf(self, entry):
        """The 128 bytes of storage/FORMAT.md, of a deposit without an attachment."""
        evidence = entry.evidence
        return struct.pack(
            '<QQQQqqqQQqQQIHHIIHHHBBIHH', entry.id.high, entry.id.low, entry.debit_account,
            entry.credit_account, entry.amount, entry.debit_balance, entry.credit_balance,
            entry.debit_previous, entry.credit_previous, entry.timestamp_ns,
            entry.related_sequence, entry.reference, evidence.device_time_s, evidence.branch,
            evidence.terminal, evidence.terminal_sequence, evidence.operator_id,
            entry.step << 8 | entry.kind, entry.outcome, entry.by_rule, entry.leg_index,
            entry.leg_count, 0, 0, 0)

    def assertCode(self, code, call, *arguments):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(code, caught.exception.code(), caught.exception.details())
        return caught.exception.details()

    def test_checkpoints_are_signed_as_entries_come_and_extend_each_other(self):
        client = self.opened()
        heads = [self.checkpoint(client, client.status().last_sequence)]
        for _ in range(4):
            self.pay(client, 7)
            heads.append(self.checkpoint(client, client.status().last_sequence))
            self.assertConsistent(client, heads[-2], heads[-1])
        self.assertConsistent(client, heads[0], heads[-1])
        self.assertEqual(heads[-1][0], client.status().signed_tree_size)
        with self.assertRaises(Refused):
            proof = self.consistency(client, heads[1][0], heads[-1][0])
            verify_consistency(heads[1][0], heads[0][1], *heads[-1], proof)

    def test_each_deposit_is_proven_from_its_bytes(self):
        client = self.opened()
        size, root = self.checkpoint(client, client.status().last_sequence)
        deposits = [entry for entry in client.entries() if entry.kind == KIND_DEPOSIT_SUKARELA]
        self.assertEqual(20, len(deposits))
        for entry in deposits:
            leaf = sha256(b'\x00', self.stored_leaf(entry))
            proof = self.inclusion(client, entry.sequence, size)
            verify_inclusion(leaf, entry.sequence - 1, size, proof, root)
            entry.amount += 1
            with self.assertRaises(Refused):
                verify_inclusion(sha256(b'\x00', self.stored_leaf(entry)), entry.sequence - 1,
                                 size, proof, root)

    def test_what_no_tree_answers_is_refused_by_name(self):
        client = self.opened()
        size = self.checkpoint(client, 1)[0]
        invalid, not_found = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
        self.assertIn('sequence: expected 1 to',
                      self.assertCode(invalid, self.inclusion, client, 0, size))
        self.assertCode(invalid, self.inclusion, client, size + 1, size)
        self.assertCode(invalid, self.consistency, client, size, size - 1)
        self.assertCode(not_found, self.inclusion, client, 1, 10**12)
        self.assertCode(not_found, self.consistency, client, 1, 2**64 - 1)

    def test_after_every_kill_the_log_extends_what_it_had_signed(self):
        client = self.opened()
        heads = [self.checkpoint(client)]
        for kill in range(4):
            self.pay(client, 30)
            heads.append(self.checkpoint(client, heads[-1][0] + 1))
            self.pay(client, kill)
            self.server.kill()
            client = self.started()
            for head in heads:
                self.assertConsistent(client, head, self.checkpoint(client, head[0]))
        self.assertEqual([], self.complaints())

    def complaints(self):
        return [line for line in self.server.log_text().split('\n') if ' W ' in line]

    def test_a_stopping_server_signs_everything_and_the_next_goes_on_from_there(self):
        client = self.opened(('LUMBUNG_TRANSPARENCY_INTERVAL_MS', '3600000'))
        last = client.status().last_sequence
        self.server.stop()
        client = self.started()
        head = self.checkpoint(client)
        self.assertEqual(last, head[0])
        self.assertEqual(head, self.checkpoint(client))
        self.assertEqual([], self.complaints())

    def test_a_dropped_tree_is_rebuilt_and_has_the_root_that_was_signed(self):
        client = self.opened()
        self.server.stop()
        self.assertEqual(0, subprocess.run([*self.server.command(), '--drop-derived'],
                                           check=False, capture_output=True).returncode)
        client = self.started()
        head = self.checkpoint(client)
        for _ in range(100):
            try:
                self.inclusion(client, 1, head[0])
                break
            except grpc.RpcError as error:
                self.assertEqual(grpc.StatusCode.UNAVAILABLE, error.code())
                time.sleep(0.05)
        self.pay(client, 3)
        self.assertConsistent(client, head, self.checkpoint(client, head[0] + 3))
        self.assertIn('is the signed one', self.server.log_text())

    def test_a_ledger_put_back_from_before_is_not_served_as_if_nothing_had_happened(self):
        client = self.opened()
        backup = os.path.join(self.server.folder, 'backup')
        client.admin.Backup(admin_service.BackupRequest(folder=backup))
        self.pay(client, 5)
        self.server.stop()
        for name in ('ledger', 'derived'):
            shutil.rmtree(os.path.join(self.server.data, name))
        shutil.copytree(os.path.join(backup, 'ledger'), os.path.join(self.server.data, 'ledger'))
        ended = subprocess.run(self.server.command(), capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(4, ended.returncode, ended.stderr)
        self.assertIn('entries that were acknowledged are missing', ended.stderr)
        client = self.started(('LUMBUNG_TRANSPARENCY', 'off'))
        self.assertIn('no transparency log', self.assertCode(
            grpc.StatusCode.FAILED_PRECONDITION, client.ledger.GetCheckpoint,
            ledger_service.GetCheckpointRequest()))

    def test_a_key_that_others_can_read_is_not_used(self):
        self.opened()
        self.server.stop()
        key = os.path.join(self.server.data, 'transparency', 'key')
        self.assertEqual(0o600, os.stat(key).st_mode & 0o777)
        os.chmod(key, 0o644)
        ended = subprocess.run(self.server.command(), capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(1, ended.returncode, ended.stderr)
        self.assertIn('chmod 600', ended.stderr)


if __name__ == '__main__':
    unittest.main()
