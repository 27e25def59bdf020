#include "bench/load/load_target.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "bench/workload/message_limit.h"
#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// Out of the way of every real cooperative's number.
constexpr CooperativeId kLoadCooperative{9'000'001};

absl::Status FromGrpc(const grpc::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(what + ": " + status.error_message());
}

AccountId Own(AccountCode code, uint32_t holder) {
  return AccountId::From(
      {.cooperative = kLoadCooperative, .code = code, .holder = HolderNumber{holder}});
}

AccountId Wallet(uint32_t holder) { return Own(code::kWallet, holder); }

}  // namespace

LoadTarget::LoadTarget(const std::string& server, pid_t pid) : server_(server), pid_(pid) {
  Connect();
}

void LoadTarget::Connect() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  const auto channel =
      grpc::CreateCustomChannel(server_, grpc::InsecureChannelCredentials(), arguments);
  accounts_ = v1::AccountService::NewStub(channel);
  admin_ = v1::AdminService::NewStub(channel);
}

absl::StatusOr<std::unique_ptr<LoadTarget>> LoadTarget::Start(const Places& places) {
  absl::StatusOr<TemporaryFolder> folder = TemporaryFolder::Make(places.folder);
  if (!folder.ok()) return folder.status();
  const std::string ready_file = folder->path() + "/address";
  // An hour: a long ledger may be applied again from its first entry.
  constexpr std::chrono::hours kPatience{1};
  ChildProcess::Command command{
      .arguments = {places.lumbungd, "--data", folder->path() + "/data", "--listen", "127.0.0.1:0",
                    "--ready-file", ready_file},
      .log = folder->path() + "/log",
      .ready_file = ready_file,
      .patience = kPatience};
  command.arguments.insert(command.arguments.end(), places.server_options.begin(),
                           places.server_options.end());
  absl::StatusOr<ChildProcess> child = ChildProcess::Start(command);
  if (!child.ok()) return child.status();
  auto target = std::make_unique<LoadTarget>(child->address(), child->pid());
  target->folder_.emplace(*std::move(folder));
  target->command_ = std::move(command);
  target->child_.emplace(*std::move(child));
  return target;
}

// Without the connection: an idle one does not hear that the server ends, which waits for it then.
absl::Status LoadTarget::Stop() {
  accounts_.reset();
  admin_.reset();
  const absl::Status stopped = child_->Stop();
  child_.reset();
  return stopped;
}

absl::StatusOr<double> LoadTarget::StartAgain() {
  std::filesystem::remove(command_.ready_file);
  const auto started = std::chrono::steady_clock::now();
  absl::StatusOr<ChildProcess> child = ChildProcess::Start(command_);
  if (!child.ok()) return child.status();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  server_ = child->address();
  pid_ = child->pid();
  child_.emplace(*std::move(child));
  Connect();
  return took.count();
}

absl::StatusOr<double> LoadTarget::KillAndRestart() {
  const auto killed = std::chrono::steady_clock::now();
  const absl::Status ended = child_->Kill();
  child_.reset();
  if (!ended.ok()) return ended;
  const absl::StatusOr<double> started = StartAgain();
  if (!started.ok()) return started.status();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - killed).count();
}

absl::StatusOr<double> LoadTarget::RestartFromTheLedger() {
  if (const absl::Status stopped = Stop(); !stopped.ok()) return stopped;
  ChildProcess::Command drop = command_;
  drop.arguments = {command_.arguments[0], "--data", data(), "--drop-derived"};
  const absl::Status dropped = ChildProcess::Run(drop);
  if (!dropped.ok()) return dropped;
  return StartAgain();
}

