"""Kills, restarts and other days: what was acknowledged is there, and nothing twice."""

import concurrent.futures
import datetime
import glob
import os
import queue
import shutil
import subprocess
import threading
import time
import unittest
import uuid

import grpc

from client import ACCEPTED, GROCERIES, RUPIAH, SALES, WALLET, Client, account, new_id, wire
from lumbung.v1 import admin_service_pb2 as admin_service
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types
from server import Server

COOPERATIVE = 1024
MEMBERS = 40


class Restart(unittest.TestCase):

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)

    def started(self, environment=None):
        return Client(self.server.start(environment))

    def opened(self, environment=None):
        """A client of a server with a cooperative whose members have Rp1.000.000 each."""
        client = self.started(environment)
        client.open_cooperative(COOPERATIVE, MEMBERS)
        for member in range(1, MEMBERS + 1):
            result = client.deposit(COOPERATIVE, member, 1_000_000 * RUPIAH, wire(uuid.uuid4()))
            self.assertEqual(ACCEPTED, result.outcome)
        return client

    def state(self, client):
        status = client.status()
        return status.last_sequence, status.state_hash

    def test_a_restart_keeps_the_state(self):
        client = self.opened()
        hold = new_id()
        client.hold(COOPERATIVE, 1, 5_000 * RUPIAH, transaction=hold)
        before = self.state(client)
        self.assertEqual(32, len(before[1]))
        self.server.stop()
        client = self.started()
        self.assertEqual(before, self.state(client))
        self.assertEqual(ACCEPTED, client.capture(hold).outcome)

    def pay_until_gone(self, client, go_after, end):
        """Pays from several threads and then calls `end`; returns what was sent and what was
        acknowledged, by id."""
        sent, acknowledged, enough = {}, {}, threading.Event()

        def pay(member):
            while True:
                identity = uuid.uuid4()
                sent[identity] = member
                try:
                    result = client.pay(COOPERATIVE, member, RUPIAH, wire(identity))
                except grpc.RpcError:
                    return
                acknowledged[identity] = result
                if len(acknowledged) >= go_after:
                    enough.set()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for member in range(1, 9):
                pool.submit(pay, member)
            self.assertTrue(enough.wait(60))
            end()
        return sent, acknowledged

    def test_a_kill_loses_nothing_that_was_acknowledged(self):
        client = self.opened()
        paid = 0
        for kill_after in (50, 300):
            sent, acknowledged = self.pay_until_gone(client, kill_after, self.server.kill)
            client = self.started()
            for identity, result in acknowledged.items():
                reply = client.resolve(wire(identity))
                self.assertEqual(payment_service.RESOLUTION_ACCEPTED, reply.resolution)
                self.assertEqual(result.sequence, reply.result.sequence)
            for identity, member in sent.items():
                again = client.pay(COOPERATIVE, member, RUPIAH, wire(identity))
                self.assertEqual(ACCEPTED, again.outcome)
                self.assertTrue(again.duplicate or identity not in acknowledged)
            paid += len(sent)
            balances = [client.balance(COOPERATIVE, WALLET, member).balance
                        for member in range(1, MEMBERS + 1)]
            self.assertEqual(MEMBERS * 1_000_000 * RUPIAH - paid * RUPIAH, sum(balances))
            trial = client.trial_balance(COOPERATIVE)
            self.assertEqual(trial.total_debit, trial.total_credit)

    def test_a_stop_under_load_answers_what_it_took(self):
        client = self.opened()
        sent, acknowledged = self.pay_until_gone(client, 50, self.server.stop_under_clients)
        client = self.started()
        paid = sum(client.resolve(wire(identity)).resolution == payment_service.RESOLUTION_ACCEPTED
                   for identity in sent)
        self.assertEqual(len(acknowledged), paid)

    def test_a_stop_waits_for_no_stream_that_is_idle(self):
        client = self.opened({'LUMBUNG_DRAIN_MS': '60000'})
        queues, streams = [queue.SimpleQueue() for _ in range(3)], []
        for number, rows in enumerate(queues):
            streams.append(client.payments.SubmitStream(iter(rows.get, None)))
            if number > 0:  # the first was never used
                rows.put(types.Transaction(
                    id=new_id(), kind=types.KIND_PAYMENT, amount=RUPIAH,
                    debit_account=account(COOPERATIVE, WALLET, number),
                    credit_account=account(COOPERATIVE, SALES, GROCERIES)))
                self.assertEqual(ACCEPTED, next(streams[-1]).outcome)
        began = time.monotonic()
        self.server.stop_under_clients()
        # Far from the drain's 60 s, whatever else the machine does.
        self.assertLess(time.monotonic() - began, 20)
        for rows, stream in zip(queues, streams):
            with self.assertRaises(grpc.RpcError) as caught:
                next(stream)
            self.assertEqual(grpc.StatusCode.UNAVAILABLE, caught.exception.code())
            self.assertIn('stopping', caught.exception.details())
            rows.put(None)

    def test_what_follows_from_the_ledger_can_be_deleted(self):
        client = self.opened()
        payment = new_id()
        first = client.pay(COOPERATIVE, 1, 5_000 * RUPIAH, payment)
        before = self.state(client)
        self.server.stop()
        run = subprocess.run([*self.server.command(), '--drop-derived'], capture_output=True,
                             text=True, check=False)
        self.assertEqual(0, run.returncode, run.stderr)
        client = self.started()
        self.assertEqual(before, self.state(client))
        again = client.pay(COOPERATIVE, 1, 5_000 * RUPIAH, payment)
        self.assertEqual((ACCEPTED, True, first.sequence),
                         (again.outcome, again.duplicate, again.sequence))
        self.assertEqual(1_000_000 * RUPIAH, client.balance_at(
            COOPERATIVE, WALLET, 1, timestamp_ns=first.timestamp_ns - 1))

    def test_a_second_server_on_the_folder_is_refused(self):
        client = self.opened()
        run = subprocess.run(
            [os.environ['LUMBUNGD'], '--data', self.server.data, '--listen', '127.0.0.1:0'],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(3, run.returncode, run.stderr)
        self.assertIn(self.server.data, run.stderr)
        self.assertEqual(ACCEPTED, client.pay(COOPERATIVE, 1, RUPIAH).outcome)

    def test_no_file_of_the_data_takes_the_place_of_a_closed_standard_error(self):
        command = self.server.command()
        for closed in ('2>&-', '<&- >&- 2>&-'):
            self.server.command = lambda closed=closed: [
                'sh', '-c', f'exec "$@" {closed}', 'sh', *command]
            self.started()
            for number in (0, 1, 2):
                target = os.readlink(f'/proc/{self.server.process.pid}/fd/{number}')
                self.assertFalse(target.startswith(self.server.data), target)
            self.server.stop()

    def test_a_copy_of_the_ledger_replays_to_the_same_state(self):
        client = self.opened()
        copy = Server()
        self.addCleanup(copy.remove)
        reply = client.admin.Backup(admin_service.BackupRequest(folder=copy.data))
        before = self.state(client)
        self.assertEqual(before[0], reply.last_sequence)
        client.pay(COOPERATIVE, 1, RUPIAH)
        self.assertEqual(before, self.state(Client(copy.start({'LUMBUNG_TRANSPARENCY': 'off'}))))

    def test_a_damaged_ledger_is_not_served(self):
        client = self.opened()
        copy = self.server.folder + '/copy'
        client.admin.Backup(admin_service.BackupRequest(folder=copy))
        self.server.stop()
        shutil.rmtree(self.server.data)
        os.rename(copy, self.server.data)
        files = glob.glob(self.server.data + '/ledger/*.blob')
        self.assertTrue(files)
        for path in files:
            with open(path, 'r+b') as file:
                file.seek(os.path.getsize(path) // 2)
                byte = file.read(1)[0]
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([byte ^ 1]))
        run = subprocess.run(self.server.command(), capture_output=True, text=True, timeout=60,
                             check=False)
        self.assertEqual(4, run.returncode, run.stderr)

    @unittest.skipUnless(glob.glob('/usr/lib/*/faketime/libfaketime.so.1'),
                         'libfaketime is not installed')
    def test_a_clock_beyond_all_entries_makes_none(self):
        """It is refused at the start, and the ledger goes on when it is mended."""
        library = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')[0]
        beyond = {'LD_PRELOAD': library, 'FAKETIME': '@2110-01-01 00:00:00',
                  'FAKETIME_DONT_FAKE_MONOTONIC': '1'}
        client = self.opened()
        client.pay(COOPERATIVE, 1, 1_000 * RUPIAH)
        self.server.stop()
        run = subprocess.run(self.server.command(), capture_output=True, text=True, timeout=60,
                             check=False, env={**os.environ, **beyond})
        self.assertEqual(1, run.returncode, run.stderr)
        self.assertIn('the clock is wrong: it shows second 4417', run.stdout + run.stderr)
        client = self.started()
        client.pay(COOPERATIVE, 1, 2_000 * RUPIAH)
        self.assertEqual(997_000 * RUPIAH, client.balance(COOPERATIVE, WALLET, 1).balance)

    @unittest.skipUnless(glob.glob('/usr/lib/*/faketime/libfaketime.so.1'),
                         'libfaketime is not installed')
    def test_yesterday_s_balance_is_known_today(self):
        library = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')[0]
        client = self.opened({'LD_PRELOAD': library, 'FAKETIME': '-24h',
                              'FAKETIME_DONT_FAKE_MONOTONIC': '1'})
        client.pay(COOPERATIVE, 1, 100_000 * RUPIAH, wire(uuid.uuid4()))
        self.server.stop()
        client = self.started()
        client.pay(COOPERATIVE, 1, 50_000 * RUPIAH)
        client.pay(COOPERATIVE, 1, 50_000 * RUPIAH)
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date()
        for days, balance in ((0, 800_000), (1, 900_000), (2, 0)):
            date = (today - datetime.timedelta(days=days)).isoformat()
            self.assertEqual(balance * RUPIAH, client.balance_at(
                COOPERATIVE, WALLET, 1, business_date=date), date)
            trial = client.trial_balance(COOPERATIVE, date)
            self.assertEqual(trial.total_debit, trial.total_credit)


if __name__ == '__main__':
    unittest.main()
