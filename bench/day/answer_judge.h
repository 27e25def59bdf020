// Judges the answers of a day: what must not happen becomes a problem of the tally. It knows only
// what holds on a right server whatever was lost, sent again or overtaken on the way, and however
// often the server was killed; so each problem is the server's. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "absl/container/flat_hash_map.h"
#include "bench/day/tally.h"
#include "bench/workload/planned_call.h"
#include "engine/transaction_id.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// Whether nothing was recorded, since the transaction can't be meant so.
bool IsRefusal(v1::Outcome outcome);

class AnswerJudge {
 public:
  // The tally must outlive the judge.
  explicit AnswerJudge(Tally& tally) : tally_(tally) {}

  // The answer to a transaction or a copy. It has the outcome that was planned, where the plan is
  // certain, and else one that a day can meet; every answer to an id has the outcome and the place
  // of the first; and one at most is not marked as a duplicate.
  void Take(const PlannedCall& call, const v1::TransactionResult& result);
  // The results of an upload, in its order: each stands behind the one before it.
  void TakeOrder(std::span<const v1::TransactionResult> results);
  // `resolution` is a v1::Resolution; `result` is the fence's.
  void TakeFence(const PlannedCall& call, int resolution, const v1::TransactionResult& result);
  // The id must be resolved as it was answered, if it was.
  void TakeLookUp(const PlannedCall& call, int resolution);

 private:
  // What became of a transaction, as it was answered first.
  struct Answer {
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
    uint64_t sequence = 0;
    bool seen_unmarked = false;  // an answer that is not marked as a duplicate
  };

  void JudgeOutcome(const PlannedCall& call, v1::Outcome outcome);
  // Compares with the first answer to this id, or keeps and counts it as the first.
  Answer& Compare(TransactionId id, v1::Outcome outcome, uint64_t sequence);
  void AddProblem(TransactionId id, const std::string& what);

  Tally& tally_;
  absl::flat_hash_map<TransactionId, Answer> answers_;
};

}  // namespace lumbung
