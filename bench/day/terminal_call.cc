#include "bench/day/terminal_call.h"

#include <utility>

#include "bench/day/unary_call.h"
#include "engine/account_id.h"

namespace lumbung {

namespace {

using Payments = v1::PaymentService::StubInterface::async_interface;

// --- the fields that differ from call to call; false if the call can't say it ---

bool Fill(const v1::Transaction& transaction, v1::PayRequest& request) {
  const AccountId payer{transaction.debit_account()};
  const AccountId payee{transaction.credit_account()};
  switch (transaction.kind()) {
    case v1::KIND_PAYMENT:
      request.set_tender(v1::TENDER_WALLET);
      request.set_member(payer.holder().value());
      break;
    case v1::KIND_CASH_SALE:
      request.set_tender(v1::TENDER_CASH);
      request.set_terminal(payer.holder().value());
      break;
    case v1::KIND_QRIS_SALE:
      request.set_tender(v1::TENDER_QRIS);
      break;
    default:
      return false;
  }
  request.set_cooperative(payer.cooperative().value());
  request.set_branch(payee.holder().value());
  request.set_amount(transaction.amount());
  return true;
}

void SetMember(uint64_t account, v1::Member& member) {
  member.set_cooperative(AccountId{account}.cooperative().value());
  member.set_number(AccountId{account}.holder().value());
}

bool Fill(const v1::Transaction& transaction, v1::TransferRequest& request) {
  SetMember(transaction.debit_account(), *request.mutable_source());
  SetMember(transaction.credit_account(), *request.mutable_target());
  request.set_amount(transaction.amount());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::DepositRequest& request) {
  switch (transaction.kind()) {
    case v1::KIND_DEPOSIT_POKOK:
      request.set_savings(v1::SAVINGS_POKOK);
      break;
    case v1::KIND_DEPOSIT_WAJIB:
      request.set_savings(v1::SAVINGS_WAJIB);
      break;
    case v1::KIND_DEPOSIT_SUKARELA:
      request.set_savings(v1::SAVINGS_SUKARELA);
      break;
    default:
      return false;
  }
  SetMember(transaction.credit_account(), *request.mutable_member());
  request.set_terminal(AccountId{transaction.debit_account()}.holder().value());
  request.set_amount(transaction.amount());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::WithdrawRequest& request) {
  SetMember(transaction.debit_account(), *request.mutable_member());
  request.set_terminal(AccountId{transaction.credit_account()}.holder().value());
  request.set_amount(transaction.amount());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::HoldRequest& request) {
  if (transaction.further_legs_size() > 0 || transaction.kind() != v1::KIND_PAYMENT) return false;
  SetMember(transaction.debit_account(), *request.mutable_payer());
  request.set_branch(AccountId{transaction.credit_account()}.holder().value());
  request.set_amount(transaction.amount());
  request.set_seconds(transaction.hold_seconds());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::CaptureRequest& request) {
  *request.mutable_hold_id() = transaction.related_id();
  if (transaction.amount() != 0) request.set_amount(transaction.amount());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::VoidRequest& request) {
  *request.mutable_hold_id() = transaction.related_id();
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::RefundRequest& request) {
  *request.mutable_original_id() = transaction.related_id();
  if (transaction.amount() != 0) request.set_amount(transaction.amount());
  return true;
}

bool Fill(const v1::Transaction& transaction, v1::ReverseRequest& request) {
  *request.mutable_original_id() = transaction.related_id();
  return true;
}

// --- sending ---

void StartSubmit(Payments& stub, std::unique_ptr<Flight> flight, Landing& landing) {
  auto call = CallOf<v1::Transaction, v1::TransactionResult>(std::move(flight));
  call->request = call->flight->calls.front().transaction;
  StartUnary(&stub, &Payments::Submit, std::move(call), landing);
}

template <typename Request>
using Method = void (Payments::*)(grpc::ClientContext*, const Request*, v1::TransactionResult*,
                                  std::function<void(grpc::Status)>);

template <typename Request>
void Start(Payments& stub, Method<Request> method, std::unique_ptr<Flight> flight,
           Landing& landing) {
  auto call = CallOf<Request, v1::TransactionResult>(std::move(flight));
  const v1::Transaction& transaction = call->flight->calls.front().transaction;
  Request& request = call->request;
  if (!Fill(transaction, request)) return StartSubmit(stub, std::move(call->flight), landing);
  *request.mutable_id() = transaction.id();
  request.set_reference(transaction.reference());
  request.set_text(transaction.text());
  if (transaction.has_evidence()) *request.mutable_evidence() = transaction.evidence();
  StartUnary(&stub, method, std::move(call), landing);
}

void StartPost(Payments& stub, std::unique_ptr<Flight> flight, Landing& landing) {
  const v1::Transaction& transaction = flight->calls.front().transaction;
  if (!transaction.by_rule()) return StartSubmit(stub, std::move(flight), landing);
  switch (transaction.kind()) {
    case v1::KIND_TRANSFER:
      return Start<v1::TransferRequest>(stub, &Payments::Transfer, std::move(flight), landing);
    case v1::KIND_WITHDRAWAL:
      return Start<v1::WithdrawRequest>(stub, &Payments::Withdraw, std::move(flight), landing);
    case v1::KIND_DEPOSIT_POKOK:
    case v1::KIND_DEPOSIT_WAJIB:
    case v1::KIND_DEPOSIT_SUKARELA:
      return Start<v1::DepositRequest>(stub, &Payments::Deposit, std::move(flight), landing);
    default:
      return Start<v1::PayRequest>(stub, &Payments::Pay, std::move(flight), landing);
  }
}

}  // namespace

void StartTerminalCall(Payments& stub, std::unique_ptr<Flight> flight, Landing& landing) {
  switch (flight->calls.front().transaction.step()) {
    case v1::STEP_POST:
      return StartPost(stub, std::move(flight), landing);
    case v1::STEP_HOLD:
      return Start<v1::HoldRequest>(stub, &Payments::Hold, std::move(flight), landing);
    case v1::STEP_CAPTURE:
      return Start<v1::CaptureRequest>(stub, &Payments::Capture, std::move(flight), landing);
    case v1::STEP_VOID:
      return Start<v1::VoidRequest>(stub, &Payments::Void, std::move(flight), landing);
    case v1::STEP_REFUND:
      return Start<v1::RefundRequest>(stub, &Payments::Refund, std::move(flight), landing);
    case v1::STEP_REVERSE:
      return Start<v1::ReverseRequest>(stub, &Payments::Reverse, std::move(flight), landing);
    default:
      return StartSubmit(stub, std::move(flight), landing);
  }
}

}  // namespace lumbung
