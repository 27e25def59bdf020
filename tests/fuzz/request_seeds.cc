// A good message of each kind, numbered as in request.cc.
#include "engine/account_id.h"
#include "engine/chart.h"
#include "lumbung/v1/account_service.pb.h"
#include "lumbung/v1/admin_service.pb.h"
#include "lumbung/v1/payment_service.pb.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

constexpr uint32_t kCooperative = 7;

uint64_t AccountOf(AccountCode code, uint32_t holder) {
  return AccountId::From({.cooperative = CooperativeId{kCooperative},
                          .code = code,
                          .holder = HolderNumber{holder}})
      .value();
}

void SetId(v1::Uuid* id, uint64_t number) {
  id->set_high(uint64_t{0x0190'0000'0000'7000} + number);
  id->set_low(uint64_t{1} << 63 | number);
}

v1::Transaction Payment() {
  v1::Transaction payment;
  SetId(payment.mutable_id(), 1);
  payment.set_kind(v1::KIND_PAYMENT);
  payment.set_debit_account(AccountOf(code::kWallet, 55));
  payment.set_credit_account(AccountOf(code::kSales, 2));
  payment.set_amount(125'000);
  payment.set_text("bon 17");
  payment.mutable_evidence()->set_branch(2);
  payment.mutable_evidence()->set_terminal(7);
  return payment;
}

v1::Transaction HoldOfTwoLegs() {
  v1::Transaction hold = Payment();
  hold.set_step(v1::STEP_HOLD);
  hold.set_hold_seconds(60);
  v1::Leg& leg = *hold.add_further_legs();
  leg.set_debit_account(AccountOf(code::kWallet, 55));
  leg.set_credit_account(AccountOf(code::kVat, 0));
  leg.set_amount(1);
  return hold;
}

v1::Transaction Refund() {
  v1::Transaction refund;
  refund.set_step(v1::STEP_REFUND);
  SetId(refund.mutable_id(), 2);
  SetId(refund.mutable_related_id(), 1);
  refund.set_amount(5);
  return refund;
}

v1::Member MemberOf(uint32_t number) {
  v1::Member member;
  member.set_cooperative(kCooperative);
  member.set_number(number);
  return member;
}

// Numbers the messages in the order in which they are added.
class List {
 public:
  template <typename Message>
  void Add(const Message& message) {
    seeds_.push_back({Message::descriptor()->name(),
                      std::string(1, static_cast<char>(next_++)) + message.SerializeAsString()});
  }
  // One more of the kind that was added first.
  void AddTransaction(const char* name, const v1::Transaction& transaction) {
    seeds_.push_back({name, std::string(1, '\0') + transaction.SerializeAsString()});
  }
  void AddRows(const char* name, const v1::SubmitBatchRequest& rows) {
    const std::string head = {static_cast<char>(next_), '\7'};
    seeds_.push_back({name, head + rows.SerializeAsString()});
  }
  const std::vector<Seed>& seeds() const { return seeds_; }

 private:
  std::vector<Seed> seeds_;
  int next_ = 0;
};

void AddPayments(List& list) {
  list.Add(Payment());
  list.AddTransaction("hold-of-two-legs", HoldOfTwoLegs());
  list.AddTransaction("refund", Refund());
  v1::PayRequest pay;
  SetId(pay.mutable_id(), 3);
  pay.set_tender(v1::TENDER_WALLET);
  pay.set_cooperative(kCooperative);
  pay.set_branch(2);
  pay.set_member(55);
  pay.set_amount(100);
  list.Add(pay);
  v1::TransferRequest transfer;
  SetId(transfer.mutable_id(), 4);
  *transfer.mutable_source() = MemberOf(55);
  *transfer.mutable_target() = MemberOf(56);
  transfer.set_amount(100);
  list.Add(transfer);
  v1::DepositRequest deposit;
  SetId(deposit.mutable_id(), 5);
  *deposit.mutable_member() = MemberOf(55);
  deposit.set_savings(v1::SAVINGS_WAJIB);
  deposit.set_terminal(7);
  deposit.set_amount(100);
  list.Add(deposit);
  v1::WithdrawRequest withdraw;
  SetId(withdraw.mutable_id(), 6);
  *withdraw.mutable_member() = MemberOf(55);
  withdraw.set_terminal(7);
  withdraw.set_amount(100);
  list.Add(withdraw);
}

void AddFollowing(List& list) {
  v1::HoldRequest hold;
  SetId(hold.mutable_id(), 7);
  *hold.mutable_payer() = MemberOf(55);
  hold.set_branch(2);
  hold.set_amount(100);
  hold.set_seconds(900);
  list.Add(hold);
  v1::CaptureRequest capture;
  SetId(capture.mutable_id(), 8);
  SetId(capture.mutable_hold_id(), 7);
  capture.set_amount(50);
  list.Add(capture);
  v1::VoidRequest release;
  SetId(release.mutable_id(), 9);
  SetId(release.mutable_hold_id(), 7);
  list.Add(release);
  v1::RefundRequest refund;
  SetId(refund.mutable_id(), 10);
  SetId(refund.mutable_original_id(), 3);
  list.Add(refund);
  v1::ReverseRequest reverse;
  SetId(reverse.mutable_id(), 11);
  SetId(reverse.mutable_original_id(), 3);
  list.Add(reverse);
  v1::ResolveRequest resolve;
  SetId(resolve.mutable_id(), 12);
  resolve.set_fence(true);
  resolve.set_cooperative(kCooperative);
  list.Add(resolve);
}

void AddFacts(List& list) {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(kCooperative);
  cooperative.set_name("KDMP Bentangan");
  cooperative.set_zone_minutes(420);
  cooperative.mutable_policy()->set_vat_basis_points(1100);
  list.Add(cooperative);
  v1::OpenBranchRequest branch;
  branch.set_cooperative(kCooperative);
  branch.set_number(2);
  branch.set_name("Gerai Sembako");
  list.Add(branch);
  v1::OpenTerminalRequest terminal;
  terminal.set_cooperative(kCooperative);
  terminal.set_branch(2);
  terminal.set_number(7);
  list.Add(terminal);
  v1::SetPolicyRequest policy;
  policy.set_cooperative(kCooperative);
  policy.mutable_policy()->set_transfer_fee(2'500);
  list.Add(policy);
  v1::OpenAccount account;
  account.set_account(AccountOf(code::kWallet, 57));
  account.mutable_limits()->set_floor(0);
  list.Add(account);
  v1::SetAccountStatusRequest status;
  status.set_account(AccountOf(code::kWallet, 55));
  status.set_status(v1::ACCOUNT_STATUS_FROZEN);
  list.Add(status);
  v1::SetAccountLimitsRequest limits;
  limits.set_account(AccountOf(code::kWallet, 55));
  limits.mutable_limits()->set_per_day(1'000'000);
  list.Add(limits);
}

}  // namespace

std::vector<Seed> Seeds() {
  List list;
  AddPayments(list);
  AddFollowing(list);
  AddFacts(list);
  v1::SubmitBatchRequest rows;
  rows.add_transactions()->set_amount(1);
  *rows.add_transactions() = Refund();
  list.AddRows("rows", rows);
  return list.seeds();
}

}  // namespace lumbung::fuzz
