// Decides every transaction of a ledger again, by the engine's own rules (engine/state_machine.h)
// on the state before it, and compares what they write with what is recorded, byte for byte:
// outcome, legs, amounts, balances, back pointers, flags, attachment. The command is rebuilt from
// the entries (command_rebuild.h) and must be well formed (engine/validate.h).
//
// WHAT IS PROVEN: each recorded outcome is the one that the rules give, and every balance and back
// pointer follows. An id is compared with those of a small window only (spent_ids.h has the rest);
// that the named original has the named id is looked up in the ledger itself.
//
// WHAT IS NOT: what was refused leaves no entry, so that a refusal was right can't be shown; nor
// that a hold was ended in time: an expiry is compared when it comes, and late ones are counted by
// nobody. The caller's right to do it (keys, roles) is not in the ledger.
//
// One thread. Memory: the state of the books, 24 MiB of recent blocks, 4 MiB of ids.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/block_writer.h"
#include "engine/id_window.h"
#include "engine/no_cold_index.h"
#include "engine/original_source.h"
#include "engine/state.h"
#include "engine/state_machine.h"
#include "storage/audit/command_rebuild.h"
#include "storage/audit/report.h"
#include "storage/ledger_source.h"

namespace lumbung::audit {

class ReExecution final : private BlockWriter::Blocks, private OriginalSource {
 public:
  // The ledger is asked for originals that are older than the recent blocks, and must outlive this
  // object.
  explicit ReExecution(const LedgerSource& ledger);
  ~ReExecution() override;

  // Takes the next block. Gives the first transaction that differs; the state is that of the rules
  // up to there, and no further block can be taken. An error if an original can't be read.
  absl::StatusOr<std::optional<Finding>> Run(std::shared_ptr<const StoredBlock> block);

  const State& state() const { return state_; }
  // Takes the daily balances that came up since the last call.
  std::vector<DailyBalance> TakeDailyBalances() { return state_.TakeDailyBalances(); }

 private:
  // A transaction of the block.
  struct Planned {
    size_t at = 0;  // its first entry
    size_t count = 0;
    std::span<const std::byte> attachment;
    bool readable = false;  // the attachment follows its grammar
    Rebuilt rebuilt;
  };

  std::optional<Finding> Plan(const StoredBlock& block);
  std::optional<Finding> CheckTime(Sequence first, const Entry& entry) const;
  absl::StatusOr<std::optional<Finding>> RunOne(const StoredBlock& block, const Planned& planned,
                                                BlockWriter& out);
  std::optional<Finding> RunOpening(Sequence first, std::span<const Entry> entries,
                                    const Planned& planned);
  std::optional<std::string> Open(const Command& command, Sequence sequence, Timestamp time);
  std::optional<Finding> Compare(const StoredBlock& block, const Planned& planned,
                                 const BlockWriter& out) const;
  // Finds the transaction that the command names; a reason in words if it is another's.
  absl::StatusOr<std::optional<std::string>> FindRelated(Sequence first, const Entry& entry,
                                                         const Command& command, Lookups& lookups);
  absl::StatusOr<std::shared_ptr<const StoredBlock>> Find(Sequence sequence);

  Block& Exchange(Block& closed) override;
  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override;

  const LedgerSource& ledger_;
  State state_;
  const NoColdIndex no_cold_index_;  // what the window lacks is looked up in the ledger
  IdWindow ids_;
  StateMachine machine_;
  Block blocks_[2];
  size_t open_ = 0;
  std::deque<std::shared_ptr<const StoredBlock>> recent_;
  std::vector<Planned> planned_;
  std::vector<Leg> legs_;
  std::vector<Entry> original_;  // of the transaction that is being decided
  Sequence original_first_;
  Timestamp last_time_;
};

}  // namespace lumbung::audit
