// The hashes: of a block for the chain, of entries for the Merkle tree, and the checksum that
// RocksDB puts over each block twice.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/block.h"
#include "storage/block_codec.h"
#include "storage/crc32c.h"
#include "storage/transparency/entry_leaves.h"

namespace lumbung {
namespace {

void FillBlock(Block& block) {
  block.Reset(Sequence{1});
  uint64_t next = 1;
  for (Entry& entry : block.Append(kMaxBlockEntries, 0)) {
    entry.id = {0x0190'0000'0000'7000, uint64_t{1} << 63 | next};
    entry.amount = Amount{static_cast<int64_t>(next++)};
    entry.leg_count = 1;
  }
  block.Close();
}

void SetProcessed(benchmark::State& run) {
  run.SetItemsProcessed(run.iterations() * static_cast<int64_t>(kMaxBlockEntries));
  run.SetBytesProcessed(run.iterations() * static_cast<int64_t>(kMaxBlockEntries * sizeof(Entry)));
}

// A full block's header and the chain's SHA-256 over it.
void HashBlock(benchmark::State& run) {
  Block block;
  FillBlock(block);
  BlockHash hash = kGenesisHash;
  for (auto _ : run) hash = SealBlock(block, hash);
  SetProcessed(run);
}
BENCHMARK(HashBlock)->Unit(benchmark::kMicrosecond);

// The leaves of a full block's entries. Argument: 1 if every other entry has an attachment as long
// as a capture's.
void HashLeaves(benchmark::State& run) {
  constexpr size_t kAttachmentBytes = 18;
  Block block;
  block.Reset(Sequence{1});
  while (block.count() < kMaxBlockEntries) {
    const bool attached = run.range(0) == 1 && block.count() % 2 == 1;
    const size_t bytes = attached ? kAttachmentBytes : 0;
    Entry& entry = block.Append(1, bytes)[0];
    entry.amount = Amount{static_cast<int64_t>(block.count())};
    entry.attachment_length = static_cast<uint16_t>(bytes);
    std::ranges::fill(block.LastAttachment(), std::byte{7});
  }
  block.Close();
  std::vector<MerkleHash> leaves;
  for (auto _ : run) {
    leaves.clear();
    AppendLeafHashes({block.entries(), block.attachments()}, leaves);
    benchmark::DoNotOptimize(leaves.data());
  }
  SetProcessed(run);
}
BENCHMARK(HashLeaves)->ArgName("attached")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void ChecksumBlock(benchmark::State& run) {
  Block block;
  FillBlock(block);
  for (auto _ : run) benchmark::DoNotOptimize(Crc32c(0, block.Bytes()));
  SetProcessed(run);
}
BENCHMARK(ChecksumBlock)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lumbung
