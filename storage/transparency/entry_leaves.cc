#include "storage/transparency/entry_leaves.h"

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/limits.h"
#include "engine/sha256.h"

namespace lumbung {

namespace {

static_assert(sizeof(Entry) + kMaxAttachmentBytes <= kMaxSplitBytes);

// Leaves that are hashed together: their entries are in the nearest cache when they are looked at
// again.
constexpr size_t kTogether = 64;

// Of entries without any attachment, which lie behind each other as they are hashed.
void HashBare(std::span<const Entry> entries, std::span<MerkleHash> out) {
  Sha256OfPrefixed(kLeafPrefix, std::as_bytes(entries), sizeof(Entry), out);
  for (const Entry& entry : entries) LUMBUNG_CHECK(entry.attachment_length == 0);
}

}  // namespace

void AppendLeafHashes(const EntryRun& run, std::vector<MerkleHash>& leaves) {
  const size_t first = leaves.size();
  leaves.resize(first + run.entries.size());
  const std::span<MerkleHash> out = std::span(leaves).subspan(first);
  std::array<SplitMessage, kTogether> messages;
  size_t offset = 0;
  for (size_t done = 0, count = 0; done < run.entries.size(); done += count) {
    count = std::min(kTogether, run.entries.size() - done);
    if (run.attachments.empty()) {
      HashBare(run.entries.subspan(done, count), out.subspan(done, count));
      continue;
    }
    for (size_t i = 0; i < count; ++i) {
      const std::span<const Entry> entry = run.entries.subspan(done + i, 1);
      const size_t length = entry.front().attachment_length;
      LUMBUNG_CHECK(length <= kMaxAttachmentBytes && length <= run.attachments.size() - offset);
      messages[i] = {.front = std::as_bytes(entry),
                     .back = run.attachments.subspan(offset, length)};
      offset += length;
    }
    Sha256OfPrefixed(kLeafPrefix, std::span(messages).first(count), out.subspan(done, count));
  }
  LUMBUNG_CHECK(offset == run.attachments.size());
}

}  // namespace lumbung
