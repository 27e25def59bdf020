// Keeps the books of one cooperative while the ledger goes by once, from its first entry on:
// balances, what is held, names, and what happened in the period. Memory is bounded by the
// cooperative's accounts, branches, terminals and open holds.
//
// What counts: entries that were accepted and moved money (post, capture, refund, reverse). A hold
// reserves and moves nothing, nor does its release; a decline is counted, not booked. Days are
// those of the cooperative's zone, and a day's first moment belongs to it.
//
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/books/balances.h"
#include "engine/attachment.h"
#include "engine/entry.h"
#include "engine/types.h"
#include "storage/ledger_source.h"

namespace lumbung::books {

// From the first day's start to the last day's end; nothing: from the beginning, to the end.
struct Days {
  std::optional<BusinessDate> first;
  std::optional<BusinessDate> last;
};

struct TerminalName {
  std::string name;
  BranchId branch;
};

// The cooperative as the ledger's facts made it.
struct Organisation {
  std::string name;
  int16_t zone_minutes = 0;
  Days days;
  std::map<uint32_t, std::string> branches;
  std::map<uint32_t, TerminalName> terminals;
};

// What happened in the period.
struct Tally {
  uint64_t transactions = 0;
  Sum turnover = 0;  // of the debit side
};
struct Activity {
  std::map<std::pair<Purpose, Step>, Tally> posted;
  std::map<Outcome, uint64_t> declined;
  std::map<Step, uint64_t> holds;  // placed, voided, expired; transactions
};

// Where the ledger does not agree with itself.
struct Disagreement {
  uint64_t count = 0;
  Sequence first;  // of those
};

// One side of an entry that moved money within the period.
struct Posting {
  Sequence sequence;
  const Entry& entry;
  Side side;
  AccountId account;
  AccountId other;  // the account on the other side
  std::string_view text;
};

class Bookkeeper {
 public:
  struct Options {
    CooperativeId cooperative;
    // Asked once, when the zone is known. Its failure ends the reading.
    std::function<absl::StatusOr<Days>(int16_t zone_minutes)> days;
  };

  // Sees what is booked within the period, in the ledger's order; balances() has each posting
  // already when it is shown, and not yet the next.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual void OnPosting(const Posting&) {}
    // After the postings of a transaction.
    virtual void OnTransactionEnd() {}
  };

  explicit Bookkeeper(Options options) : options_(std::move(options)) {}

  // REQUIRES: called once. NOT_FOUND if the cooperative was never opened, FAILED_PRECONDITION if
  // the ledger does not begin with its first entry; otherwise as the source or `days`.
  absl::Status Read(const LedgerSource& ledger, Reader& reader);

  CooperativeId cooperative() const { return options_.cooperative; }
  // Nothing before the entry that opened the cooperative was read.
  const std::optional<Organisation>& organisation() const { return organisation_; }
  const Balances& balances() const { return balances_; }
  const Activity& activity() const { return activity_; }
  // Entries whose recorded balance is not the one that follows from those before.
  const Disagreement& disagreement() const { return disagreement_; }
  // Postings of the period in other assets than rupiah, which these books leave out.
  uint64_t other_assets() const { return other_assets_; }
  // The last entry that was read, and its time.
  Sequence last() const { return last_; }
  Timestamp last_time() const { return last_time_; }

 private:
  // One transaction or fact, with what its entries share.
  struct Transaction {
    Sequence first;
    std::span<const Entry> entries;
    std::span<const std::byte> attachment;
  };

  absl::Status TakeBlock(const StoredBlock& block, bool& more);
  absl::Status Take(const Transaction& transaction);
  absl::Status TakeFact(const Transaction& transaction, const Attachment& attachment);
  absl::Status OpenCooperative(const Attachment& attachment);
  void TakeMovement(const Transaction& transaction, const Attachment& attachment, Phase phase);
  void TakeHold(const Transaction& transaction);
  void Release(const Transaction& transaction);
  void PostSide(const Posting& posting, Phase phase);
  void Disagree(Sequence sequence);
  bool Concerns(const Entry& entry) const;

  // Set at construction.
  const Options options_;
  Reader* reader_ = nullptr;

  std::optional<Organisation> organisation_;
  Timestamp begin_;  // of the period, when the zone is known
  Timestamp end_;
  Balances balances_;
  Activity activity_;
  Disagreement disagreement_;
  absl::flat_hash_map<uint64_t, Amount> open_holds_;  // by the sequence of the leg
  absl::flat_hash_map<AccountId, AssetCode> assets_;  // of accounts that are not in rupiah
  uint64_t other_assets_ = 0;
  Sequence last_;
  Timestamp last_time_;
};

}  // namespace lumbung::books
