// segment  = header record{blocks} checkpoint-bytes trailer
// header   = 64 bytes, little endian like all of it:
//     0  magic                8   "LUMBSEG\x01" (the last byte is the format version)
//     8  first sequence       8   1 …
//    16  previous hash       32   of the block before the first, zero if that is 1
//    48  reserved            16   zero
// record   = length 4, then the block as stored (block_codec.cc), so many bytes
// trailer  = 128 bytes, the file's last:
//     0  magic                8   "LUMBEND\x01"
//     8  last sequence        8
//    16  blocks               8   1 …
//    24  file bytes           8   of the whole file, this trailer included
//    32  last hash           32   of the last block
//    64  checkpoint bytes     4   0: none; at most 65,536
//    68  reserved            28   zero
//    96  SHA-256             32   over everything before it

#include "storage/segment_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/block.h"
#include "engine/check.h"
#include "engine/limits.h"
#include "storage/block_chain.h"
#include "storage/transparency/aside_file.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

constexpr char kHeaderMagic[8] = {'L', 'U', 'M', 'B', 'S', 'E', 'G', 1};
constexpr char kTrailerMagic[8] = {'L', 'U', 'M', 'B', 'E', 'N', 'D', 1};

struct SegmentHeader {
  char magic[8];
  uint64_t first;
  BlockHash previous_hash;
  uint8_t reserved[16];
};
static_assert(sizeof(SegmentHeader) == 64);

struct SegmentTrailer {
  char magic[8];
  uint64_t last;
  uint64_t blocks;
  uint64_t file_bytes;
  BlockHash last_hash;
  uint32_t checkpoint_bytes;
  uint8_t reserved[28];
  BlockHash sha256;
};
static_assert(sizeof(SegmentTrailer) == 128);
static_assert(offsetof(SegmentTrailer, sha256) == 96);

using Length = uint32_t;
constexpr size_t kMostBlockBytes =
    Block::kHeaderBytes + kMaxBlockEntries * sizeof(Entry) + kMaxBlockAttachmentBytes;
constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr uint64_t kBlocksApart = 64;  // of which the places are remembered

std::span<const std::byte> BytesOfText(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
template <typename T>
std::span<const std::byte> BytesOf(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const std::byte*>(&value), sizeof value};
}

// SHA-256 of what comes in parts.
class RunningHash {
 public:
  RunningHash() { LUMBUNG_CHECK(EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr) == 1); }
  void Add(std::span<const std::byte> bytes) {
    LUMBUNG_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  BlockHash Finish() {
    BlockHash hash;
    unsigned int size = 0;
    LUMBUNG_CHECK(EVP_DigestFinal_ex(context_.get(), hash.data(), &size) == 1);
    LUMBUNG_CHECK(size == hash.size());
    return hash;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

}  // namespace

// --- writing ---

struct SegmentWriter::Parts {
  std::unique_ptr<AsideFile> file;
  std::vector<std::byte> buffer;
  RunningHash hash;
  SegmentSummary summary;

  absl::Status Flush() {
    absl::Status status =
        file->Write({reinterpret_cast<const char*>(buffer.data()), buffer.size()});
    buffer.clear();
    return status;
  }
  absl::Status Put(std::span<const std::byte> bytes) {
    hash.Add(bytes);
    summary.bytes += bytes.size();
    buffer.insert(buffer.end(), bytes.begin(), bytes.end());
    return buffer.size() >= kBufferBytes ? Flush() : absl::OkStatus();
  }
  absl::Status Begin(const StoredBlock& block);
  absl::Status End(std::string_view checkpoint);
};

absl::Status SegmentWriter::Parts::Begin(const StoredBlock& block) {
  summary.first = block.first;
  summary.previous_hash = PreviousHashOf(block);
  SegmentHeader header{};
  std::memcpy(header.magic, kHeaderMagic, sizeof kHeaderMagic);
  header.first = block.first.value();
  header.previous_hash = summary.previous_hash;
  return Put(BytesOf(header));
}

// The checkpoint, the trailer, and the file's name: durable in this order.
absl::Status SegmentWriter::Parts::End(std::string_view checkpoint) {
  summary.checkpoint = checkpoint;
  absl::Status status = Put(BytesOfText(checkpoint));
  SegmentTrailer trailer{};
  std::memcpy(trailer.magic, kTrailerMagic, sizeof kTrailerMagic);
  trailer.last = summary.last.value();
  trailer.blocks = summary.blocks;
  trailer.file_bytes = summary.bytes + sizeof trailer;
  trailer.last_hash = summary.last_hash;
  trailer.checkpoint_bytes = static_cast<uint32_t>(checkpoint.size());
  hash.Add(BytesOf(trailer).first(offsetof(SegmentTrailer, sha256)));
  trailer.sha256 = hash.Finish();
  const std::span<const std::byte> bytes = BytesOf(trailer);
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
  summary.bytes += bytes.size();
  if (status.ok()) status = Flush();
  return status.ok() ? file->Finish() : status;
}

SegmentWriter::SegmentWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SegmentWriter::~SegmentWriter() = default;

absl::StatusOr<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(const std::string& path) {
  auto file = AsideFile::Make(path, AsideFile::Naming::kNew, 0600);
  if (!file.ok()) return file.status();
  auto parts = std::make_unique<Parts>();
  parts->file = *std::move(file);
  parts->buffer.reserve(kBufferBytes + kMostBlockBytes);
  return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(parts)));
}

