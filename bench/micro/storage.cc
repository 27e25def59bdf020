// What the disk side costs, without rules and ring: a synced append, a streaming read with all
// hashes checked, and the cold id index. The stores are made in the folder for temporary files
// (TMPDIR), so that is the disk which is measured.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/micro/id_version.h"
#include "engine/block.h"
#include "engine/check.h"
#include "storage/derived_store.h"
#include "storage/ledger_store.h"

namespace lumbung {
namespace {

constexpr size_t kGeneration = size_t{1} << 20;

// A folder that is gone when the benchmark ends.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lumbung-XXXXXX").string();
    LUMBUNG_CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;  // what can't be removed is left to the system
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::unique_ptr<LedgerStore> OpenLedger(const Folder& folder) {
  auto opened = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite);
  LUMBUNG_CHECK(opened.ok());
  return std::move(*opened);
}

std::unique_ptr<DerivedStore> OpenDerived(const Folder& folder) {
  auto opened = DerivedStore::Open(folder.Path("derived"));
  LUMBUNG_CHECK(opened.ok());
  return std::move(*opened);
}

// Full blocks of payments, made once and numbered anew for each append.
class FullBlocks {
 public:
  explicit FullBlocks(size_t count) : blocks_(count) {
    for (Block& block : blocks_) pointers_.push_back(&block);
  }

  std::span<Block* const> From(Sequence first) {
    uint64_t next = first.value();
    for (Block& block : blocks_) {
      block.Reset(Sequence{next});
      for (Entry& entry : block.Append(kMaxBlockEntries, 0)) {
        entry.id = {0x0190'0000'0000'7000, uint64_t{1} << 63 | next};
        entry.debit_account = AccountId{next * 0x9E37'79B9'7F4A'7C15};
        entry.credit_account = AccountId{next};
        entry.amount = Amount{static_cast<int64_t>(next)};
        entry.leg_count = 1;
        ++next;
      }
      block.Close();
    }
    return pointers_;
  }

 private:
  std::vector<Block> blocks_;
  std::vector<Block*> pointers_;
};

// Argument: blocks in one synced write.
void AppendBlocks(benchmark::State& run) {
  const Folder folder;
  const auto ledger = OpenLedger(folder);
  FullBlocks blocks(static_cast<size_t>(run.range(0)));
  for (auto _ : run) {
    run.PauseTiming();
    const auto full = blocks.From(Sequence{ledger->last().value() + 1});
    run.ResumeTiming();
    LUMBUNG_CHECK(ledger->Append(full).ok());
  }
  run.SetItemsProcessed(static_cast<int64_t>(ledger->last().value()));
  run.SetBytesProcessed(static_cast<int64_t>(ledger->last().value() * sizeof(Entry)));
}
BENCHMARK(AppendBlocks)
    ->ArgName("blocks")
    ->Arg(1)
    ->Arg(16)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// Argument: full blocks in the ledger.
void ReadBlocks(benchmark::State& run) {
  const Folder folder;
  const auto count = static_cast<uint64_t>(run.range(0));
  FullBlocks blocks(16);
  {
    const auto ledger = OpenLedger(folder);
    while (ledger->last().value() < count * kMaxBlockEntries) {
      LUMBUNG_CHECK(ledger->Append(blocks.From(Sequence{ledger->last().value() + 1})).ok());
    }
  }
  const auto ledger = OpenLedger(folder);
  uint64_t entries = 0;
  for (auto _ : run) {
    const absl::Status read = ledger->ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
      entries += block.entries.size();
      return true;
    });
    LUMBUNG_CHECK(read.ok());
  }
  run.SetItemsProcessed(static_cast<int64_t>(entries));
}
BENCHMARK(ReadBlocks)
    ->ArgName("blocks")
    ->Arg(64)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

TransactionId MakeId(IdVersion form, std::mt19937_64& random, uint64_t number) {
  const uint64_t low = uint64_t{1} << 63 | random() >> 2;
  if (form == IdVersion::kRandom) return {(random() & ~uint64_t{0xF000}) | 0x4000, low};
  const uint64_t milliseconds = 1'700'000'000'000 + number / 1000;
  return {milliseconds << 16 | 0x7000 | (random() & 0xFFF), low};
}

// Replaces `ids` by as many new ones.
void MakeIds(IdVersion form, std::mt19937_64& random, uint64_t first, size_t count,
             SealedIds& ids) {
  ids.clear();
  for (uint64_t number = first; number < first + count; ++number) {
    ids.push_back({MakeId(form, random, number), {Sequence{number}, Outcome::kAccepted, random()}});
  }
}

// Sorts a generation, builds its SST with the Bloom filter, and ingests it. Arguments: version of
// the UUIDs, ids in a generation.
void IndexIds(benchmark::State& run) {
  const Folder folder;
  const auto derived = OpenDerived(folder);
  std::mt19937_64 random(1);
  SealedIds ids;
  const auto count = static_cast<size_t>(run.range(1));
  uint64_t next = 1;
  for (auto _ : run) {
    run.PauseTiming();
    MakeIds(static_cast<IdVersion>(run.range(0)), random, next, count, ids);
    std::shuffle(ids.begin(), ids.end(), random);
    next += count;
    run.ResumeTiming();
    LUMBUNG_CHECK(derived->IndexIds(ids, Sequence{next - 1}).ok());
  }
  run.SetItemsProcessed(static_cast<int64_t>(next - 1));
}
BENCHMARK(IndexIds)
    ->ArgNames({"version", "count"})
    ->Args({7, 10'000})
    ->Args({7, kGeneration})
    ->Args({4, kGeneration})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Random ids that are not among 16 generations of random ids. Argument: ids in one look-up.
void FindAbsent(benchmark::State& run) {
  const Folder folder;
  const auto derived = OpenDerived(folder);
  std::mt19937_64 random(1);
  SealedIds ids;
  for (uint64_t generation = 0; generation < 16; ++generation) {
    MakeIds(IdVersion::kRandom, random, 1 + generation * kGeneration, kGeneration, ids);
    LUMBUNG_CHECK(derived->IndexIds(ids, Sequence{(generation + 1) * kGeneration}).ok());
  }
  std::vector<TransactionId> wanted(static_cast<size_t>(run.range(0)));
  std::vector<ColdLookup> answers(wanted.size());
  for (auto _ : run) {
    for (TransactionId& id : wanted) id = MakeId(IdVersion::kRandom, random, 0);
    derived->Find(wanted, answers);
    benchmark::DoNotOptimize(answers.data());
  }
  run.SetItemsProcessed(run.iterations() * run.range(0));
}
BENCHMARK(FindAbsent)
    ->ArgName("ids")
    ->Arg(1)
    ->Arg(kMaxBatch)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

}  // namespace
}  // namespace lumbung
