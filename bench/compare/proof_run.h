// Asks a server for proofs of inclusion of random entries, one call at a time over one connection.
// One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/load_target.h"
#include "bench/measure/latency_histogram.h"
#include "bench/workload/random.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

class ProofRun {
 public:
  // Connects, and reads the newest checkpoint, which the log's key must have signed.
  static absl::StatusOr<ProofRun> Begin(const LoadTarget& target);

  uint64_t tree_size() const { return tree_size_; }
  // Times `count` proofs against that checkpoint, and checks each of them afterwards. DATA_LOSS
  // says which one does not hold.
  absl::StatusOr<LatencyHistogram> Ask(uint64_t count);

 private:
  explicit ProofRun(VerifierKey key) : key_(std::move(key)) {}
  absl::Status Check(uint64_t sequence, const v1::ProveInclusionReply& proof);

  VerifierKey key_;
  std::unique_ptr<v1::LedgerService::Stub> ledger_;
  std::string checkpoint_;
  uint64_t tree_size_ = 0;
  Random random_{1};
};

}  // namespace lumbung