absl::Status SegmentWriter::Add(const StoredBlock& block) {
  Parts& parts = *parts_;
  SegmentSummary& summary = parts.summary;
  if (summary.blocks == 0) {
    if (absl::Status status = parts.Begin(block); !status.ok()) return status;
  } else {
    LUMBUNG_CHECK(block.first.value() == summary.last.value() + 1);
    LUMBUNG_CHECK(PreviousHashOf(block) == summary.last_hash);
  }
  ++summary.blocks;
  summary.last = LastOf(block);
  summary.last_hash = HashOf(block);
  const auto length = static_cast<Length>(block.bytes.size());
  if (absl::Status status = parts.Put(BytesOf(length)); !status.ok()) return status;
  return parts.Put(block.bytes);
}

Sequence SegmentWriter::last() const { return parts_->summary.last; }

absl::StatusOr<SegmentSummary> SegmentWriter::Finish(std::string_view checkpoint) {
  LUMBUNG_CHECK(parts_->summary.blocks != 0 && checkpoint.size() <= kMostCheckpointBytes);
  if (absl::Status status = parts_->End(checkpoint); !status.ok()) return status;
  return parts_->summary;
}

// --- reading ---

namespace {

absl::Status Damaged(const std::string& path, uint64_t byte, const std::string& what) {
  return absl::DataLossError(path + ", byte " + std::to_string(byte) + ": " + what);
}
// What is wrong with the block that stands there.
absl::Status At(const std::string& path, uint64_t byte, const absl::Status& block) {
  return Reworded(block,
                  path + ", byte " + std::to_string(byte) + ": " + std::string(block.message()));
}

absl::Status ReadAt(int file, const std::string& path, uint64_t offset, std::span<std::byte> into) {
  for (size_t done = 0; done < into.size();) {
    const ssize_t got =
        pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("reading", path);
    if (got == 0) return Damaged(path, offset + done, "the file ends here");
    done += static_cast<size_t>(got);
  }
  return absl::OkStatus();
}
template <typename T>
absl::Status ReadValue(int file, const std::string& path, uint64_t offset, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return ReadAt(file, path, offset,
                std::span<std::byte>(reinterpret_cast<std::byte*>(&value), sizeof value));
}

bool IsZero(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

absl::Status CheckHeader(const std::string& path, const SegmentHeader& header) {
  if (std::memcmp(header.magic, kHeaderMagic, sizeof kHeaderMagic) != 0) {
    return Damaged(path, 0, "expected the magic bytes of a segment of format version 1");
  }
  if (header.first == 0 || header.first > kMaxSequence) {
    return Damaged(path, offsetof(SegmentHeader, first),
                   "expected a first sequence of 1 or more, found " + std::to_string(header.first));
  }
  if (header.first == 1 && header.previous_hash != kGenesisHash) {
    return Damaged(path, offsetof(SegmentHeader, previous_hash),
                   "expected zeros: no block is before sequence 1");
  }
  if (!IsZero(header.reserved)) {
    return Damaged(path, offsetof(SegmentHeader, reserved), "a reserved byte is not zero");
  }
  return absl::OkStatus();
}

absl::Status CheckTrailer(const std::string& path, const SegmentTrailer& trailer, uint64_t size,
                          uint64_t first) {
  const uint64_t at = size - sizeof trailer;
  if (std::memcmp(trailer.magic, kTrailerMagic, sizeof kTrailerMagic) != 0) {
    return Damaged(path, at,
                   "expected the trailer, the last 128 bytes: the file was cut off or added to");
  }
  if (trailer.file_bytes != size) {
    return Damaged(path, at + offsetof(SegmentTrailer, file_bytes),
                   "the trailer says that the file has " + std::to_string(trailer.file_bytes) +
                       " bytes, but it has " + std::to_string(size));
  }
  if (trailer.blocks == 0 || trailer.last < first || trailer.last > kMaxSequence) {
    return Damaged(path, at + offsetof(SegmentTrailer, last),
                   "the trailer's counts don't fit: it says that the last of " +
                       std::to_string(trailer.blocks) + " blocks ends with sequence " +
                       std::to_string(trailer.last));
  }
  const uint64_t room = size - sizeof(SegmentHeader) - sizeof trailer;
  if (trailer.checkpoint_bytes > SegmentWriter::kMostCheckpointBytes ||
      trailer.checkpoint_bytes > room) {
    return Damaged(path, at + offsetof(SegmentTrailer, checkpoint_bytes),
                   "the trailer claims a checkpoint of " +
                       std::to_string(trailer.checkpoint_bytes) + " bytes");
  }
  if (!IsZero(trailer.reserved)) {
    return Damaged(path, at + offsetof(SegmentTrailer, reserved), "a reserved byte is not zero");
  }
  return absl::OkStatus();
}

}  // namespace

SegmentFile::~SegmentFile() { close(file_); }

absl::StatusOr<std::unique_ptr<SegmentFile>> SegmentFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return absl::NotFoundError("there is no file " + path);
  if (file < 0) return FileError("opening", path);
  std::unique_ptr<SegmentFile> segment(new SegmentFile(path, file));
  if (absl::Status status = segment->ReadEnds(); !status.ok()) return status;
  return segment;
}

