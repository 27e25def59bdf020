// Input: mode (1 byte: even, hashes and length are made right; odd, the file as it stands), then
// the bytes of a segment.
// Holds: what is refused is refused as DATA_LOSS that names the file. What is taken is written
// again to the same bytes, and each of its blocks is found by its sequences. What a stream gives
// before it meets damage is whole blocks in order.
#include "storage/segment_file.h"

#include <openssl/sha.h>

#include <fstream>
#include <iterator>

#include "engine/check.h"
#include "storage/block_chain.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::fuzz {

namespace {

// Places in the file (segment_file.cc) and in a block (block_codec.cc).
constexpr size_t kHeaderBytes = 64;
constexpr size_t kTrailerBytes = 128;
constexpr size_t kPreviousHashAt = 16;
constexpr size_t kFileBytesAt = 24;
constexpr size_t kLastHashAt = 32;
constexpr size_t kCheckpointBytesAt = 64;
constexpr size_t kSha256At = 96;
constexpr size_t kBlockPreviousHashAt = 32;
constexpr size_t kBlockHashAt = 64;

template <typename T>
T Get(const std::string& bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
template <typename T>
void Put(std::string& bytes, size_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

BlockHash Sha256(std::string_view bytes) {
  BlockHash hash;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

// Seals the record's block anew behind the one before, and returns its hash.
BlockHash Seal(std::string& block, const BlockHash& previous) {
  Put(block, kBlockPreviousHashAt, previous);
  const BlockHash hash =
      Sha256(block.substr(0, kBlockHashAt) + block.substr(kBlockHashAt + sizeof(BlockHash)));
  Put(block, kBlockHashAt, hash);
  return hash;
}

// Makes all hashes and the file's length right, which the fuzzer never would. The rest stays.
void Mend(std::string& bytes) {
  if (bytes.size() < kHeaderBytes + kTrailerBytes) return;
  const size_t trailer = bytes.size() - kTrailerBytes;
  const uint64_t note = std::min<uint64_t>(Get<uint32_t>(bytes, trailer + kCheckpointBytesAt),
                                           trailer - kHeaderBytes);
  auto hash = Get<BlockHash>(bytes, kPreviousHashAt);
  for (size_t at = kHeaderBytes; at + sizeof(uint32_t) <= trailer - note;) {
    const auto length = Get<uint32_t>(bytes, at);
    at += sizeof length;
    if (length < Block::kHeaderBytes || length > trailer - note - at) break;
    std::string block = bytes.substr(at, length);
    hash = Seal(block, hash);
    bytes.replace(at, length, block);
    at += length;
  }
  Put(bytes, trailer + kLastHashAt, hash);
  Put<uint64_t>(bytes, trailer + kFileBytesAt, bytes.size());
  Put(bytes, trailer + kSha256At, Sha256(bytes.substr(0, trailer + kSha256At)));
}

bool Refused(const absl::Status& status, const std::string& path) {
  LUMBUNG_CHECK(absl::IsDataLoss(status));
  LUMBUNG_CHECK(status.message().find(path) != absl::string_view::npos);
  return false;
}

using Blocks = std::vector<std::shared_ptr<const StoredBlock>>;

// Writes the blocks to a segment of their own and returns its bytes.
std::string Written(const Blocks& blocks, const std::string& checkpoint) {
  static const TemporaryFolder folder;
  const std::string path = folder.Path("again");
  {
    auto writer = SegmentWriter::Create(path);
    LUMBUNG_CHECK(writer.ok());
    for (const auto& block : blocks) LUMBUNG_CHECK((*writer)->Add(*block).ok());
    LUMBUNG_CHECK((*writer)->Finish(checkpoint).ok());
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  return bytes;
}

void CheckEachIsFound(const SegmentFile& segment, const Blocks& blocks) {
  for (const auto& block : blocks) {
    for (const Sequence sequence : {block->first, LastOf(*block)}) {
      const auto found = segment.ReadBlock(sequence);
      LUMBUNG_CHECK(found.ok() && (*found)->bytes == block->bytes);
    }
  }
  const Sequence behind{segment.last().value() + 1};
  LUMBUNG_CHECK(absl::IsNotFound(segment.ReadBlock(behind).status()));
}

std::string Sample(uint64_t first, std::initializer_list<size_t> counts, const char* checkpoint) {
  Blocks blocks;
  BlockHash previous = first == 1 ? kGenesisHash : BlockHash{7};
  for (const size_t count : counts) {
    const auto block = MakeBlock(Sequence{first}, count, "bon 17");
    BlockChain chain(Sequence{first}, previous);
    previous = SealBlock(*block, previous);
    auto taken = chain.Take({block->Bytes().begin(), block->Bytes().end()});
    LUMBUNG_CHECK(taken.ok());
    blocks.push_back(*std::move(taken));
    first += count;
  }
  return Written(blocks, checkpoint);
}

}  // namespace

bool Try(Input input) {
  const bool mended = input.Take<uint8_t>() % 2 == 0;
  std::string bytes(input.rest());
  if (mended) Mend(bytes);
  const MemoryFile file(bytes);
  const auto segment = SegmentFile::Open(file.path());
  if (!segment.ok()) return Refused(segment.status(), file.path());
  const SegmentSummary& summary = (*segment)->summary();
  Blocks blocks;
  Sequence next = summary.first;
  const auto take = [&](const std::shared_ptr<const StoredBlock>& block) {
    LUMBUNG_CHECK(block->first == next);
    next = Sequence{LastOf(*block).value() + 1};
    blocks.push_back(block);
    return true;
  };
  const absl::Status streamed = (*segment)->StreamBlocks(summary.first, take);
  LUMBUNG_CHECK((*segment)->Verify() == streamed);
  if (!streamed.ok()) {
    for (const Sequence sequence : {summary.first, summary.last}) {
      const auto found = (*segment)->ReadBlock(sequence);
      if (!found.ok()) Refused(found.status(), file.path());
    }
    return Refused(streamed, file.path());
  }
  LUMBUNG_CHECK(blocks.size() == summary.blocks && LastOf(*blocks.back()) == summary.last);
  LUMBUNG_CHECK(Written(blocks, summary.checkpoint) == bytes);
  CheckEachIsFound(**segment, blocks);
  return true;
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  constexpr char kNote[] = "lumbung/ledger\n3\nAAAA\n\n- not looked into\n";
  return {
      {"one-block", "\0"s + Sample(1, {1}, "")},
      {"whole-ledger", "\0"s + Sample(1, {3, 1, 2}, kNote)},
      {"from-the-middle", "\0"s + Sample(100, {2, 1}, "")},
      {"as-it-stands", "\1"s + Sample(1, {2}, kNote)},
  };
}

}  // namespace lumbung::fuzz
