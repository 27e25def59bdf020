// The key of a block: its first sequence in 8 bytes, big endian, so that the order of the keys is
// that of the ledger.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/types.h"
#include "rocksdb/slice.h"

namespace lumbung {

inline constexpr size_t kSequenceKeyBytes = 8;

class SequenceKey {
 public:
  explicit SequenceKey(Sequence sequence) {
    for (size_t i = 0; i < kSequenceKeyBytes; ++i) {
      bytes_[i] = static_cast<char>(sequence.value() >> (8 * (kSequenceKeyBytes - 1 - i)));
    }
  }

  rocksdb::Slice slice() const { return {bytes_, kSequenceKeyBytes}; }

 private:
  char bytes_[kSequenceKeyBytes];
};

// REQUIRES: key.size() == kSequenceKeyBytes.
inline Sequence SequenceOfKey(const rocksdb::Slice& key) {
  uint64_t value = 0;
  for (size_t i = 0; i < kSequenceKeyBytes; ++i) {
    value = value << 8 | static_cast<uint8_t>(key[i]);
  }
  return Sequence{value};
}

}  // namespace lumbung
