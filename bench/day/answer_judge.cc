#include "bench/day/answer_judge.h"

#include <string>

#include "bench/day/record_line.h"
#include "bench/workload/build_transaction.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {

namespace {

using Fault = PlannedCall::Fault;

std::string NameOf(v1::Outcome outcome) { return std::string(OutcomeName(outcome)); }

v1::Resolution ResolutionOf(v1::Outcome outcome) {
  if (outcome == v1::OUTCOME_ACCEPTED) return v1::RESOLUTION_ACCEPTED;
  return outcome == v1::OUTCOME_FENCED ? v1::RESOLUTION_FENCED : v1::RESOLUTION_DECLINED;
}

// What a transaction can meet that is not planned to be declined: a balance that others have
// changed meanwhile, or an earlier one that was declined or came too late.
bool CanHappen(const PlannedCall& call, v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_ACCEPTED:
    case v1::OUTCOME_INSUFFICIENT_FUNDS:
    case v1::OUTCOME_BALANCE_CEILING:
      return true;
    case v1::OUTCOME_RELATED_NOT_HOLD:
    case v1::OUTCOME_RELATED_NOT_POSTED:
    case v1::OUTCOME_HOLD_EXPIRED:
      return call.transaction.has_related_id();
    default:
      return false;
  }
}

}  // namespace

bool IsRefusal(v1::Outcome outcome) { return outcome >= 100 && outcome < 200; }

void AnswerJudge::Take(const PlannedCall& call, const v1::TransactionResult& result) {
  const TransactionId id = IdOf(call.transaction.id());
  const v1::Outcome outcome = result.outcome();
  if (call.fault == Fault::kAlteredCopy) {
    if (outcome == v1::OUTCOME_ID_CONFLICT) {
      ++tally_.conflicts;
    } else {
      AddProblem(id,
                 ": a copy with another amount was not refused but answered " + NameOf(outcome));
    }
    return;
  }
  if (result.duplicate()) ++tally_.duplicates;
  if (IsRefusal(outcome) || outcome == v1::OUTCOME_UNSPECIFIED) {
    return AddProblem(id, " was refused: " + NameOf(outcome) + ", " + result.message());
  }
  JudgeOutcome(call, outcome);
  Answer& answer = Compare(id, outcome, result.sequence());
  // What is fenced never has an answer of its own that could be repeated.
  if (result.duplicate() || outcome == v1::OUTCOME_FENCED) return;
  if (answer.seen_unmarked) {
    AddProblem(id, " was answered again at " + std::to_string(result.sequence()) +
                       " without being marked as a duplicate");
  }
  answer.seen_unmarked = true;
}

void AnswerJudge::JudgeOutcome(const PlannedCall& call, v1::Outcome outcome) {
  const TransactionId id = IdOf(call.transaction.id());
  if (call.expected != v1::OUTCOME_UNSPECIFIED) {
    if (outcome == call.expected) return;
    return AddProblem(
        id, " must be answered " + NameOf(call.expected) + ", but was answered " + NameOf(outcome));
  }
  // A payment beyond the savings, as far as the plan knows; what was really there, the ledger says
  // (LedgerCheck).
  const bool can_happen = call.meant_to_decline ? outcome == v1::OUTCOME_INSUFFICIENT_FUNDS ||
                                                      outcome == v1::OUTCOME_ACCEPTED
                                                : CanHappen(call, outcome);
  if (!can_happen)
    AddProblem(id, " was answered " + NameOf(outcome) + ", which nothing in this day can cause");
}

AnswerJudge::Answer& AnswerJudge::Compare(TransactionId id, v1::Outcome outcome,
                                          uint64_t sequence) {
  const auto [place, first] =
      answers_.try_emplace(id, Answer{.outcome = outcome, .sequence = sequence});
  Answer& answer = place->second;
  if (first) {
    if (outcome == v1::OUTCOME_ACCEPTED) {
      ++tally_.accepted;
    } else {
      ++tally_.declined[outcome];
    }
  } else if (answer.outcome != outcome || answer.sequence != sequence) {
    AddProblem(id, " was answered " + NameOf(answer.outcome) + " at " +
                       std::to_string(answer.sequence) + " first, and " + NameOf(outcome) + " at " +
                       std::to_string(sequence) + " when it was sent again");
  }
  return answer;
}

void AnswerJudge::TakeOrder(std::span<const v1::TransactionResult> results) {
  uint64_t before = 0;
  for (const v1::TransactionResult& result : results) {
    if (IsRefusal(result.outcome())) continue;  // has no place
    if (result.sequence() <= before) {
      tally_.AddProblem("an upload is out of order: what was sold next is at " +
                        std::to_string(result.sequence()) + ", behind " + std::to_string(before));
    }
    before = result.sequence();
  }
}

void AnswerJudge::TakeFence(const PlannedCall& call, int resolution,
                            const v1::TransactionResult& result) {
  const TransactionId id = IdOf(call.transaction.id());
  if (resolution != v1::RESOLUTION_FENCED) {
    return AddProblem(id, " was never sent, but could not be fenced");
  }
  if (result.outcome() != v1::OUTCOME_FENCED) {
    return AddProblem(id, " was fenced, but the fence was answered " + NameOf(result.outcome()));
  }
  Compare(id, result.outcome(), result.sequence());
}

void AnswerJudge::TakeLookUp(const PlannedCall& call, int resolution) {
  const TransactionId id = IdOf(call.transaction.id());
  const auto answer = answers_.find(id);
  if (answer == answers_.end() || resolution == ResolutionOf(answer->second.outcome)) return;
  AddProblem(id, " was answered " + NameOf(answer->second.outcome) + ", but is resolved as " +
                     v1::Resolution_Name(static_cast<v1::Resolution>(resolution)));
}

void AnswerJudge::AddProblem(TransactionId id, const std::string& what) {
  tally_.AddProblem("transaction " + id.ToString() + what);
}

}  // namespace lumbung
