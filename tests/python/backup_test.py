"""Backups that take long: payments, their repeats and a stop wait for none."""

import concurrent.futures
import contextlib
import errno
import os
import shutil
import subprocess
import time
import unittest
import uuid

import grpc

from client import ACCEPTED, RUPIAH, Client, wire
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import admin_service_pb2_grpc as admin_stubs
from server import Server

COOPERATIVE = 1024


def lumbung(server, *arguments):
    return subprocess.run([os.environ['LUMBUNG'], '--server', server, *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


class Backup(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.client = Client(self.server.start({'LUMBUNG_READ_THREADS': '1',
                                                'LUMBUNG_DRAIN_MS': '60000'}))
        self.client.open_cooperative(COOPERATIVE, 1)
        result = self.client.deposit(COOPERATIVE, 1, 1_000 * RUPIAH, wire(uuid.uuid4()))
        self.assertEqual(ACCEPTED, result.outcome)
        self.cosignatures = os.path.join(self.server.data, 'transparency', 'cosignatures')

    def folder(self, name='copy'):
        return os.path.join(self.server.folder, name)

    def backup(self, name='copy'):
        return self.client.admin.Backup(admin_service.BackupRequest(folder=self.folder(name)),
                                        timeout=30)

    def status_of(self, *arguments):
        with self.assertRaises(grpc.RpcError) as caught:
            self.backup(*arguments)
        return caught.exception.code(), caught.exception.details()

    def stand_still(self):
        """From now on a backup reads a file that does not come: a pipe without a writer."""
        os.rename(self.cosignatures, self.cosignatures + '.away')
        os.mkfifo(self.cosignatures)

    def go_on(self):
        """Lets it read, if its server is there, but nothing that is a file of cosignatures."""
        if self.server.process is not None:
            self.wait_for(self.is_read)
        os.rename(self.cosignatures + '.away', self.cosignatures)

    def is_read(self):
        try:
            os.close(os.open(self.cosignatures, os.O_WRONLY | os.O_NONBLOCK))
            return True
        except OSError as error:
            self.assertEqual(errno.ENXIO, error.errno)  # nobody reads yet
            return False

    @contextlib.contextmanager
    def standing_still(self):
        """The call of a backup that is under way until the end of the block."""
        self.stand_still()
        call = self.client.admin.Backup.future(admin_service.BackupRequest(folder=self.folder()))
        self.wait_for(lambda: os.path.exists(self.folder() + '/transparency'))
        try:
            yield call
        finally:
            self.go_on()

    def wait_for(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_repeats_and_resolve_are_answered_while_one_is_under_way(self):
        identity = wire(uuid.uuid4())
        paid = self.client.pay(COOPERATIVE, 1, RUPIAH, identity)
        with self.standing_still() as call:
            again = self.client.pay(COOPERATIVE, 1, RUPIAH, identity)
            self.assertEqual((True, paid.timestamp_ns), (again.duplicate, again.timestamp_ns))
            self.assertEqual(payment_service.RESOLUTION_ACCEPTED,
                             self.client.resolve(identity).resolution)
            self.assertFalse(call.done())

    def test_another_begins_only_when_the_first_has_ended(self):
        with self.standing_still() as call:
            for name in ('copy', 'other'):
                code, why = self.status_of(name)
                self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, code)
                self.assertIn(f'a backup into "{self.folder()}" is under way', why)
                self.assertNotIn('remove', why)
            self.assertFalse(os.path.exists(self.folder('other')))
            # Nor into the first one's folder when somebody has removed that.
            shutil.rmtree(self.folder())
            self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, self.status_of()[0])
            self.assertFalse(os.path.exists(self.folder()))
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, call.exception().code())
        self.assertGreater(self.backup().last_sequence, 0)
        self.assertIn('it has a ledger already', self.status_of()[1])

    def test_one_whose_caller_has_gone_away_goes_on_and_the_command_line_says_so(self):
        self.stand_still()
        ran = lumbung(self.server.address, '--timeout', '2', 'backup', self.folder())
        self.assertEqual((6, True), (ran.returncode, 'goes on with the backup' in ran.stderr))
        ran = lumbung(self.server.address, 'backup', self.folder())
        self.assertEqual((7, True), (ran.returncode, 'is under way' in ran.stderr))
        self.go_on()
        self.wait_for(lambda: f'the backup into {self.folder()} failed' in self.server.log_text())
        self.assertFalse(os.path.exists(self.folder()))

    def test_a_stop_waits_for_none_and_leaves_a_part_that_is_known_as_one(self):
        before = self.client.status()
        with self.standing_still() as call:
            began = time.monotonic()
            self.server.stop_under_clients()
            # Far from the drain's 60 s, whatever else the machine does.
            self.assertLess(time.monotonic() - began, 20)
            self.assertEqual(grpc.StatusCode.UNAVAILABLE, call.exception().code())
            self.assertIn('the server stops', call.exception().details())
        log = self.server.log_text()
        self.assertIn(f'the checkpoint reaches entry {before.last_sequence}', log)
        self.assertIn(f'the last signed checkpoint has {before.last_sequence} entries', log)
        self.assertIn('in the middle of the backup into', log)
        self.client = Client(self.server.start())
        self.assertEqual(before.state_hash, self.client.status().state_hash)
        self.assertIn(f'loaded a checkpoint of {before.accounts} accounts', self.server.log_text())
        self.assertIn('did not come to its end; remove it', self.status_of()[1])
        part = Server()
        self.addCleanup(part.remove)
        shutil.move(self.folder(), part.data)
        with self.assertRaisesRegex(AssertionError, 'ended at once, with 4(.|\n)*no ledger'):
            part.start()


class Patience(unittest.TestCase):

    def test_the_command_line_waits_for_a_backup_however_long_it_takes(self):
        left = []

        class Admin(admin_stubs.AdminServiceServicer):
            def Backup(self, request, context):
                left.append(context.time_remaining())
                return admin_service.BackupReply()

        server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
        admin_stubs.add_AdminServiceServicer_to_server(Admin(), server)
        address = f'127.0.0.1:{server.add_insecure_port("127.0.0.1:0")}'
        server.start()
        self.addCleanup(server.stop, None)
        for patience in ([], ['--timeout', '50']):
            ran = lumbung(address, *patience, 'backup', '/nowhere')
            self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertGreater(left[0], 23 * 3600)
        self.assertLess(left[1], 50.1)


if __name__ == '__main__':
    unittest.main()
