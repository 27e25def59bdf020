"""A super-app's back end: a member tops up, pays at the groceries, and the reply is lost."""
import secrets
import sys
import time

import grpc
from lumbung.v1 import account_service_pb2, account_service_pb2_grpc
from lumbung.v1 import payment_service_pb2 as api, payment_service_pb2_grpc, types_pb2

channel = grpc.insecure_channel(sys.argv[1])
payments = payment_service_pb2_grpc.PaymentServiceStub(channel)
accounts = account_service_pb2_grpc.AccountServiceStub(channel)
budi = types_pb2.Member(cooperative=int(sys.argv[2]), number=int(sys.argv[3]))


def new_id():  # a UUIDv7; store it before you send it
    value = int(time.time() * 1000) << 80 | 7 << 76 | secrets.randbits(12) << 64
    return types_pb2.Uuid(high=value >> 64, low=2 << 62 | secrets.randbits(62))


def show(what, result):
    print(f'{what}: {types_pb2.Outcome.Name(result.outcome)}, entry {result.sequence}',
          '(duplicate)' if result.duplicate else '')


show('top-up', payments.Deposit(api.DepositRequest(
    id=new_id(), member=budi, savings=api.SAVINGS_SUKARELA, amount=100_000_00)))
bill = api.PayRequest(id=new_id(), tender=api.TENDER_WALLET, cooperative=budi.cooperative, branch=2,
                      member=budi.number, amount=25_000_00, text='INV-2026-0042')
show('payment', payments.Pay(bill))
show('the same again', payments.Pay(bill))  # no reply? send it again: it is paid once
wallet = budi.cooperative << 40 | 2101 << 26 | budi.number
balance = accounts.GetBalance(account_service_pb2.GetBalanceRequest(account=wallet)).balance
print(f'balance: Rp{balance // 100:,}'.replace(',', '.'))
