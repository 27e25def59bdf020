// A ledger source in memory: what a test's Books wrote, and a way to spoil it. One thread.
#pragma once

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "engine/check.h"
#include "storage/ledger_source.h"
#include "tests/engine/rules/books.h"

namespace lumbung {

class MemoryLedger final : public LedgerSource {
 public:
  MemoryLedger() = default;
  explicit MemoryLedger(Books& books) {
    for (const auto& block : books.Flush()) {
      if (block->empty()) continue;
      auto stored = std::make_shared<StoredBlock>();
      stored->first = block->first();
      const std::span<const std::byte> entries = std::as_bytes(block->entries());
      stored->bytes.assign(entries.begin(), entries.end());
      stored->bytes.insert(stored->bytes.end(), block->attachments().begin(),
                           block->attachments().end());
      const auto* const data = reinterpret_cast<const Entry*>(stored->bytes.data());
      stored->entries = {data, block->entries().size()};
      stored->attachments = std::span(stored->bytes).subspan(entries.size());
      blocks_.push_back(std::move(stored));
    }
  }

  Sequence last() const override {
    if (blocks_.empty()) return kNoSequence;
    return Sequence{blocks_.back()->first.value() + blocks_.back()->entries.size() - 1};
  }

  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override {
    for (const auto& block : blocks_) {
      if (block->first.value() + block->entries.size() <= from.value()) continue;
      if (block->first >= fails_from) return absl::DataLossError("the chain is broken");
      if (!visit(block)) break;
    }
    return absl::OkStatus();
  }

  // The entry, to be altered.
  Entry& At(Sequence sequence) {
    for (const auto& block : blocks_) {
      const uint64_t index = sequence.value() - block->first.value();
      if (sequence >= block->first && index < block->entries.size()) {
        return reinterpret_cast<Entry*>(block->bytes.data())[index];
      }
    }
    LUMBUNG_CHECK(false && "no such entry");
  }
  void DropFirstBlock() { blocks_.erase(blocks_.begin()); }
  size_t blocks() const { return blocks_.size(); }

  // Blocks from here on can't be read.
  Sequence fails_from{std::numeric_limits<uint64_t>::max()};

 private:
  std::vector<std::shared_ptr<StoredBlock>> blocks_;
};

}  // namespace lumbung
