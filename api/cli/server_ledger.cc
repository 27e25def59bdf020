#include "api/cli/server_ledger.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "storage/block_chain.h"

namespace lumbung::cli {
namespace {

absl::Status ToAbsl(const grpc::Status& status) {
  // The numbers are the same: both are those of google.rpc.Code.
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

std::vector<std::byte> BytesOf(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

}  // namespace

std::optional<CallEnd> ServerLedger::Open(Client& client, std::unique_ptr<ServerLedger>& opened) {
  v1::GetStatusReply status;
  const CallEnd end =
      client.Call(&v1::AdminService::Stub::GetStatus, v1::GetStatusRequest(), status);
  if (!end.ok()) return end;
  opened.reset(new ServerLedger(client, Sequence{status.last_sequence()}));
  return std::nullopt;
}

absl::Status ServerLedger::StreamBlocks(
    Sequence from,
    const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const {
  from = std::max(from, Sequence{1});
  if (from > last_) return absl::OkStatus();
  if (const auto failed = client_.Connect()) return ToAbsl(failed->status);
  v1::ReadBlocksRequest request;
  request.set_from_sequence(from.value());
  request.set_up_to(last_.value());
  grpc::ClientContext context;  // no deadline: a ledger takes as long as it takes to read
  const auto reader = client_.StubOf<v1::LedgerService::Stub>().ReadBlocks(&context, request);
  BlockChain chain(from);
  absl::Status status;
  bool wanted = true;
  for (v1::ReadBlocksReply reply; wanted && reader->Read(&reply);) {
    for (int i = 0; wanted && i < reply.blocks_size(); ++i) {
      auto block = chain.Take(BytesOf(reply.blocks(i)));
      status = block.status();
      wanted = block.ok() && visit(*std::move(block));
    }
  }
  if (!wanted) context.TryCancel();
  const grpc::Status end = reader->Finish();
  if (!wanted) return status;
  if (end.error_code() == grpc::StatusCode::DATA_LOSS) {
    // The server may have met a broken link, or a damaged block: its status does not tell them
    // apart.
    return Reworded(BrokenLink(chain.next()), end.error_message());
  }
  if (!end.ok()) return ToAbsl(end);
  if (chain.next() > last_) return absl::OkStatus();
  return absl::DataLossError("the server's ledger lacks sequence " +
                             std::to_string(chain.next().value()));
}

}  // namespace lumbung::cli
