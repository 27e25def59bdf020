// The id window alone: a look-up that finds nothing and the insert, as each new payment has them,
// with the cache lines asked for some ids ahead.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "bench/micro/id_version.h"
#include "bench/workload/id_maker.h"
#include "engine/check.h"
#include "engine/id_window.h"
#include "engine/no_cold_index.h"
#include "engine/state_machine.h"

namespace lumbung {
namespace {

constexpr size_t kAhead = StateMachine::kPrefetchDistance;

// Argument: version of the UUIDs.
void InsertIds(benchmark::State& run) {
  const bool random = static_cast<IdVersion>(run.range(0)) == IdVersion::kRandom;
  const NoColdIndex cold;
  IdWindow ids({}, cold);
  IdMaker maker(1);
  int64_t now = int64_t{1'795'496'400} * 1'000'000'000;
  uint64_t next = 0;
  std::array<TransactionId, kAhead> ahead{};
  const auto draw = [&] {
    TransactionId& id = ahead[next % kAhead];
    const TransactionId due = id;
    id = random ? maker.Version4() : maker.Version7(Timestamp{now});
    ids.Prefetch(id);
    return due;
  };
  for (; next < kAhead; ++next) draw();
  for (auto _ : run) {
    now += 700;  // 1.4 million a second
    const TransactionId id = draw();
    LUMBUNG_CHECK(!ids.FindInMemory(id));
    ids.Insert(id,
               {.sequence = Sequence{++next}, .outcome = Outcome::kAccepted, .fingerprint = next},
               Timestamp{now});
    if (ids.NeedsSealing()) [[unlikely]] {
      if (ids.SealedUpTo()) ids.MarkIndexed();
    }
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(InsertIds)->ArgName("version")->Arg(7)->Arg(4);

}  // namespace
}  // namespace lumbung