absl::Status SegmentFile::ReadEnds() {
  struct stat found {};
  if (fstat(file_, &found) != 0) return FileError("reading", path_);
  if (!S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(path_ + ": expected a file, found something else");
  }
  const auto size = static_cast<uint64_t>(found.st_size);
  constexpr uint64_t kFewest = sizeof(SegmentHeader) + sizeof(SegmentTrailer);
  if (size < kFewest) return Damaged(path_, size, "the file ends here: too short for a segment");
  SegmentHeader header;
  absl::Status status = ReadValue(file_, path_, 0, header);
  if (status.ok()) status = CheckHeader(path_, header);
  SegmentTrailer trailer;
  if (status.ok()) status = ReadValue(file_, path_, size - sizeof trailer, trailer);
  if (status.ok()) status = CheckTrailer(path_, trailer, size, header.first);
  if (!status.ok()) return status;
  summary_ = {.first = Sequence{header.first},
              .last = Sequence{trailer.last},
              .previous_hash = header.previous_hash,
              .last_hash = trailer.last_hash,
              .blocks = trailer.blocks,
              .bytes = size,
              .checkpoint = std::string(trailer.checkpoint_bytes, '\0')};
  sha256_ = trailer.sha256;
  const std::span<char> note(summary_.checkpoint);
  return ReadAt(file_, path_, size - sizeof trailer - note.size(), std::as_writable_bytes(note));
}

