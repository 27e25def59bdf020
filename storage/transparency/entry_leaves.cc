#include "storage/transparency/entry_leaves.h"

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/limits.h"
#include "engine/sha256.h"

namespace lumbung {

namespace {

static_assert(sizeof(Entry) + kMaxAttachmentBytes <= kMaxSplitBytes);

// Leaves that are laid out and then hashed together.
constexpr size_t kTogether = 64;

}  // namespace

void AppendLeafHashes(const EntryRun& run, std::vector<MerkleHash>& leaves) {
  const size_t first = leaves.size();
  leaves.resize(first + run.entries.size());
  const std::span<MerkleHash> out = std::span(leaves).subspan(first);
  std::array<SplitMessage, kTogether> messages;
  size_t offset = 0;
  for (size_t done = 0; done < run.entries.size();) {
    const size_t count = std::min(kTogether, run.entries.size() - done);
    for (size_t i = 0; i < count; ++i) {
      const std::span<const Entry> entry = run.entries.subspan(done + i, 1);
      const size_t length = entry.front().attachment_length;
      LUMBUNG_CHECK(length <= kMaxAttachmentBytes && length <= run.attachments.size() - offset);
      messages[i] = {.front = std::as_bytes(entry),
                     .back = run.attachments.subspan(offset, length)};
      offset += length;
    }
    Sha256OfPrefixed(kLeafPrefix, std::span(messages).first(count), out.subspan(done, count));
    done += count;
  }
  LUMBUNG_CHECK(offset == run.attachments.size());
}

}  // namespace lumbung
