"""A projection: the sales of each branch by day, kept in SQLite, each entry counted exactly once.

    projection_example.py HOST:PORT DATABASE [--follow]

What makes it exact: the position in the ledger is stored in the same database transaction as what
the entries before it came to. Killed at any point it goes on from what was committed last, so no
entry is missed or counted twice. Without --follow it ends at the ledger's end.
"""
import datetime
import sqlite3
import sys

import grpc
from lumbung.v1 import admin_service_pb2, admin_service_pb2_grpc
from lumbung.v1 import ledger_service_pb2, ledger_service_pb2_grpc, types_pb2 as types

SALES = 4101
# What moves money. A hold only reserves; what is declined is in the ledger too, and moves nothing.
MOVES = [types.STEP_POST, types.STEP_CAPTURE, types.STEP_REFUND, types.STEP_REVERSE]


def open_database(path):
    database = sqlite3.connect(path)
    with database:
        database.execute('CREATE TABLE IF NOT EXISTS sales (cooperative, branch, day, sen INTEGER, '
                         'PRIMARY KEY (cooperative, branch, day))')
        database.execute('CREATE TABLE IF NOT EXISTS position (only_row INTEGER PRIMARY KEY CHECK '
                         '(only_row = 1), next_sequence INTEGER)')
        database.execute('INSERT OR IGNORE INTO position VALUES (1, 1)')
    return database


class Zones:
    """Minutes east of UTC of each cooperative; a new one is asked for."""

    def __init__(self, channel):
        self.admin = admin_service_pb2_grpc.AdminServiceStub(channel)
        self.minutes = {}

    def of(self, cooperative):
        if cooperative not in self.minutes:
            reply = self.admin.ListCooperatives(admin_service_pb2.ListCooperativesRequest())
            self.minutes = {c.number: c.zone_minutes for c in reply.cooperatives}
        return self.minutes[cooperative]


def sales_of(entry, zones):
    """What the entry adds to sales: (cooperative, branch, day, sen)."""
    sides = ((entry.credit_account, entry.amount), (entry.debit_account, -entry.amount))
    for account, sen in sides:
        if account >> 26 & (1 << 14) - 1 == SALES:
            cooperative, branch = account >> 40, account & (1 << 26) - 1
            zone = datetime.timezone(datetime.timedelta(minutes=zones.of(cooperative)))
            day = datetime.datetime.fromtimestamp(entry.timestamp_ns // 10**9, zone).date()
            yield cooperative, branch, day.isoformat(), sen


def main(address, path, *options):
    database = open_database(path)
    channel = grpc.insecure_channel(address)
    zones = Zones(channel)
    (next_sequence,) = database.execute('SELECT next_sequence FROM position').fetchone()
    replies = ledger_service_pb2_grpc.LedgerServiceStub(channel).ReadEntries(
        ledger_service_pb2.ReadEntriesRequest(
            from_sequence=next_sequence, follow='--follow' in options,
            filter=ledger_service_pb2.EntryFilter(steps=MOVES,
                                                  outcomes=[types.OUTCOME_ACCEPTED])))
    for reply in replies:
        with database:  # one transaction: all of it or nothing
            for entry in reply.entries:
                for row in sales_of(entry, zones):
                    database.execute(
                        'INSERT INTO sales VALUES (?, ?, ?, ?) ON CONFLICT '
                        'DO UPDATE SET sen = sen + excluded.sen', row)
            database.execute('UPDATE position SET next_sequence = ?', (reply.next_sequence,))


if __name__ == '__main__':
    main(*sys.argv[1:])
