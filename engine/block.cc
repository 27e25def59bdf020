#include "engine/block.h"

#include <cstring>

#include "engine/check.h"

namespace lumbung {

namespace {

constexpr size_t kBufferBytes =
    Block::kHeaderBytes + kMaxBlockEntries * sizeof(Entry) + kMaxBlockAttachmentBytes;

}  // namespace

Block::Block()
    : buffer_(new std::byte[kBufferBytes]), attachments_(new std::byte[kMaxBlockAttachmentBytes]) {}

void Block::Reset(Sequence first) {
  first_ = first;
  count_ = 0;
  attachment_bytes_ = 0;
  last_attachment_bytes_ = 0;
  closed_ = false;
}

std::span<Entry> Block::Append(size_t entries, size_t attachment_bytes) {
  LUMBUNG_CHECK(Fits(entries, attachment_bytes));
  Entry* const begin = entry_data() + count_;
  std::memset(static_cast<void*>(begin), 0, entries * sizeof(Entry));
  count_ += entries;
  attachment_bytes_ += attachment_bytes;
  last_attachment_bytes_ = attachment_bytes;
  return {begin, entries};
}

std::span<std::byte> Block::LastAttachment() {
  return {attachments_.get() + attachment_bytes_ - last_attachment_bytes_, last_attachment_bytes_};
}

void Block::Close() {
  LUMBUNG_CHECK(!closed_);
  std::memcpy(buffer_.get() + kHeaderBytes + count_ * sizeof(Entry), attachments_.get(),
              attachment_bytes_);
  closed_ = true;
}

std::span<const std::byte> Block::attachments() const {
  LUMBUNG_CHECK(closed_);
  return {buffer_.get() + kHeaderBytes + count_ * sizeof(Entry), attachment_bytes_};
}

std::span<std::byte> Block::Bytes() {
  LUMBUNG_CHECK(closed_);
  return {buffer_.get(), kHeaderBytes + count_ * sizeof(Entry) + attachment_bytes_};
}

}  // namespace lumbung
