#include "tests/api/bentangan.h"

#include <atomic>
#include <chrono>
#include <random>

namespace lumbung {

namespace {

using v1::PaymentService;

void OpenWithMembers(RunningServer& server, uint32_t number) {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(number);
  cooperative.set_name("KDMP " + std::to_string(number));
  Ask<v1::Cooperative>(server.admin(), &v1::AdminService::Stub::OpenCooperative, cooperative);
  v1::OpenBranchRequest branch;
  branch.set_cooperative(number);
  branch.set_number(kGroceries);
  branch.set_name("Gerai Sembako");
  Ask<v1::Branch>(server.admin(), &v1::AdminService::Stub::OpenBranch, branch);
  v1::OpenTerminalRequest terminal;
  terminal.set_cooperative(number);
  terminal.set_branch(kGroceries);
  terminal.set_number(kTerminal);
  Ask<v1::Terminal>(server.admin(), &v1::AdminService::Stub::OpenTerminal, terminal);
  v1::OpenMembersRequest members;
  members.set_cooperative(number);
  for (uint32_t member = 1; member <= kMembers; ++member) members.add_members(member);
  const auto opened =
      Ask<v1::OpenMembersReply>(server.account(), &v1::AccountService::Stub::OpenMembers, members);
  for (const v1::OpenResult& result : opened.results()) {
    EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED) << result.message();
  }
  for (uint32_t member = 1; member <= kMembers; ++member) {
    v1::DepositRequest deposit;
    *deposit.mutable_id() = NewId();
    deposit.mutable_member()->set_cooperative(number);
    deposit.mutable_member()->set_number(member);
    deposit.set_savings(v1::SAVINGS_SUKARELA);
    deposit.set_terminal(kTerminal);
    deposit.set_amount(kOpening);
    const auto result =
        Ask<v1::TransactionResult>(server.payment(), &PaymentService::Stub::Deposit, deposit);
    EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED) << result.message();
  }
}

}  // namespace

v1::Uuid NewId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  v1::Uuid id;
  id.set_high(static_cast<uint64_t>(ms) << 16 | 0x7000 | (random() & 0xFFF));
  id.set_low(uint64_t{1} << 63 | random() >> 2);
  return id;
}

uint64_t AccountOf(uint32_t cooperative, AccountCode code, uint32_t holder) {
  return AccountId::From({.cooperative = CooperativeId{cooperative},
                          .code = code,
                          .holder = HolderNumber{holder}})
      .value();
}

void OpenCooperatives(RunningServer& server) {
  OpenWithMembers(server, kBentangan);
  OpenWithMembers(server, kNeighbour);
}

v1::PayRequest Payment(uint32_t member, int64_t amount) {
  v1::PayRequest pay;
  *pay.mutable_id() = NewId();
  pay.set_tender(v1::TENDER_WALLET);
  pay.set_cooperative(kBentangan);
  pay.set_branch(kGroceries);
  pay.set_member(member);
  pay.set_amount(amount);
  return pay;
}

v1::Transaction PaymentRow(uint32_t member, int64_t amount) {
  v1::Transaction row;
  *row.mutable_id() = NewId();
  row.set_kind(v1::KIND_PAYMENT);
  row.set_debit_account(WalletOf(member));
  row.set_credit_account(AccountOf(kBentangan, code::kSales, kGroceries));
  row.set_amount(amount);
  return row;
}

v1::TransactionResult Pay(RunningServer& server, const v1::PayRequest& pay) {
  return Ask<v1::TransactionResult>(server.payment(), &PaymentService::Stub::Pay, pay);
}

v1::TransactionResult Submit(RunningServer& server, const v1::Transaction& transaction) {
  return Ask<v1::TransactionResult>(server.payment(), &PaymentService::Stub::Submit, transaction);
}

v1::Account BalanceOf(RunningServer& server, uint64_t account) {
  v1::GetBalanceRequest message;
  message.set_account(account);
  return Ask<v1::Account>(server.account(), &v1::AccountService::Stub::GetBalance, message);
}

v1::GetStatusReply StatusWithHash(RunningServer& server) {
  v1::GetStatusRequest message;
  message.set_state_hash(true);
  return Ask<v1::GetStatusReply>(server.admin(), &v1::AdminService::Stub::GetStatus, message);
}

v1::GetTrialBalanceReply TrialBalanceOf(RunningServer& server, uint32_t cooperative,
                                        const std::string& date) {
  v1::GetTrialBalanceRequest message;
  message.set_cooperative(cooperative);
  message.set_business_date(date);
  return Ask<v1::GetTrialBalanceReply>(server.ledger(), &v1::LedgerService::Stub::GetTrialBalance,
                                       message);
}

}  // namespace lumbung
