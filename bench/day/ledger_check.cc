#include "bench/day/ledger_check.h"

#include "bench/day/rupiah.h"
#include "bench/workload/build_transaction.h"
#include "engine/account_id.h"
#include "engine/chart.h"
#include "engine/kind.h"

namespace lumbung {

namespace {

bool IsWallet(uint64_t account) { return AccountId{account}.code() == code::kWallet; }

bool Moves(const v1::Entry& entry) {
  return entry.outcome() == v1::OUTCOME_ACCEPTED && MovesMoney(static_cast<Step>(entry.step()));
}

}  // namespace

void LedgerCheck::Take(const v1::Entry& entry) {
  if (entry.sequence() != next_sequence_) {
    Differs({}, "the ledger's entry " + std::to_string(next_sequence_) + " is missing: " +
                    std::to_string(entry.sequence()) + " follows the one before it");
  }
  next_sequence_ = entry.sequence() + 1;
  // Facts have no id; an expiry is the engine's own and has no client that could have recorded it.
  if (entry.step() == v1::STEP_FACT || entry.step() == v1::STEP_EXPIRE) return;
  open_.push_back(entry);
  if (entry.leg_index() + 1 >= entry.leg_count()) {
    TakeTransaction();
    open_.clear();
  }
}

void LedgerCheck::TakeTransaction() {
  const v1::Entry& first = open_.front();
  const TransactionId id = IdOf(first.id());
  MoveMoney();
  if (!seen_.insert(id).second) {
    ++twice_;
    Differs(id, "is in the ledger twice, the second time at " + std::to_string(first.sequence()));
    return;
  }
  const auto found = book_.transactions().find(id);
  if (found == book_.transactions().end()) return;
  if (Matches(id, found->second) && !Overdraws(id)) ++confirmed_;
}

void LedgerCheck::MoveMoney() {
  if (!Moves(open_.front())) return;
  for (const v1::Entry& entry : open_) {
    if (IsWallet(entry.debit_account())) wallets_[entry.debit_account()] -= entry.amount();
    if (IsWallet(entry.credit_account())) wallets_[entry.credit_account()] += entry.amount();
  }
}

bool LedgerCheck::Overdraws(TransactionId id) {
  if (!Moves(open_.front())) return false;
  for (const v1::Entry& entry : open_) {
    if (!IsWallet(entry.debit_account())) continue;
    const int64_t balance = wallets_[entry.debit_account()];
    if (balance >= 0) continue;
    Differs(id, "was accepted, but takes " + AccountId{entry.debit_account()}.ToString() + " to " +
                    FormatRupiah(Amount{balance}));
    return true;
  }
  return false;
}

bool LedgerCheck::Matches(TransactionId id, const RecordedTransaction& recorded) {
  const v1::Entry& first = open_.front();
  const bool answered = recorded.outcome != v1::OUTCOME_UNSPECIFIED;
  if (answered && first.outcome() != recorded.outcome) {
    Differs(id, "was answered " + std::string(OutcomeName(recorded.outcome)) +
                    ", but the ledger says " + std::string(OutcomeName(first.outcome())));
    return false;
  }
  if (answered && first.sequence() != recorded.sequence) {
    Differs(id, "was answered to be at " + std::to_string(recorded.sequence) +
                    ", but the ledger has it at " + std::to_string(first.sequence()));
    return false;
  }
  if (first.step() == v1::STEP_FENCE) {
    if (recorded.fencing) return true;
    Differs(id, "is fenced in the ledger, but nobody asked for that");
    return false;
  }
  const std::string content = ContentOf(open_, recorded.amount);
  if (recorded.sent && HashOfContent(content) == recorded.content_hash) return true;
  Differs(id, "has other content in the ledger than was sent; the ledger at " +
                  std::to_string(first.sequence()) + " says: " + content);
  return false;
}

void LedgerCheck::Finish() {
  if (!open_.empty()) {
    Differs(IdOf(open_.front().id()), "is not whole at the end of the ledger");
  }
  for (const auto& [id, recorded] : book_.transactions()) {
    if (recorded.outcome == v1::OUTCOME_UNSPECIFIED || seen_.contains(id)) continue;
    Differs(id, "was answered " + std::string(OutcomeName(recorded.outcome)) + " at " +
                    std::to_string(recorded.sequence) + ", but is not in the ledger");
  }
}

std::string TwiceText(size_t twice) {
  return twice == 0 ? "none twice" : FormatCount(twice) + " TWICE";
}

void LedgerCheck::Differs(TransactionId id, const std::string& how) {
  ++differences_;
  if (messages_.size() >= kMaxMessages) return;
  messages_.push_back(id.IsZero() ? how : "transaction " + id.ToString() + " " + how);
}

}  // namespace lumbung
