// The hashes: of a block for the chain, of entries for the Merkle tree, and the checksum that
// RocksDB puts over each block twice.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/block.h"
#include "engine/sha256.h"
#include "storage/block_codec.h"
#include "storage/crc32c.h"

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

// The leaves of a full block's entries.
void HashLeaves(benchmark::State& run) {
  Block block;
  FillBlock(block);
  const std::span<const std::byte> bytes = std::as_bytes(block.entries());
  std::vector<Sha256Digest> leaves(kMaxBlockEntries);
  for (auto _ : run) {
    Sha256OfPrefixed(std::byte{0}, bytes, sizeof(Entry), leaves);
    benchmark::DoNotOptimize(leaves.data());
  }
  SetProcessed(run);
}
BENCHMARK(HashLeaves)->Unit(benchmark::kMicrosecond);

void ChecksumBlock(benchmark::State& run) {
  Block block;
  FillBlock(block);
  for (auto _ : run) benchmark::DoNotOptimize(Crc32c(0, block.Bytes()));
  SetProcessed(run);
}
BENCHMARK(ChecksumBlock)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lumbung
