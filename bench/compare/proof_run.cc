#include "bench/compare/proof_run.h"

#include <grpcpp/grpcpp.h>

#include <fstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/compare/proof_check.h"
#include "bench/measure/clocks.h"
#include "storage/transparency/checkpoint.h"

namespace lumbung {

namespace {

absl::Status FromGrpc(const grpc::Status& status, const std::string& what) {
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(what + ": " + status.error_message());
}

// From the data folder, not from the server that is asked.
absl::StatusOr<VerifierKey> ReadKey(const std::string& data) {
  std::string text;
  std::getline(std::ifstream(data + "/transparency/public-key"), text);
  return VerifierKey::Parse(text);
}

}  // namespace

absl::StatusOr<ProofRun> ProofRun::Begin(const LoadTarget& target) {
  absl::StatusOr<VerifierKey> key = ReadKey(target.data());
  if (!key.ok()) return key.status();
  ProofRun run(*std::move(key));
  run.ledger_ = v1::LedgerService::NewStub(
      grpc::CreateChannel(target.server(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::GetCheckpointReply reply;
  const absl::Status status =
      FromGrpc(run.ledger_->GetCheckpoint(&context, {}, &reply), "reading the newest checkpoint");
  if (!status.ok()) return status;
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(reply.checkpoint(), run.key_);
  if (!checkpoint.ok()) return checkpoint.status();
  if (checkpoint->size == 0) return absl::InternalError("the newest checkpoint has no entries");
  run.checkpoint_ = reply.checkpoint();
  run.tree_size_ = checkpoint->size;
  return run;
}

absl::StatusOr<LatencyHistogram> ProofRun::Ask(uint64_t count) {
  struct Answer {
    uint64_t sequence = 0;
    v1::ProveInclusionReply proof;
  };
  std::vector<Answer> answers(count);
  LatencyHistogram latency;
  for (Answer& answer : answers) {
    answer.sequence = 1 + random_.Below(tree_size_);
    v1::ProveInclusionRequest request;
    request.set_sequence(answer.sequence);
    request.set_tree_size(tree_size_);
    grpc::ClientContext context;
    const int64_t started_ns = SteadyNowNs();
    const grpc::Status status = ledger_->ProveInclusion(&context, request, &answer.proof);
    latency.Add(SteadyNowNs() - started_ns);
    const absl::Status proven = FromGrpc(status, fmt::format("proving entry {}", answer.sequence));
    if (!proven.ok()) return proven;
  }
  for (const Answer& answer : answers) {
    const absl::Status good = Check(answer.sequence, answer.proof);
    if (!good.ok()) return good;
  }
  return latency;
}

// A receipt has the entry as it is stored; its own proof is not looked at.
absl::Status ProofRun::Check(uint64_t sequence, const v1::ProveInclusionReply& proof) {
  v1::GetReceiptRequest request;
  request.set_sequence(sequence);
  grpc::ClientContext context;
  v1::Receipt receipt;
  const absl::Status status = FromGrpc(ledger_->GetReceipt(&context, request, &receipt),
                                       fmt::format("reading entry {}", sequence));
  if (!status.ok()) return status;
  for (const v1::ReceiptEntry& entry : receipt.entries()) {
    if (entry.sequence() != sequence) continue;
    const absl::Status good = CheckProof(proof, {.sequence = sequence,
                                                 .leaf = std::as_bytes(std::span(entry.leaf())),
                                                 .checkpoint = checkpoint_,
                                                 .log = key_});
    return good.ok() ? good
                     : absl::DataLossError(fmt::format("the proof of entry {} does not hold: {}",
                                                       sequence, std::string(good.message())));
  }
  return absl::DataLossError(fmt::format("a receipt without entry {}, which it is of", sequence));
}

}  // namespace lumbung
