// Compares the ledger with a client's record: what was answered is in the ledger exactly once, with
// this outcome, at this place and with the content that was sent; none of it took a member's wallet
// below nothing; and no id is in the ledger twice, whoever sent it. Give it every entry from the
// first on. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "bench/day/record_book.h"
#include "engine/transaction_id.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

class LedgerCheck {
 public:
  // The book must outlive the check.
  explicit LedgerCheck(const RecordBook& book) : book_(book) {}

  void Take(const v1::Entry& entry);
  // To be called behind the last entry.
  void Finish();

  // What differs, each naming the id; only the first kMaxMessages are kept.
  static constexpr size_t kMaxMessages = 20;
  const std::vector<std::string>& messages() const { return messages_; }
  size_t differences() const { return differences_; }
  size_t transactions() const { return seen_.size(); }  // in the ledger, each once
  size_t twice() const { return twice_; }               // again, under an id that was there before
  size_t confirmed() const { return confirmed_; }       // of the record's, found as they should be

 private:
  void TakeTransaction();
  void MoveMoney();
  // Whether the entries are what the record says.
  bool Matches(TransactionId id, const RecordedTransaction& recorded);
  // The day opens its wallets with the chart's floor, and every step is declined that would go
  // below it; what is held apart comes on top, but is not looked at.
  bool Overdraws(TransactionId id);
  void Differs(TransactionId id, const std::string& how);

  const RecordBook& book_;
  std::vector<v1::Entry> open_;  // entries of the transaction that is being read
  absl::flat_hash_set<TransactionId> seen_;
  absl::flat_hash_map<uint64_t, int64_t> wallets_;  // balances by packed account, in sen
  uint64_t next_sequence_ = 1;
  std::vector<std::string> messages_;
  size_t differences_ = 0;
  size_t twice_ = 0;
  size_t confirmed_ = 0;
};

// Of transactions in a ledger: `none twice`, or `3 TWICE`.
std::string TwiceText(size_t twice);

}  // namespace lumbung
