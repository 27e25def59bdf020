// The state of the books: accounts, holds, what followed originals, and the organisation. It is a
// function of the ledger alone, so two engines with the same ledger have the same Hash().
//
// Threads: the apply thread only (queries run there too, see request.h); before the pipeline
// starts, the thread that recovers.
//
// Fuzzy checkpoint, in the manner of ARIES (Mohan et al., 1992): BeginCheckpoint notes the sequence
// W of the last applied entry and the set of what changed since the last round; CollectCheckpoint
// copies a bounded part of that set at a time, while payments go on. When all of it is stored,
// every effect of entries up to W is in the stored images, though some are newer. So a restart
// loads the images and replays from W + 1, and an entry changes an object only if the object's own
// sequence is older.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/account.h"
#include "engine/daily_balance.h"
#include "engine/hold_record.h"
#include "engine/organisation.h"
#include "engine/types.h"

namespace lumbung {

// A part of a checkpoint: images to be stored, all of them no newer than `as_of`.
struct CheckpointPart {
  std::vector<DailyBalance> daily_balances;  // store these before or with the images, never after
  std::vector<Account> accounts;
  std::vector<HoldRecord> holds;
  std::vector<FollowUp> follow_ups;
  std::vector<Cooperative> cooperatives;
  std::vector<Branch> branches;
  std::vector<Terminal> terminals;
  Sequence as_of;         // must be durable in the ledger before the part is stored
  bool complete = false;  // the round's last part
};

using StateHash = std::array<uint8_t, 32>;

class State {
 public:
  State();
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // --- reading ---
  // Null if there is none. The pointer is good until the query ends.
  const Account* FindAccount(AccountId id) const;
  const Cooperative* FindCooperative(CooperativeId id) const;
  const Branch* FindBranch(CooperativeId cooperative, BranchId id) const;
  const Terminal* FindTerminal(CooperativeId cooperative, TerminalId id) const;
  const HoldRecord* FindHold(Sequence leg) const;
  const FollowUp* FindFollowUp(Sequence original) const;
  size_t account_count() const;
  size_t open_hold_count() const;
  // Up to `limit` accounts with id > `after`, of one cooperative, in order of id. The order is kept
  // by an index that is sorted when it is first asked for after an account was opened.
  std::vector<Account> ListAccounts(CooperativeId cooperative, AccountId after, size_t limit) const;
  // All cooperatives, or the branches or terminals of one, in order of their numbers.
  std::vector<Cooperative> ListCooperatives() const;
  std::vector<Branch> ListBranches(CooperativeId cooperative) const;
  std::vector<Terminal> ListTerminals(CooperativeId cooperative) const;
  // Sequence and time of the last entry applied.
  Sequence last_sequence() const;
  Timestamp last_timestamp() const;
  // SHA-256 over the sum of the objects' hashes, their counts and last_sequence(): independent of
  // the order in which the objects are kept. Takes about 0.2 µs an account.
  StateHash Hash() const;

  // --- checkpoint ---
  // Begins a round; returns its watermark W. REQUIRES: the round before is complete.
  Sequence BeginCheckpoint();
  // Copies up to `limit` objects of the round, and all pending daily balances, into `part` (which
  // is cleared first).
  void CollectCheckpoint(size_t limit, CheckpointPart& part);
  // Takes the daily balances that were made since the last call or collection.
  std::vector<DailyBalance> TakeDailyBalances();
  // Restart: takes in stored images. Objects loaded are not dirty. Call FinishLoad after the last.
  void Load(const CheckpointPart& part);
  void FinishLoad(Sequence watermark, Timestamp last_timestamp);

  // The parts that the state machine and the replay change; defined in state_data.h.
  struct Data;
  Data& data() { return *data_; }
  const Data& data() const { return *data_; }

 private:
  std::unique_ptr<Data> data_;
};

}  // namespace lumbung
