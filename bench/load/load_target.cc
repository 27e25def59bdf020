#include "bench/load/load_target.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// Out of the way of every real cooperative's number.
constexpr CooperativeId kLoadCooperative{9'000'001};
constexpr int kMaxMessageBytes = 16 << 20;

absl::Status FromGrpc(const grpc::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(what + ": " + status.error_message());
}

AccountId Wallet(uint32_t holder) {
  return AccountId::From(
      {.cooperative = kLoadCooperative, .code = code::kWallet, .holder = HolderNumber{holder}});
}

}  // namespace

LoadTarget::LoadTarget(const std::string& server, pid_t pid) : server_(server), pid_(pid) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  const auto channel =
      grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  accounts_ = v1::AccountService::NewStub(channel);
  admin_ = v1::AdminService::NewStub(channel);
}

absl::StatusOr<std::unique_ptr<LoadTarget>> LoadTarget::Start(const std::string& lumbungd,
                                                              const std::string& parent) {
  absl::StatusOr<TemporaryFolder> folder = TemporaryFolder::Make(parent);
  if (!folder.ok()) return folder.status();
  const std::string ready_file = folder->path() + "/address";
  absl::StatusOr<ChildProcess> child =
      ChildProcess::Start({.arguments = {lumbungd, "--data", folder->path() + "/data", "--listen",
                                         "127.0.0.1:0", "--ready-file", ready_file},
                           .log = folder->path() + "/log",
                           .ready_file = ready_file});
  if (!child.ok()) return child.status();
  auto target = std::make_unique<LoadTarget>(child->address(), child->pid());
  target->folder_.emplace(*std::move(folder));
  target->child_.emplace(*std::move(child));
  return target;
}

absl::StatusOr<AccountId> LoadTarget::OpenAccounts(uint32_t accounts) {
  {
    grpc::ClientContext context;
    v1::OpenCooperativeRequest request;
    request.set_number(kLoadCooperative.value());
    request.set_name("Load");
    v1::Cooperative reply;
    const absl::Status status = FromGrpc(admin_->OpenCooperative(&context, request, &reply),
                                         "opening the load's cooperative");
    if (!status.ok()) return status;
  }
  for (uint32_t first = 1; first <= accounts; first += kMaxBatch) {
    v1::OpenAccountsRequest request;
    const uint32_t end = std::min<uint32_t>(accounts + 1, first + kMaxBatch);
    for (uint32_t holder = first; holder < end; ++holder) {
      v1::OpenAccount& opening = *request.add_accounts();
      opening.set_account(Wallet(holder).value());
      opening.mutable_limits();  // none at all
    }
    grpc::ClientContext context;
    v1::OpenAccountsReply reply;
    const absl::Status status =
        FromGrpc(accounts_->OpenAccounts(&context, request, &reply), "opening accounts");
    if (!status.ok()) return status;
    for (const v1::OpenResult& result : reply.results()) {
      if (result.outcome() != v1::OUTCOME_ACCEPTED) {
        return absl::InternalError("opening accounts: " + result.ShortDebugString());
      }
    }
  }
  return Wallet(1);
}

absl::StatusOr<LoadTarget::Sums> LoadTarget::AddUp() {
  Sums sums;
  v1::ListAccountsRequest request;
  request.set_cooperative(kLoadCooperative.value());
  request.set_page_size(kMaxBatch);
  do {
    grpc::ClientContext context;
    v1::ListAccountsReply page;
    const absl::Status status =
        FromGrpc(accounts_->ListAccounts(&context, request, &page), "adding up balances");
    if (!status.ok()) return status;
    for (const v1::Account& account : page.accounts()) {
      if (AccountId{account.account()}.code() != code::kWallet) continue;
      sums.balances += account.balance();
      sums.credits += account.credits_posted();
    }
    request.set_after(page.next());
  } while (request.after() != 0);
  return sums;
}

}  // namespace lumbung
