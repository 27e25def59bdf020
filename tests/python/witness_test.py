"""Witnesses beside the real server: cosigned receipts, forks, kills, and what a backup holds."""

import base64
import glob
import os
import random
import shutil
import struct
import subprocess
import threading
import time
import unittest
import uuid
from concurrent import futures

import grpc

from client import ACCEPTED, RUPIAH, Client, wire
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import ledger_service_pb2 as ledger_service
from lumbung.v1 import ledger_service_pb2_grpc as ledger_service_grpc
from server import Server
from verifier import Refused, open_checkpoint, sha256, verify_receipt

COOPERATIVE = 1024
FAILED, MALFORMED, NOT_TAKEN, NOT_PERMITTED, FORK = 1, 2, 7, 8, 9
SEED = int(os.environ.get('LUMBUNG_SEED') or random.SystemRandom().getrandbits(32))


class Lumbung:
    """The command line, speaking to one server."""

    def __init__(self, server):
        self.environment = {**os.environ, 'LUMBUNG_SERVER': server.address}

    def process(self, *arguments):
        return subprocess.Popen([os.environ['LUMBUNG'], *arguments], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __call__(self, *arguments, code=0):
        ended = subprocess.run([os.environ['LUMBUNG'], *arguments], env=self.environment,
                               capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == code, (code, ended)
        return ended


class OpensslWitness:
    """A witness made of openssl's command line, which signs whatever it is told."""

    def __init__(self, folder, name):
        self.name, self.key, self.text = name, f'{folder}/{name}.pem', f'{folder}/{name}.text'
        subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', self.key],
                       check=True, capture_output=True)
        public = subprocess.run(['openssl', 'pkey', '-in', self.key, '-pubout', '-outform', 'DER'],
                                check=True, capture_output=True).stdout[-32:]
        typed = b'\x04' + public
        self.key_id = sha256(name.encode(), b'\n', typed)[:4]
        self.vkey = f'{name}+{self.key_id.hex()}+{base64.b64encode(typed).decode()}'

    def cosign(self, note):
        now = int(time.time())
        body = note.rpartition('\n\n')[0] + '\n'
        with open(self.text, 'w', encoding='utf-8') as file:
            file.write(f'cosignature/v1\ntime {now}\n{body}')
        signature = subprocess.run(
            ['openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', self.key, '-in', self.text],
            check=True, capture_output=True).stdout
        value = base64.b64encode(self.key_id + struct.pack('>Q', now) + signature).decode()
        return f'— {self.name} {value}\n'


class LumbungWitness:
    """The real `lumbung witness`."""

    def __init__(self, folder, name):
        self.key, self.state, self.name = f'{folder}/{name}.pem', f'{folder}/{name}.state', name
        self.vkey = subprocess.run([os.environ['LUMBUNG'], *self.command('--show-key')], check=True,
                                   capture_output=True, text=True).stdout.strip()

    def command(self, *more):
        return ['witness', '--key', self.key, '--state', self.state, '--name', self.name, *more]

    def look(self, run, *more, code=0):
        return run(*self.command('--once', *more), code=code)

    def evidence(self):
        return glob.glob(self.state + '.fork-*')


class TwoFaced(ledger_service_grpc.LedgerServiceServicer):
    """A server that shows the cosigned checkpoints of one history, and all else of another."""

    def __init__(self, cosigned, other):
        self.cosigned, self.other = cosigned.ledger, other.ledger
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        ledger_service_grpc.add_LedgerServiceServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def GetCheckpoint(self, request, context):
        return (self.cosigned if request.cosignatures else self.other).GetCheckpoint(request)

    def ProveConsistency(self, request, context):
        return self.other.ProveConsistency(request)


def cosignatures_in(data):
    """[(size, line)] of the file, by storage/FORMAT.md."""
    with open(os.path.join(data, 'transparency', 'cosignatures'), encoding='utf-8') as file:
        rest = file.read()
    found = []
    while rest:
        head, rest = rest.split('\n', 1)
        word, length = head.split(' ')
        assert word == 'cosignature', head
        record = rest.encode()[:int(length)].decode()
        size, line = record.split('\n', 1)
        found.append((int(size), line))
        rest = rest.encode()[int(length):].decode()
    return found


class Witnesses(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.folder = self.server.folder

    def started(self, server, *witnesses, **settings):
        environment = {'LUMBUNG_TRANSPARENCY_INTERVAL_MS': '100',
                       'LUMBUNG_TRANSPARENCY_WITNESSES': ' '.join(w.vkey for w in witnesses)}
        client = Client(server.start({**environment, **settings}))
        return client, Lumbung(server)

    def opened(self, *witnesses):
        client, run = self.started(self.server, *witnesses)
        client.open_cooperative(COOPERATIVE, 3)
        self.pay(client, 12)
        return client, run

    def pay(self, client, count):
        """The id of the last one."""
        for number in range(count):
            identity = uuid.uuid4()
            result = client.deposit(COOPERATIVE, number % 3 + 1, RUPIAH, wire(identity))
            self.assertEqual(ACCEPTED, result.outcome)
        return str(identity)

    def log_key(self, server=None):
        path = os.path.join((server or self.server).data, 'transparency', 'public-key')
        with open(path, encoding='ascii') as file:
            return file.read().strip()

    def checkpoint(self, client, cosignatures=0):
        return client.ledger.GetCheckpoint(
            ledger_service.GetCheckpointRequest(cosignatures=cosignatures)).checkpoint

    def wait_until_signed(self, client):
        for _ in range(200):
            status = client.status()
            if status.signed_tree_size == status.last_sequence:
                return status.last_sequence
            time.sleep(0.02)
        raise AssertionError('the newest entries were not signed')

    def add(self, client, size, line):
        return client.ledger.AddCosignature(ledger_service.AddCosignatureRequest(
            tree_size=size, cosignature=line)).checkpoint

    def assertCode(self, code, call, *arguments):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments)
        self.assertEqual(code, caught.exception.code(), caught.exception.details())
        return caught.exception.details()

    def path(self, name):
        return os.path.join(self.folder, name)

    def fork(self, *witnesses):
        """A second server: the first's ledger up to an entry, then another history, re-signed."""
        client, _ = self.opened(*witnesses)
        forged = Server()
        self.addCleanup(forged.remove)
        client.admin.Backup(admin_service.BackupRequest(folder=forged.data))
        shutil.rmtree(os.path.join(forged.data, 'transparency'))
        shared = client.status().last_sequence
        self.pay(client, 5)
        key = os.path.join(self.server.data, 'transparency', 'key')
        other, run = self.started(forged, *witnesses, LUMBUNG_TRANSPARENCY_KEY_FILE=key)
        self.assertEqual(self.log_key(), self.log_key(forged))
        self.pay(other, 5)
        return shared, client, forged, other, run

    def test_a_cosigned_receipt_convinces_two_programs(self):
        witness = LumbungWitness(self.folder, 'dinas')
        second = OpensslWitness(self.folder, 'akuntan')
        client, run = self.opened(witness, second)
        identity = self.pay(client, 1)
        key = self.log_key()
        looking = run.process(*witness.command('--interval', '1', '--log-key', key))
        self.addCleanup(looking.communicate)
        self.addCleanup(looking.kill)
        saved = self.path('bukti.json')
        run('receipt', identity, '--key', key, '--witness', witness.vkey, '--save', saved)
        with open(saved, 'rb') as file:
            receipt = file.read()
        self.assertEqual(identity, verify_receipt(receipt, key, [witness.vkey])[0]['id'])
        with self.assertRaises(Refused):
            verify_receipt(receipt, key, [witness.vkey, second.vkey])
        both = ['--witness', witness.vkey, '--witness', second.vkey]
        verify = ['verify-receipt', saved, '--key', key]
        self.assertIn('cosigned by 1', run(*verify, '--witness', witness.vkey).stdout)
        self.assertIn('1 of 2 cosignatures', run(*verify, *both, code=FAILED).stderr)
        run(*verify, *both, '--witnesses-needed', '1')
        run(*verify, *both, '--witnesses-needed', '3', code=MALFORMED)
        run(*verify, '--witness', key, code=MALFORMED)

    def test_cosignatures_are_kept_through_a_kill_and_handed_out_with_the_checkpoint(self):
        witness = LumbungWitness(self.folder, 'dinas')
        second = OpensslWitness(self.folder, 'akuntan')
        client, run = self.opened(witness, second)
        self.assertCode(grpc.StatusCode.NOT_FOUND, self.checkpoint, client, 1)
        size = self.wait_until_signed(client)
        witness.look(run)
        line = second.cosign(self.checkpoint(client))
        for _ in range(3):
            self.add(client, size, line)
        both = [witness.vkey, second.vkey]
        self.pay(client, 1)
        self.wait_until_signed(client)
        for _ in range(2):
            cosigned = self.checkpoint(client, 2)
            self.assertEqual(size, open_checkpoint(cosigned, self.log_key(), both)[0])
            self.assertEqual(2, len(cosignatures_in(self.server.data)))
            self.server.kill()
            client, run = self.started(self.server, witness, second)
        old, new = self.path('old'), self.path('new')
        arguments = ['--key', self.log_key(), '--witness', witness.vkey]
        run('checkpoint', *arguments, '--save', old)
        self.pay(client, 1)
        self.wait_until_signed(client)
        witness.look(run)
        run('checkpoint', *arguments, '--prove-from', old, '--save', new)
        with open(new, encoding='utf-8') as file:
            self.assertGreater(open_checkpoint(file.read(), self.log_key(), both, 1)[0], size)

    def test_what_is_no_cosignature_of_a_trusted_witness_is_refused_by_name(self):
        witness = OpensslWitness(self.folder, 'dinas')
        stranger = LumbungWitness(self.folder, 'asing')
        client, run = self.opened(witness)
        size = self.wait_until_signed(client)
        self.assertIn('transparency_witnesses', stranger.look(run, code=NOT_PERMITTED).stderr)
        line = witness.cosign(self.checkpoint(client))
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        for wrong, code in (('', invalid), ('x', invalid), (line[:-6] + '\n', invalid),
                            (line.replace('dinas', 'din'), grpc.StatusCode.PERMISSION_DENIED),
                            (line * 2, invalid), ('—' * 2**20, invalid)):
            self.assertIn('cosignature', self.assertCode(code, self.add, client, size, wrong))
        self.assertIn('cosignature', self.assertCode(invalid, self.add, client, 0, line))
        missing = grpc.StatusCode.NOT_FOUND
        self.assertIn('tree_size', self.assertCode(missing, self.add, client, 2**63, line))
        self.assertIn('expected at most 1', self.assertCode(invalid, self.checkpoint, client, 2))
        self.assertEqual([], cosignatures_in(self.server.data))

    def test_an_insider_who_rewrites_history_is_found_by_the_witness_and_by_the_auditor(self):
        witness = LumbungWitness(self.folder, 'dinas')
        _, client, forged, other, run_forged = self.fork(witness)
        run, key = Lumbung(self.server), self.log_key()
        self.wait_until_signed(client)
        witness.look(run, '--log-key', key)
        held = self.path('held')
        run('checkpoint', '--key', key, '--witness', witness.vkey, '--save', held)
        self.assertEqual(self.wait_until_signed(client), self.wait_until_signed(other))
        for longer in range(2):
            refused = witness.look(run_forged, code=FORK)
            self.assertIn('NOT SIGNED: fork', refused.stderr)
            self.assertEqual(longer + 1, len(witness.evidence()))
            audit = run_forged('checkpoint', '--key', key, '--prove-from', held, code=FORK)
            self.assertIn('fork', audit.stderr)
            self.pay(other, 3)
            self.wait_until_signed(other)
        with open(witness.evidence()[0], encoding='utf-8') as file:
            head, first, second = file.read().split('\ncheckpoint ')
        self.assertTrue(head.endswith(key))
        notes = [part.split('\n', 1)[1] + '\n' * (not part.endswith('\n'))
                 for part in (first, second)]
        self.assertEqual(2, len({open_checkpoint(note, key) for note in notes}))
        self.assertEqual([], cosignatures_in(forged.data))
        self.pay(client, 1)
        self.wait_until_signed(client)
        witness.look(run)

    def save_and_prove(self, run, key, witness):
        """Saves a checkpoint without witnesses. The command that proves from it with one."""
        held = self.path('held')
        run('checkpoint', '--key', key, '--save', held)
        return ['checkpoint', '--key', key, '--prove-from', held, '--witness', witness.vkey]

    def test_a_checkpoint_that_the_witness_has_not_seen_yet_is_no_fork(self):
        witness = LumbungWitness(self.folder, 'dinas')
        client, run = self.opened(witness)
        self.wait_until_signed(client)
        witness.look(run)
        self.pay(client, 1)
        self.wait_until_signed(client)
        prove = self.save_and_prove(run, self.log_key(), witness)
        self.assertIn('not seen the checkpoint', run(*prove, code=NOT_TAKEN).stderr)
        self.assertEqual([], glob.glob(self.path('held.fork-*')))
        run(*prove[:-2])
        witness.look(run)
        self.assertIn('cosigned by 1 or more', run(*prove).stderr)

    def test_a_fork_that_a_witness_cosigned_earlier_is_found_all_the_same(self):
        witness = LumbungWitness(self.folder, 'dinas')
        _, client, _, other, run_forged = self.fork(witness)
        self.wait_until_signed(other)
        witness.look(run_forged)
        self.pay(client, 3)
        self.wait_until_signed(client)
        prove = self.save_and_prove(Lumbung(self.server), self.log_key(), witness)
        both = TwoFaced(cosigned=other, other=client)
        self.addCleanup(both.server.stop, None)
        self.assertIn('does not extend', Lumbung(both)(*prove, code=FORK).stderr)
        self.assertIn('rollback', run_forged(*prove, code=FORK).stderr)
        self.pay(other, 4)
        self.wait_until_signed(other)
        self.assertIn('does not extend', run_forged(*prove, code=FORK).stderr)
        self.assertEqual(3, len(glob.glob(self.path('held.fork-*'))))

    def test_a_witness_killed_at_any_moment_never_signs_two_histories(self):
        chance = random.Random(SEED)
        witness = LumbungWitness(self.folder, 'dinas')
        shared, client, forged, other, run_forged = self.fork(witness)
        runs = [Lumbung(self.server), run_forged]
        for _ in range(14):
            self.pay(client, 1)
            self.pay(other, 1)
            looking = chance.choice(runs).process(*witness.command('--interval', '1'))
            time.sleep(chance.uniform(0.005, 0.12))
            looking.kill()
            looking.communicate()
        codes = []
        for run in runs:
            looking = run.process(*witness.command('--once'))
            looking.communicate(timeout=60)
            codes.append(looking.returncode)
        self.assertEqual([0, FORK], sorted(codes), f'LUMBUNG_SEED={SEED}')
        signed = [self.signed_beyond(shared, server) for server in (self.server, forged)]
        self.assertIn([], signed, f'both histories are signed; LUMBUNG_SEED={SEED}')
        self.assertTrue(any(signed), f'none is signed; LUMBUNG_SEED={SEED}')

    def signed_beyond(self, shared, server):
        return [size for size, _ in cosignatures_in(server.data) if size > shared]

    def test_a_server_killed_at_any_moment_loses_no_cosignature_that_it_acknowledged(self):
        chance = random.Random(SEED)
        witnesses = [OpensslWitness(self.folder, f'saksi-{number}') for number in range(3)]
        client, _ = self.opened(*witnesses)
        acknowledged, ended_by = [], []
        for _ in range(3):
            cosigning = threading.Thread(target=self.cosign_all, args=(
                client, witnesses, acknowledged, ended_by))
            cosigning.start()
            before = len(acknowledged)
            while len(acknowledged) < before + 2 and cosigning.is_alive():
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.3))
            self.server.kill_under_clients()
            cosigning.join()
            self.server.channel.close()
            client, _ = self.started(self.server, *witnesses)
            self.assertLessEqual(set(acknowledged), set(cosignatures_in(self.server.data)),
                                 f'LUMBUNG_SEED={SEED}')
        self.assertEqual([grpc.StatusCode.UNAVAILABLE] * 3, ended_by)
        self.assertGreaterEqual(len(acknowledged), 6)
        self.assertEqual(max(acknowledged)[0], open_checkpoint(
            self.checkpoint(client, 1), self.log_key())[0])

    def cosign_all(self, client, witnesses, acknowledged, ended_by):
        """Pays, cosigns and repeats until the server is gone."""
        try:
            while True:
                client.deposit(COOPERATIVE, 1, RUPIAH)
                note = self.checkpoint(client)
                size = int(note.split('\n')[1])
                for witness in witnesses:
                    if f'— {witness.name} ' in note:
                        continue
                    line = witness.cosign(note)
                    self.add(client, size, line)
                    acknowledged.append((size, line))
        except grpc.RpcError as error:
            ended_by.append(error.code())

    def test_a_backup_has_what_was_signed_and_a_server_goes_on_from_it_with_the_key(self):
        witness = LumbungWitness(self.folder, 'dinas')
        client, run = self.opened(witness)
        identity = self.pay(client, 1)
        size = self.wait_until_signed(client)
        witness.look(run)
        copy = Server()
        self.addCleanup(copy.remove)
        client.admin.Backup(admin_service.BackupRequest(folder=copy.data))
        held = os.path.join(copy.data, 'transparency')
        self.assertEqual({'checkpoints', 'cosignatures', 'public-key'}, set(os.listdir(held)))
        ended = subprocess.run(copy.command(), capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(4, ended.returncode, ended.stderr)
        self.assertIn('put the key back', ended.stderr)
        shutil.copy(os.path.join(self.server.data, 'transparency', 'key'), held)
        self.server.stop()
        client, run = self.started(copy, witness)
        self.assertEqual(size, open_checkpoint(
            self.checkpoint(client, 1), self.log_key(copy), [witness.vkey])[0])
        run('receipt', identity, '--key', self.log_key(copy), '--witness', witness.vkey)
        self.pay(client, 1)
        self.assertGreater(self.wait_until_signed(client), size)
        witness.look(run)


if __name__ == '__main__':
    unittest.main()
