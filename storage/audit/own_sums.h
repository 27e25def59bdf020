// Debits and credits of every account, added up from the amounts and outcomes that the entries name
// and from nothing else. Shares no calculation with the engine (only the layout of an entry): a
// mistake in the engine's rules does not hide itself here. It knows three things: an accepted
// posting, capture, refund or reversal moves its amount from the debit to the credit account, and
// nothing else moves anything; codes 1xxx and 5xxx stand on the debit side, all others on the
// credit side; the asset of an account is the one that its opening names. One thread.
//
// 32 bytes an account, in a table that is at most two thirds full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/entry.h"
#include "engine/huge_array.h"
#include "storage/audit/report.h"

namespace lumbung::audit {

class OwnSums {
 public:
  struct Row {
    uint64_t account = 0;  // 0: free
    int64_t debits = 0;
    int64_t credits = 0;
    uint32_t asset = 0;  // 0: never opened
    uint32_t reserved = 0;
  };

  OwnSums() : rows_(kFirstRows) {}

  // Takes a block's entries in. Gives what is wrong in the first that is wrong: a balance that is
  // not the sum, an account that was never opened, two assets in one leg.
  std::optional<Finding> Add(Sequence first, std::span<const Entry> entries,
                             std::span<const std::byte> attachments);

  size_t accounts() const { return size_; }
  void ForEach(const std::function<void(const Row& row)>& visit) const;

 private:
  using Rows = std::vector<Row, HugeAllocator<Row>>;
  static constexpr size_t kFirstRows = 1024;

  size_t PlaceOf(uint64_t account) const;
  // The account's row, or the free one where it would stand.
  Row& Find(uint64_t account);
  void Open(uint64_t account, uint32_t asset);
  void Grow();
  std::optional<std::string> AddOne(const Entry& entry);

  Rows rows_;
  size_t size_ = 0;
};

// Whether the entry moves money: what the sums go by.
bool MovesMoney(const Entry& entry);

}  // namespace lumbung::audit
