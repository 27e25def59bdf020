#include "storage/transparency/entry_leaves.h"

#include "engine/check.h"
#include "engine/sha256.h"

namespace lumbung {

namespace {

constexpr std::byte kLeafPrefix{0x00};
static_assert(sizeof(Entry) <= kMaxPrefixedBytes);

}  // namespace

void AppendLeafHashes(const EntryRun& run, std::vector<MerkleHash>& leaves) {
  const size_t first = leaves.size();
  leaves.resize(first + run.entries.size());
  const std::span<MerkleHash> out = std::span(leaves).subspan(first);
  size_t offset = 0;
  for (size_t i = 0; i < run.entries.size();) {
    // Entries without an attachment, which most are, are hashed together.
    size_t plain = i;
    while (plain < run.entries.size() && run.entries[plain].attachment_length == 0) ++plain;
    Sha256OfPrefixed(kLeafPrefix, std::as_bytes(run.entries.subspan(i, plain - i)), sizeof(Entry),
                     out.subspan(i, plain - i));
    i = plain;
    if (i == run.entries.size()) break;
    const size_t length = run.entries[i].attachment_length;
    LUMBUNG_CHECK(offset + length <= run.attachments.size());
    out[i] =
        LeafHash(std::as_bytes(run.entries.subspan(i, 1)), run.attachments.subspan(offset, length));
    offset += length;
    ++i;
  }
  LUMBUNG_CHECK(offset == run.attachments.size());
}

}  // namespace lumbung
