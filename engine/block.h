// A block: up to 512 entries and their attachments in one buffer, laid out as it will be stored:
//
//   [ header 128 bytes ][ entries 128 bytes each ][ attachments, one after the other ]
//
// The apply thread fills it, closes it and hands it on; from then on its entries are immutable. The
// persist thread writes the header (storage/block_codec.h) and stores Bytes() without a copy.
// Blocks are made once and recycled. Not thread-safe; ownership passes with the hand-over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/entry.h"
#include "engine/limits.h"
#include "engine/types.h"

namespace lumbung {

class Block {
 public:
  static constexpr size_t kHeaderBytes = 128;

  Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // Empties the block; its first entry will have this sequence.
  void Reset(Sequence first);

  bool Fits(size_t entries, size_t attachment_bytes) const {
    return !closed_ && count_ + entries <= kMaxBlockEntries &&
           attachment_bytes_ + attachment_bytes <= kMaxBlockAttachmentBytes;
  }
  // Room for a transaction's entries, zeroed. REQUIRES: Fits(entries, attachment_bytes).
  std::span<Entry> Append(size_t entries, size_t attachment_bytes);
  // The attachment room of the last Append, to be filled in by the caller.
  std::span<std::byte> LastAttachment();

  // Moves the attachments next to the entries. No Append after this.
  void Close();

  Sequence first() const { return first_; }
  size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  bool closed() const { return closed_; }
  // Sequence of the last entry. REQUIRES: not empty.
  Sequence last() const { return Sequence{first_.value() + count_ - 1}; }
  std::span<const Entry> entries() const { return {entry_data(), count_}; }
  // All attachments. REQUIRES: closed().
  std::span<const std::byte> attachments() const;
  size_t attachment_bytes() const { return attachment_bytes_; }
  // Header, entries and attachments, contiguous. REQUIRES: closed().
  std::span<std::byte> Bytes();

 private:
  Entry* entry_data() { return reinterpret_cast<Entry*>(buffer_.get() + kHeaderBytes); }
  const Entry* entry_data() const {
    return reinterpret_cast<const Entry*>(buffer_.get() + kHeaderBytes);
  }

  std::unique_ptr<std::byte[]> buffer_;       // header, entries, attachments once closed
  std::unique_ptr<std::byte[]> attachments_;  // attachments until closed
  Sequence first_;
  size_t count_ = 0;
  size_t attachment_bytes_ = 0;
  size_t last_attachment_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace lumbung
