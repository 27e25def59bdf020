#include "bench/day/set_up.h"

#include <algorithm>
#include <string>

#include "bench/day/patient_call.h"
#include "bench/day/record_line.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/opening.h"
#include "bench/workload/party_picker.h"
#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// Members opened in one call: the most that the API takes.
constexpr uint32_t kMembersACall = 1'638;

void Encode(const Policy& policy, v1::Policy& message) {
  message.set_vat_basis_points(policy.vat_basis_points);
  message.set_platform_fee_basis_points(policy.platform_fee_basis_points);
  message.set_mdr_basis_points(policy.mdr_basis_points);
  message.set_mdr_free_up_to(policy.mdr_free_up_to.value());
  message.set_transfer_fee(policy.transfer_fee.value());
}

// The first opening that was not accepted, as an error.
template <typename Reply>
absl::Status CheckOpened(const Reply& reply, const std::string& what) {
  for (const v1::OpenResult& result : reply.results()) {
    if (result.outcome() == v1::OUTCOME_ACCEPTED) continue;
    return absl::InternalError(what + ": " + std::string(OutcomeName(result.outcome())) + " " +
                               result.message());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SetUp::Open(const CooperativePlan& plan) {
  absl::Status status = OpenOrganisation(plan);
  if (status.ok()) status = OpenMembers(plan);
  if (status.ok()) status = OpenLoans(plan);
  if (status.ok()) status = PostOpenings(plan);
  if (status.ok()) status = SetLimitsAndStatus(plan);
  return status;
}

absl::Status SetUp::OpenOrganisation(const CooperativePlan& plan) {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(plan.id.value());
  cooperative.set_name(plan.name);
  cooperative.set_zone_minutes(plan.zone_minutes);
  Encode(plan.policy, *cooperative.mutable_policy());
  absl::Status status = CallPatiently(
      transport_, reconnect_, "opening " + plan.name, [&](grpc::ClientContext& context) {
        v1::Cooperative reply;
        return transport_.admin().OpenCooperative(&context, cooperative, &reply);
      });
  for (size_t i = 0; status.ok() && i < plan.branches.size(); ++i) {
    v1::OpenBranchRequest branch;
    branch.set_cooperative(plan.id.value());
    branch.set_number(plan.branches[i].id.value());
    branch.set_name(std::string(plan.branches[i].name));
    status = CallPatiently(transport_, reconnect_,
                           "opening branch " + branch.name() + " of " + plan.name,
                           [&](grpc::ClientContext& context) {
                             v1::Branch reply;
                             return transport_.admin().OpenBranch(&context, branch, &reply);
                           });
  }
  for (size_t i = 0; status.ok() && i < plan.terminals.size(); ++i) {
    v1::OpenTerminalRequest terminal;
    terminal.set_cooperative(plan.id.value());
    terminal.set_branch(plan.terminals[i].branch.value());
    terminal.set_number(plan.terminals[i].id.value());
    terminal.set_name(plan.terminals[i].name);
    status = CallPatiently(transport_, reconnect_,
                           "opening terminal " + terminal.name() + " of " + plan.name,
                           [&](grpc::ClientContext& context) {
                             v1::Terminal reply;
                             return transport_.admin().OpenTerminal(&context, terminal, &reply);
                           });
  }
  return status;
}

absl::Status SetUp::OpenMembers(const CooperativePlan& plan) {
  const std::string what = "opening the members of " + plan.name;
  for (uint32_t first = 1; first <= plan.members; first += kMembersACall) {
    v1::OpenMembersRequest request;
    request.set_cooperative(plan.id.value());
    const uint32_t end = std::min(plan.members + 1, first + kMembersACall);
    for (uint32_t member = first; member < end; ++member) request.add_members(member);
    v1::OpenMembersReply reply;
    absl::Status status =
        CallPatiently(transport_, reconnect_, what, [&](grpc::ClientContext& context) {
          return transport_.accounts().OpenMembers(&context, request, &reply);
        });
    if (status.ok()) status = CheckOpened(reply, what);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SetUp::OpenLoans(const CooperativePlan& plan) {
  const std::string what = "opening the loans of " + plan.name;
  v1::OpenAccountsRequest request;
  for (uint32_t member = 1; member <= plan.members; ++member) {
    if (HasLoan(member)) {
      request.add_accounts()->set_account(plan.Of(code::kLoan, member).value());
    }
  }
  v1::OpenAccountsReply reply;
  const absl::Status status =
      CallPatiently(transport_, reconnect_, what, [&](grpc::ClientContext& context) {
        return transport_.accounts().OpenAccounts(&context, request, &reply);
      });
  return status.ok() ? CheckOpened(reply, what) : status;
}

absl::Status SetUp::PostOpenings(const CooperativePlan& plan) {
  const std::string what = "posting the opening balances of " + plan.name;
  v1::SubmitBatchRequest request;
  for (v1::Transaction& opening : OpeningTransactions(plan)) {
    const auto known = known_.transactions().find(IdOf(opening.id()));
    if (known != known_.transactions().end() && known->second.outcome == v1::OUTCOME_ACCEPTED) {
      continue;
    }
    record_.Add(SentText(opening));
    *request.add_transactions() = std::move(opening);
  }
  if (request.transactions_size() == 0) return absl::OkStatus();
  absl::Status status = record_.Flush();
  if (!status.ok()) return status;
  v1::SubmitBatchReply reply;
  status = CallPatiently(transport_, reconnect_, what, [&](grpc::ClientContext& context) {
    return transport_.payments().SubmitBatch(&context, request, &reply);
  });
  if (!status.ok()) return status;
  for (int i = 0; i < reply.results_size(); ++i) {
    const TransactionId id = IdOf(request.transactions(i).id());
    const v1::TransactionResult& result = reply.results(i);
    if (result.outcome() != v1::OUTCOME_ACCEPTED) {
      return absl::InternalError(what + ": transaction " + id.ToString() + " was answered " +
                                 std::string(OutcomeName(result.outcome())) + " " +
                                 result.message());
    }
    record_.Add(AnsweredText(id, result));
  }
  return record_.Flush();
}

absl::Status SetUp::SetLimitsAndStatus(const CooperativePlan& plan) {
  absl::Status status;
  for (uint32_t member = 1; status.ok() && member <= plan.members; ++member) {
    const AccountId wallet = plan.Of(code::kWallet, member);
    if (IsLimited(member)) {
      v1::SetAccountLimitsRequest request;
      request.set_account(wallet.value());
      request.mutable_limits()->set_floor(0);
      request.mutable_limits()->set_ceiling(kWalletCeiling.value());
      request.mutable_limits()->set_per_transaction(kMemberLimit.value());
      status =
          CallPatiently(transport_, reconnect_, "limiting " + wallet.ToString(),
                        [&](grpc::ClientContext& context) {
                          v1::Account reply;
                          return transport_.accounts().SetAccountLimits(&context, request, &reply);
                        });
    } else if (IsFrozen(member)) {
      v1::SetAccountStatusRequest request;
      request.set_account(wallet.value());
      request.set_status(v1::ACCOUNT_STATUS_FROZEN);
      status =
          CallPatiently(transport_, reconnect_, "freezing " + wallet.ToString(),
                        [&](grpc::ClientContext& context) {
                          v1::Account reply;
                          return transport_.accounts().SetAccountStatus(&context, request, &reply);
                        });
    }
  }
  return status;
}

absl::Status SetUp::ReadBalances(const CooperativePlan& plan, ExpectedBooks& books) {
  v1::ListAccountsRequest request;
  request.set_cooperative(plan.id.value());
  request.set_page_size(kMaxBatch);
  do {
    v1::ListAccountsReply page;
    const absl::Status status =
        CallPatiently(transport_, reconnect_, "reading the balances of " + plan.name,
                      [&](grpc::ClientContext& context) {
                        return transport_.accounts().ListAccounts(&context, request, &page);
                      });
    if (!status.ok()) return status;
    for (const v1::Account& account : page.accounts()) {
      if (books.Find(AccountId{account.account()}) == nullptr) continue;
      books.Set(AccountId{account.account()}, Amount{account.balance() - account.held()});
    }
    request.set_after(page.next());
  } while (request.after() != 0);
  return absl::OkStatus();
}

}  // namespace lumbung
