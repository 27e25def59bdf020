// block      = header entry{count} attachment-bytes
// header     = 128 bytes, little endian:
//     0  magic                8   "LUMBUNG\x01" (the last byte is the format version)
//     8  first sequence       8
//    16  entry count          4   1 … 512
//    20  attachment bytes     4   sum of the entries' attachment lengths
//    24  reserved             8   zero
//    32  previous hash       32   of the block before, zero in the first
//    64  hash                32   SHA-256 over header bytes 0 … 63, then 96 … 127, then everything
//                                 behind the header
//    96  reserved            32   zero
// entry      = 128 bytes (engine/entry.h)
// attachment = the attachments of the entries, one after the other (engine/attachment.h)

#include "storage/block_codec.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <memory>
#include <string>

#include "engine/check.h"
#include "engine/limits.h"
#include "engine/sha256.h"

namespace lumbung {

namespace {

static_assert(std::endian::native == std::endian::little, "blocks are stored as they stand");

constexpr char kMagic[8] = {'L', 'U', 'M', 'B', 'U', 'N', 'G', 1};

struct BlockHeader {
  char magic[8];
  uint64_t first;
  uint32_t count;
  uint32_t attachment_bytes;
  uint64_t reserved_front;
  BlockHash previous_hash;
  BlockHash hash;
  uint8_t reserved_back[32];
};
static_assert(sizeof(BlockHeader) == Block::kHeaderBytes);
static_assert(offsetof(BlockHeader, previous_hash) == 32 && offsetof(BlockHeader, hash) == 64);

// One digest context a thread: OpenSSL allocates when it makes one.
EVP_MD_CTX* ThreadDigest() {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return context.get();
}

const EVP_MD* Sha256() {
  static EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

// What a block's hash is over. REQUIRES: no fewer bytes than a header's.
SplitMessage HashedPartsOf(std::span<const std::byte> bytes) {
  constexpr size_t kHashAt = offsetof(BlockHeader, hash);
  constexpr size_t kBehindHash = kHashAt + sizeof(BlockHash);
  return {.front = bytes.first(kHashAt), .back = bytes.subspan(kBehindHash)};
}

BlockHash HashOf(const SplitMessage& parts) {
  EVP_MD_CTX* const context = ThreadDigest();
  BlockHash hash;
  unsigned int size = 0;
  const bool done = EVP_DigestInit_ex2(context, Sha256(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, parts.front.data(), parts.front.size()) == 1 &&
                    EVP_DigestUpdate(context, parts.back.data(), parts.back.size()) == 1 &&
                    EVP_DigestFinal_ex(context, hash.data(), &size) == 1;
  LUMBUNG_CHECK(done && size == hash.size());
  return hash;
}

BlockHash HashOf(std::span<const std::byte> bytes) { return HashOf(HashedPartsOf(bytes)); }

// OpenSSL is the faster one at a single message, and where there are no instructions.
void HashAll(std::span<const SplitMessage> parts, std::span<BlockHash> out) {
  if (parts.size() > 1 && HasSha256Instructions()) return Sha256OfAll(parts, out);
  for (size_t i = 0; i < parts.size(); ++i) out[i] = HashOf(parts[i]);
}

absl::Status Damaged(Sequence first, const std::string& what) {
  return absl::DataLossError("the block of sequence " + std::to_string(first.value()) +
                             " is damaged: " + what);
}

absl::Status DamagedEntry(const BlockView& view, size_t index, const std::string& what) {
  return Damaged(view.first, "entry " + std::to_string(view.first.value() + index) + " " + what);
}

bool IsZero(const void* data, size_t size) {
  const auto* const bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

absl::Status CheckHeader(const BlockHeader& header, size_t size, Sequence expected_first) {
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    return Damaged(expected_first, "it does not begin with the magic bytes of format version 1");
  }
  if (header.first != expected_first.value()) {
    return Damaged(expected_first, "its header says sequence " + std::to_string(header.first));
  }
  if (header.count == 0 || header.count > kMaxBlockEntries) {
    return Damaged(expected_first, "it claims " + std::to_string(header.count) + " entries");
  }
  if (header.attachment_bytes > kMaxBlockAttachmentBytes ||
      size != sizeof(BlockHeader) + header.count * sizeof(Entry) + header.attachment_bytes) {
    return Damaged(expected_first, "its length does not fit its counts");
  }
  if (header.reserved_front != 0 || !IsZero(header.reserved_back, sizeof header.reserved_back)) {
    return Damaged(expected_first, "a reserved byte of the header is not zero");
  }
  return absl::OkStatus();
}

// A run of legs that begins at `leader`: complete, in order, of one transaction, the attachment on
// the first and within its limit, no reserved bit set.
absl::Status CheckTransaction(const BlockView& view, size_t leader) {
  const Entry& first = view.entries[leader];
  if (first.leg_count == 0 || first.leg_count > kMaxLegs ||
      first.leg_count > view.entries.size() - leader) {
    return DamagedEntry(view, leader, "is not the first of a whole transaction");
  }
  if (first.attachment_length > kMaxAttachmentBytes) {
    return DamagedEntry(view, leader, "has an attachment that is too long");
  }
  for (size_t leg = 0; leg < first.leg_count; ++leg) {
    const Entry& entry = view.entries[leader + leg];
    if (entry.leg_index != leg || entry.leg_count != first.leg_count || entry.id != first.id) {
      return DamagedEntry(view, leader + leg,
                          "does not belong to the transaction that it stands in");
    }
    if (entry.reserved != 0 || (entry.flags & ~kEntryFlags) != 0) {
      return DamagedEntry(view, leader + leg, "has a bit set that is reserved");
    }
    if (leg != 0 && entry.attachment_length != 0) {
      return DamagedEntry(view, leader + leg, "has an attachment but is not a first leg");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEntries(const BlockView& view) {
  size_t attachment_bytes = 0;
  for (size_t i = 0; i < view.entries.size(); i += view.entries[i].leg_count) {
    if (absl::Status status = CheckTransaction(view, i); !status.ok()) return status;
    attachment_bytes += view.entries[i].attachment_length;
  }
  if (attachment_bytes != view.attachments.size()) {
    return Damaged(view.first, "the attachments do not add up");
  }
  return absl::OkStatus();
}

absl::StatusOr<BlockHeader> ReadHeader(std::span<const std::byte> bytes, Sequence expected_first) {
  if (bytes.size() < sizeof(BlockHeader)) return Damaged(expected_first, "it is too short");
  BlockHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (absl::Status status = CheckHeader(header, bytes.size(), expected_first); !status.ok()) {
    return status;
  }
  return header;
}

// REQUIRES: the header is that of the bytes, and `hash` what they come to.
absl::StatusOr<BlockView> VerifyContent(std::span<const std::byte> bytes, const BlockHeader& header,
                                        const BlockHash& hash) {
  const Sequence first{header.first};
  if (hash != header.hash) {
    return Damaged(first, "its content does not have the hash that its header names");
  }
  LUMBUNG_CHECK(reinterpret_cast<uintptr_t>(bytes.data()) % alignof(Entry) == 0);
  const std::byte* const entries = bytes.data() + sizeof(BlockHeader);
  BlockView view{.first = first,
                 .previous_hash = header.previous_hash,
                 .hash = header.hash,
                 .entries = {reinterpret_cast<const Entry*>(entries), header.count},
                 .attachments = {entries + header.count * sizeof(Entry), header.attachment_bytes}};
  if (absl::Status status = CheckEntries(view); !status.ok()) return status;
  return view;
}

}  // namespace

BlockHash SealBlock(Block& block, const BlockHash& previous_hash) {
  const std::span<std::byte> bytes = block.Bytes();
  BlockHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.first = block.first().value();
  header.count = static_cast<uint32_t>(block.count());
  header.attachment_bytes = static_cast<uint32_t>(block.attachment_bytes());
  header.previous_hash = previous_hash;
  std::memcpy(bytes.data(), &header, sizeof header);
  const BlockHash hash = HashOf(bytes);
  std::memcpy(bytes.data() + offsetof(BlockHeader, hash), hash.data(), hash.size());
  return hash;
}

absl::StatusOr<BlockView> VerifyBlock(std::span<const std::byte> bytes, Sequence expected_first) {
  const absl::StatusOr<BlockHeader> header = ReadHeader(bytes, expected_first);
  if (!header.ok()) return header.status();
  return VerifyContent(bytes, *header, HashOf(bytes));
}

std::vector<absl::StatusOr<BlockView>> VerifyBlocks(std::span<const UnverifiedBlock> blocks) {
  std::vector<absl::StatusOr<BlockHeader>> headers;
  std::vector<SplitMessage> hashed;  // of those whose header is right
  for (const UnverifiedBlock& block : blocks) {
    headers.push_back(ReadHeader(block.bytes, block.expected_first));
    if (headers.back().ok()) hashed.push_back(HashedPartsOf(block.bytes));
  }
  std::vector<BlockHash> hashes(hashed.size());
  HashAll(hashed, hashes);
  std::vector<absl::StatusOr<BlockView>> views;
  for (size_t i = 0, next = 0; i < blocks.size(); ++i) {
    if (headers[i].ok()) {
      views.push_back(VerifyContent(blocks[i].bytes, *headers[i], hashes[next++]));
    } else {
      views.emplace_back(headers[i].status());
    }
  }
  return views;
}

}  // namespace lumbung
