"""A super-app's back end: a member tops up, pays at the groceries, and the reply is lost."""
import secrets
import sys
import time

import grpc
from lumbung.v1 import account_service_pb2, account_service_pb2_grpc
from lumbung.v1 import payment_service_pb2 as api, payment_service_pb2_grpc, types_pb2

address, cooperative, member = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
channel = grpc.insecure_channel(address)
payments = payment_service_pb2_grpc.PaymentServiceStub(channel)
accounts = account_service_pb2_grpc.AccountServiceStub(channel)


def new_id():  # a UUIDv7; store it before you send it
    value = int(time.time() * 1000) << 80 | 7 << 76 | secrets.randbits(12) << 64
    return types_pb2.Uuid(high=value >> 64, low=2 << 62 | secrets.randbits(62))


def show(what, result):
    repeat = ' (duplicate)' if result.duplicate else ''
    print(f'{what}: {types_pb2.Outcome.Name(result.outcome)}, entry {result.sequence}{repeat}')


show('top-up', payments.Deposit(api.DepositRequest(
    id=new_id(), member=types_pb2.Member(cooperative=cooperative, number=member),
    savings=api.SAVINGS_SUKARELA, amount=100_000_00)))  # Rp100.000, in sen
bill = api.PayRequest(id=new_id(), tender=api.TENDER_WALLET, cooperative=cooperative, branch=2,
                      member=member, amount=25_000_00, text='INV-2026-0042')
show('payment', payments.Pay(bill))
show('the same again', payments.Pay(bill))  # no reply? send it again: it is paid once
wallet = account_service_pb2.GetBalanceRequest(account=cooperative << 40 | 2101 << 26 | member)
print(f'balance: Rp{accounts.GetBalance(wallet).balance // 100:,}'.replace(',', '.'))
