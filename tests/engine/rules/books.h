// A state machine with everything around it in memory: blocks in a list, ids that leave the window
// in a map, a clock that the test sets. For tests of the rules and of the replay.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/block_writer.h"
#include "engine/id_window.h"
#include "engine/original_source.h"
#include "engine/state.h"
#include "engine/state_machine.h"
#include "tests/engine/core/map_cold_index.h"

namespace lumbung {

// 2026-11-24 05:00 UTC: noon in WIB.
inline constexpr Timestamp kNoon{int64_t{1'795'496'400} * 1'000'000'000};
inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kDay = 24 * 3600 * kSecond;

class Books final : private BlockWriter::Blocks, private OriginalSource {
 public:
  // Nanoseconds that pass before each command, and each look for holds whose deadline has come.
  static constexpr int64_t kPace = 1000;

  // A generation of the id window has 3/4 of the slots as ids; a small one exercises the cold
  // index.
  explicit Books(size_t id_slots = 1024);

  // Applies a command kPace after the last, and seals ids when that is asked for.
  Result Apply(const Command& command);
  Result Resolve(TransactionId id, Resolve::IfUnknown if_unknown);
  size_t ExpireHolds();
  // From now on the ledger's entries can be read, or not, by whoever needs an original.
  void MakeLedgerUnreadable(bool unreadable) { ledger_is_unreadable_ = unreadable; }
  void Advance(int64_t nanoseconds) { now_ += nanoseconds; }
  Timestamp now() const { return Timestamp{now_}; }

  State& state() { return state_; }
  const State& state() const { return state_; }
  StateMachine& machine() { return machine_; }
  // Balance in the account's normal direction. REQUIRES: it is open.
  Amount balance(AccountId account) const;
  Amount held(AccountId account) const;
  Sequence next() const { return writer_.next(); }
  // The entries of a transaction, from its first sequence.
  std::vector<Entry> Read(Sequence first);
  std::vector<std::byte> ReadAttachment(Sequence first);

  // Closes the block being filled; then all entries are in these.
  const std::vector<std::unique_ptr<Block>>& Flush();

 private:
  Block& Exchange(Block& closed) override;
  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override;
  ColdLookup LookUp(const TransactionId& id) const;
  void SealIds();

  State state_;
  MapColdIndex cold_;
  IdWindow ids_;
  StateMachine machine_;
  std::vector<std::unique_ptr<Block>> closed_;
  std::unique_ptr<Block> open_;
  BlockWriter writer_;
  int64_t now_ = kNoon.value();
  bool ledger_is_unreadable_ = false;
};

// A random UUID (version 4), from a counter.
TransactionId IdOf(uint64_t number);
// `1024.2101.55`. REQUIRES: it is an account's name.
AccountId AccountOf(std::string_view text);

// Opens cooperative `number` with branches 1 and 2, terminal 1 at branch 1, terminal 2 at branch 2
// and the wallets, pokok, wajib, SHU and store credit accounts of members 1 … members.
void OpenVillage(Books& books, uint32_t number, uint32_t members, Policy policy = {});

}  // namespace lumbung
