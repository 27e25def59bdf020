// What the API does to a transaction on its way in and out: parsing the message, decoding and
// checking it, and putting the result into the reply; each for a full batch of payments of one leg.
#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>

#include <cstdint>
#include <string>

#include "api/server/convert.h"
#include "api/server/decode.h"
#include "bench/load/row_source.h"
#include "engine/check.h"
#include "engine/limits.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {
namespace {

using google::protobuf::Arena;

constexpr Timestamp kNow{int64_t{1'795'496'400} * 1'000'000'000};
constexpr DecodeContext kContext{.principal = {.role = Role::kOperator, .scope = {}}, .now = kNow};

v1::SubmitBatchRequest& FullBatch(Arena& arena) {
  RowPlan plan;
  plan.first_account =
      AccountId::From({.cooperative = CooperativeId{1}, .code = AccountCode{2101}, .holder = {}});
  plan.first_account = AccountId{plan.first_account.value() + 1};
  plan.accounts = 10'000;
  RowSource source(plan, 1);
  auto& batch = *Arena::CreateMessage<v1::SubmitBatchRequest>(&arena);
  for (size_t i = 0; i < kMaxBatch; ++i) {
    v1::Transaction& row = *batch.add_transactions();
    RowSource::Prepare(row);
    source.Fill(kNow, row);
  }
  return batch;
}

void ParseBatch(benchmark::State& run) {
  Arena arena;
  const std::string bytes = FullBatch(arena).SerializeAsString();
  for (auto _ : run) {
    run.PauseTiming();
    arena.Reset();
    auto& batch = *Arena::CreateMessage<v1::SubmitBatchRequest>(&arena);
    run.ResumeTiming();
    LUMBUNG_CHECK(batch.ParseFromString(bytes));
  }
  run.SetItemsProcessed(run.iterations() * static_cast<int64_t>(kMaxBatch));
  run.SetBytesProcessed(run.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(ParseBatch)->Unit(benchmark::kMicrosecond);

void DecodeBatch(benchmark::State& run) {
  Arena arena;
  const v1::SubmitBatchRequest& batch = FullBatch(arena);
  Request request;
  for (auto _ : run) {
    request.Clear();
    request.legs.reserve(kMaxBatch);
    for (const v1::Transaction& row : batch.transactions()) {
      LUMBUNG_CHECK(Decode(row, kContext, request).outcome == Outcome::kAccepted);
    }
  }
  run.SetItemsProcessed(run.iterations() * static_cast<int64_t>(kMaxBatch));
}
BENCHMARK(DecodeBatch)->Unit(benchmark::kMicrosecond);

// Into messages that have been used before, and from there into bytes.
void EncodeReply(benchmark::State& run) {
  Arena arena;
  auto& reply = *Arena::CreateMessage<v1::SubmitBatchReply>(&arena);
  std::string bytes;
  for (auto _ : run) {
    reply.Clear();
    for (uint64_t i = 1; i <= kMaxBatch; ++i) {
      const Result result{.outcome = Outcome::kAccepted,
                          .leg_count = 1,
                          .sequence = Sequence{i << 24},
                          .timestamp = Timestamp{kNow.value() + static_cast<int64_t>(i)}};
      Encode(result, reply.add_results());
    }
    LUMBUNG_CHECK(reply.SerializeToString(&bytes));
  }
  run.SetItemsProcessed(run.iterations() * static_cast<int64_t>(kMaxBatch));
  run.SetBytesProcessed(run.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(EncodeReply)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lumbung