absl::Status LoadTarget::OpenOrganisation() {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(kLoadCooperative.value());
  cooperative.set_name("Load");
  v1::OpenBranchRequest branch;
  branch.set_cooperative(kLoadCooperative.value());
  branch.set_number(1);
  branch.set_name("Load");
  v1::OpenTerminalRequest terminal;
  terminal.set_cooperative(kLoadCooperative.value());
  terminal.set_branch(1);
  terminal.set_number(1);
  terminal.set_name("Load");
  grpc::ClientContext contexts[3];
  v1::Cooperative opened_cooperative;
  v1::Branch opened_branch;
  v1::Terminal opened_terminal;
  absl::Status status =
      FromGrpc(admin_->OpenCooperative(&contexts[0], cooperative, &opened_cooperative),
               "opening the load's cooperative");
  if (status.ok()) {
    status = FromGrpc(admin_->OpenBranch(&contexts[1], branch, &opened_branch),
                      "opening the load's branch");
  }
  if (status.ok()) {
    status = FromGrpc(admin_->OpenTerminal(&contexts[2], terminal, &opened_terminal),
                      "opening the load's terminal");
  }
  return status;
}

// Withdrawals may come before the sales that fill the till.
absl::Status LoadTarget::LiftTheTillsFloor() {
  v1::SetAccountLimitsRequest request;
  request.set_account(Own(code::kTill, 1).value());
  request.mutable_limits();
  grpc::ClientContext context;
  v1::Account reply;
  return FromGrpc(accounts_->SetAccountLimits(&context, request, &reply),
                  "lifting the till's floor");
}

absl::Status LoadTarget::OpenInBatches(const std::vector<AccountId>& accounts) {
  for (size_t first = 0; first < accounts.size(); first += kMaxBatch) {
    v1::OpenAccountsRequest request;
    const size_t end = std::min<size_t>(accounts.size(), first + kMaxBatch);
    for (size_t i = first; i < end; ++i) {
      v1::OpenAccount& opening = *request.add_accounts();
      opening.set_account(accounts[i].value());
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
  return absl::OkStatus();
}

absl::StatusOr<AccountId> LoadTarget::OpenAccounts(const RowPlan& rows) {
  absl::Status status = OpenOrganisation();
  std::vector<AccountId> accounts;
  for (uint32_t holder = 1; holder <= rows.accounts; ++holder) accounts.push_back(Wallet(holder));
  if (rows.mix == Mix::kWorkload) {
    for (uint32_t holder = 1; holder <= std::min(rows.accounts, kMembersWithDues); ++holder) {
      accounts.push_back(Own(code::kWajib, holder));
    }
  }
  if (status.ok()) status = OpenInBatches(accounts);
  if (status.ok() && rows.mix == Mix::kWorkload) status = LiftTheTillsFloor();
  if (!status.ok()) return status;
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
      sums.debits_less_credits += account.debits_posted();
      sums.debits_less_credits -= account.credits_posted();
      sums.credits += account.credits_posted();
      if (AccountId{account.account()}.code() == code::kWallet) sums.balances += account.balance();
    }
    request.set_after(page.next());
  } while (request.after() != 0);
  return sums;
}

bool LoadTarget::LiesBetween(Mix mix, __int128 amount, const Sums& before, const Sums& after) {
  // Between wallets only, but for a day's kinds.
  if (mix != Mix::kWorkload && after.balances != 0) return false;
  return after.debits_less_credits == 0 && after.credits - before.credits == amount;
}

absl::StatusOr<LoadTarget::Progress> LoadTarget::ReadProgress() {
  grpc::ClientContext context;
  v1::GetStatusReply reply;
  const absl::Status status =
      FromGrpc(admin_->GetStatus(&context, {}, &reply), "reading the server's status");
  if (!status.ok()) return status;
  return Progress{.last_sequence = reply.last_sequence(), .tree_size = reply.tree_size()};
}

absl::StatusOr<double> LoadTarget::WaitForTheLog() {
  constexpr std::chrono::duration<double> kPatience = std::chrono::minutes(10);
  const auto started = std::chrono::steady_clock::now();
  while (true) {
    const auto progress = ReadProgress();
    if (!progress.ok()) return progress.status();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    if (progress->tree_size >= progress->last_sequence) return took.count();
    if (took > kPatience) {
      return absl::DeadlineExceededError(
          fmt::format("the transparency log has {} of {} entries after {:.0f} s",
                      progress->tree_size, progress->last_sequence, took.count()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace lumbung