absl::Status SegmentFile::StreamBlocks(
    Sequence from,
    const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const {
  from = std::max(from, Sequence{1});
  if (from < summary_.first) {
    return absl::OutOfRangeError(path_ + " begins with sequence " +
                                 std::to_string(summary_.first.value()) + ", so it has no " +
                                 std::to_string(from.value()));
  }
  return Stream(from, visit);
}

absl::Status SegmentFile::Verify() const {
  return Stream(summary_.first, [](const std::shared_ptr<const StoredBlock>&) { return true; });
}

absl::StatusOr<std::vector<std::byte>> SegmentFile::ReadRecord(uint64_t offset,
                                                               Sequence next) const {
  const uint64_t end = summary_.bytes - sizeof(SegmentTrailer) - summary_.checkpoint.size();
  Length length = 0;
  if (end - offset < sizeof length) {
    return Damaged(path_, offset,
                   "expected a block that begins with sequence " + std::to_string(next.value()));
  }
  if (absl::Status status = ReadValue(file_, path_, offset, length); !status.ok()) return status;
  if (length > kMostBlockBytes || length > end - offset - sizeof length) {
    return Damaged(path_, offset,
                   "a length of " + std::to_string(length) +
                       " is too much for the block of sequence " + std::to_string(next.value()));
  }
  std::vector<std::byte> bytes(length);
  if (absl::Status status = ReadAt(file_, path_, offset + sizeof length, bytes); !status.ok()) {
    return status;
  }
  return bytes;
}

// Whoever streams begins at the beginning, so places come in order, and again.
void SegmentFile::Remember(const Place& place) const {
  const std::lock_guard lock(places_mutex_);
  if (places_.empty() || places_.back().first < place.first) places_.push_back(place);
}

SegmentFile::Place SegmentFile::PlaceBefore(Sequence sequence) const {
  const std::lock_guard lock(places_mutex_);
  const auto after = std::ranges::upper_bound(places_, sequence, {}, &Place::first);
  return after == places_.begin() ? Place{summary_.first, sizeof(SegmentHeader)}
                                  : *std::prev(after);
}

absl::StatusOr<std::shared_ptr<const StoredBlock>> SegmentFile::ReadBlock(Sequence sequence) const {
  if (sequence < summary_.first || sequence > summary_.last) {
    return absl::NotFoundError("sequence " + std::to_string(sequence.value()) + " is not in " +
                               path_);
  }
  Place place = PlaceBefore(sequence);
  BlockChain chain(place.first);
  while (true) {
    auto bytes = ReadRecord(place.offset, chain.next());
    if (!bytes.ok()) return bytes.status();
    const uint64_t length = bytes->size();
    auto block = chain.Take(*std::move(bytes));
    if (!block.ok()) return At(path_, place.offset, block.status());
    if (chain.next() > sequence) return block;
    place.offset += sizeof(Length) + length;
  }
}

absl::Status SegmentFile::Stream(
    Sequence from, const std::function<bool(std::shared_ptr<const StoredBlock>)>& visit) const {
  const uint64_t trailer_at = summary_.bytes - sizeof(SegmentTrailer);
  const uint64_t blocks_end = trailer_at - summary_.checkpoint.size();
  RunningHash hash;
  SegmentHeader header;
  if (absl::Status status = ReadValue(file_, path_, 0, header); !status.ok()) return status;
  hash.Add(BytesOf(header));
  BlockChain chain(summary_.first, summary_.previous_hash);
  uint64_t offset = sizeof header;
  for (uint64_t i = 0; i < summary_.blocks; ++i) {
    auto bytes = ReadRecord(offset, chain.next());
    if (!bytes.ok()) return bytes.status();
    const auto length = static_cast<Length>(bytes->size());
    hash.Add(BytesOf(length));
    hash.Add(*bytes);
    auto block = chain.Take(*std::move(bytes));
    if (!block.ok()) return At(path_, offset, block.status());
    if (i % kBlocksApart == 0) Remember({(*block)->first, offset});
    offset += sizeof length + length;
    if (chain.next() <= from) continue;
    if (!visit(*std::move(block))) return absl::OkStatus();
  }
  if (offset != blocks_end || chain.next().value() != summary_.last.value() + 1 ||
      chain.hash() != summary_.last_hash) {
    return Damaged(path_, offset,
                   "the blocks end with sequence " + std::to_string(chain.next().value() - 1) +
                       ", but the trailer says otherwise");
  }
  hash.Add(BytesOfText(summary_.checkpoint));
  SegmentTrailer trailer;
  if (absl::Status status = ReadValue(file_, path_, trailer_at, trailer); !status.ok())
    return status;
  hash.Add(BytesOf(trailer).first(offsetof(SegmentTrailer, sha256)));
  if (hash.Finish() == sha256_) return absl::OkStatus();
  return Damaged(path_, trailer_at + offsetof(SegmentTrailer, sha256),
                 "the file does not have the SHA-256 that stands here: a byte was changed");
}

}  // namespace lumbung
