#include "tests/crash/books.h"

#include <grpcpp/grpcpp.h>

#include <memory>

#include "bench/workload/message_limit.h"
#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"
#include "tests/crash/payment_maker.h"

namespace lumbung {

namespace {

absl::Status FromGrpc(const grpc::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = what + ": " + status.error_message();
  return status.error_code() == grpc::StatusCode::NOT_FOUND ? absl::NotFoundError(message)
                                                            : absl::UnavailableError(message);
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::Status OpenWallets(v1::AccountService::Stub& stub, uint32_t cooperative) {
  v1::OpenAccountsRequest request;
  for (uint32_t holder = 1; holder <= kWallets; ++holder) {
    v1::OpenAccount& opening = *request.add_accounts();
    opening.set_account(WalletOf(cooperative, holder).value());
    opening.mutable_limits()->set_floor(0);
    opening.mutable_limits()->set_per_transaction(kMostAtOnce);
    if (holder % 4 == 0) opening.mutable_limits()->set_per_day(kMostInADay);
  }
  grpc::ClientContext context;
  v1::OpenAccountsReply reply;
  const absl::Status status =
      FromGrpc(stub.OpenAccounts(&context, request, &reply), "opening wallets");
  if (!status.ok()) return status;
  for (const v1::OpenResult& result : reply.results()) {
    if (result.outcome() == v1::OUTCOME_ACCEPTED) continue;
    return absl::InternalError("opening wallets: " + result.ShortDebugString());
  }
  return absl::OkStatus();
}

absl::Status ListCooperative(v1::AccountService::Stub& stub, uint32_t number,
                             std::vector<v1::Account>& accounts) {
  v1::ListAccountsRequest request;
  request.set_cooperative(number);
  do {
    grpc::ClientContext context;
    v1::ListAccountsReply page;
    const absl::Status status =
        FromGrpc(stub.ListAccounts(&context, request, &page), "listing accounts");
    if (!status.ok()) return status;
    accounts.insert(accounts.end(), page.accounts().begin(), page.accounts().end());
    request.set_after(page.next());
  } while (request.after() != 0);
  return absl::OkStatus();
}

}  // namespace

absl::Status OpenBooks(const std::string& address) {
  const auto channel = ChannelTo(address);
  const auto admin = v1::AdminService::NewStub(channel);
  const auto accounts = v1::AccountService::NewStub(channel);
  for (uint32_t cooperative = 0; cooperative < kCooperatives; ++cooperative) {
    v1::OpenCooperativeRequest request;
    request.set_number(kFirstCooperative.value() + cooperative);
    request.set_name("Under attack");
    grpc::ClientContext context;
    v1::Cooperative opened;
    absl::Status status =
        FromGrpc(admin->OpenCooperative(&context, request, &opened), "opening a cooperative");
    if (status.ok()) status = OpenWallets(*accounts, cooperative);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadLedger(const std::string& address, uint64_t from_sequence,
                        const std::function<void(const v1::Entry&)>& visit) {
  const auto stub = v1::LedgerService::NewStub(ChannelTo(address));
  grpc::ClientContext context;
  v1::ReadEntriesRequest request;
  request.set_from_sequence(from_sequence);
  const auto stream = stub->ReadEntries(&context, request);
  v1::ReadEntriesReply reply;
  while (stream->Read(&reply)) {
    for (const v1::Entry& entry : reply.entries()) visit(entry);
  }
  return FromGrpc(stream->Finish(), "reading the ledger");
}

absl::StatusOr<std::vector<v1::Account>> ListBooks(const std::string& address) {
  const auto stub = v1::AccountService::NewStub(ChannelTo(address));
  std::vector<v1::Account> accounts;
  for (uint32_t cooperative = 0; cooperative < kCooperatives; ++cooperative) {
    const absl::Status status =
        ListCooperative(*stub, kFirstCooperative.value() + cooperative, accounts);
    if (!status.ok()) return status;
  }
  return accounts;
}

absl::StatusOr<HashedState> HashState(const std::string& address) {
  const auto stub = v1::AdminService::NewStub(ChannelTo(address));
  grpc::ClientContext context;
  v1::GetStatusRequest request;
  request.set_state_hash(true);
  v1::GetStatusReply reply;
  const absl::Status status =
      FromGrpc(stub->GetStatus(&context, request, &reply), "asking for the state's hash");
  if (!status.ok()) return status;
  return HashedState{.last_sequence = reply.last_sequence(), .hash = reply.state_hash()};
}

}  // namespace lumbung
