// What each write to the ledger's log begins with, and nobody outside knows: 16 random bytes, drawn
// anew at each opening.
//
// Ids, references and texts stand in the log as clients sent them, and who makes them for it can
// make them look like a whole record with the right checksum: 14 bytes of an id are enough. In a
// torn write that would be taken for a later write, behind which nothing is dropped (torn_write.h),
// and the ledger would not open.
//
// RocksDB keeps the mark at the begin of the write's batch as data for the log alone, which nobody
// reads back: 8 bytes sequence, 4 count, then 1 tag (3), 1 length (16) and the mark (its wiki,
// "Write Batch"; a test compares). A log of an earlier version has no marks; and where the first
// record of a log's first write is torn there is none to compare with. Then every record counts.
// Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <random>
#include <span>

namespace lumbung {

struct WriteMark {
  static constexpr size_t kBytes = 16;
  static constexpr size_t kAt = 14;             // in a batch
  static constexpr size_t kEnd = kAt + kBytes;  // so much of a batch is needed to see it

  std::array<std::byte, kBytes> bytes{};

  static WriteMark Draw() {
    WriteMark mark;
    std::random_device random;  // the kernel's generator
    for (std::byte& byte : mark.bytes) byte = static_cast<std::byte>(random());
    return mark;
  }

  // Of a batch; nothing if it has none. REQUIRES: its first kEnd bytes.
  static std::optional<WriteMark> In(std::span<const std::byte> batch) {
    if (batch[kAt - 2] != std::byte{3} || batch[kAt - 1] != std::byte{kBytes}) return std::nullopt;
    WriteMark mark;
    std::memcpy(mark.bytes.data(), &batch[kAt], kBytes);
    return mark;
  }

  bool operator==(const WriteMark&) const = default;
};

}  // namespace lumbung
