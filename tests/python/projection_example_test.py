"""The example projection is killed in the middle, again and again, and counts each entry once."""

import collections
import datetime
import os
import sqlite3
import subprocess
import sys
import time
import unittest

from client import GROCERIES, SALES, WALLET, ServerTestCase, account, new_id
from lumbung.v1 import payment_service_pb2 as payment_service
from lumbung.v1 import types_pb2 as types

WIB = datetime.timezone(datetime.timedelta(hours=7))
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'projection_example.py')


class ProjectionExample(ServerTestCase):

    def start(self, database, *options):
        return subprocess.Popen([sys.executable, '-B', EXAMPLE, self.server.address, database,
                                 *options], stderr=subprocess.PIPE, text=True)

    def position(self, database):
        """What was committed last; 0 before there is a table."""
        try:
            with sqlite3.connect(f'file:{database}?mode=ro', uri=True, timeout=10) as opened:
                return opened.execute('SELECT next_sequence FROM position').fetchone()[0]
        except (sqlite3.OperationalError, TypeError):
            return 0

    def play(self, batches, rows):
        """Payments of changing amounts to two branches."""
        members = [self.member_with(900_000_000) for _ in range(2)]
        for batch in range(batches):
            self.client.payments.SubmitBatch(payment_service.SubmitBatchRequest(transactions=[
                types.Transaction(
                    id=new_id(), kind=types.KIND_PAYMENT, amount=1 + (batch * rows + i) % 997,
                    debit_account=account(self.COOPERATIVE, WALLET, members[i % 2]),
                    credit_account=account(self.COOPERATIVE, SALES, 1 + i % GROCERIES))
                for i in range(rows)]))
        paid = new_id()
        self.client.pay(self.COOPERATIVE, members[0], 5_000, paid)
        self.client.refund(paid, 2_000)
        self.client.pay(self.COOPERATIVE, members[0], 900_000_000_000)  # declined

    def expected(self):
        sales = collections.Counter()
        for entry in self.client.entries():
            if entry.outcome != types.OUTCOME_ACCEPTED or entry.step not in (
                    types.STEP_POST, types.STEP_CAPTURE, types.STEP_REFUND, types.STEP_REVERSE):
                continue
            day = datetime.datetime.fromtimestamp(entry.timestamp_ns / 1e9, WIB).date().isoformat()
            for number, sign in ((entry.credit_account, 1), (entry.debit_account, -1)):
                if number >> 26 & 0x3FFF == SALES:
                    sales[number >> 40, number & 0x3FFFFFF, day] += sign * entry.amount
        return dict(sales)

    def test_it_counts_each_entry_once_though_it_is_killed_in_the_middle(self):
        database = os.path.join(self.server.folder, 'sales.sqlite')
        self.play(batches=30, rows=1_000)
        last = self.client.status().last_sequence
        in_the_middle = 0
        for part in range(1, 4):
            process = self.start(database, '--follow')
            deadline = time.monotonic() + 60
            while self.position(database) < last * part // 50:
                self.assertIsNone(process.poll(), 'it ended by itself')
                self.assertLess(time.monotonic(), deadline, 'it does not go on from where it was')
            process.kill()
            process.communicate()
            in_the_middle += 1 < self.position(database) <= last
        self.assertGreater(in_the_middle, 0, 'each kill came too late')
        self.play(batches=1, rows=100)
        process = self.start(database)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(0, process.returncode, errors)
        with sqlite3.connect(database) as opened:
            found = {tuple(row[:3]): row[3] for row in opened.execute('SELECT * FROM sales')}
        self.assertEqual(self.expected(), found)
        self.assertEqual(self.client.status().last_sequence + 1, self.position(database))


if __name__ == '__main__':
    unittest.main()
