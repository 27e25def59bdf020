#include "bench/postgres/payment_loop.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "bench/load/progress_watch.h"
#include "bench/measure/clocks.h"

namespace lumbung {

namespace {

constexpr char kPay[] = "pay";

int16_t Get16(const char* place) {
  uint16_t big_endian = 0;
  std::memcpy(&big_endian, place, sizeof big_endian);
  return static_cast<int16_t>(__builtin_bswap16(big_endian));
}

// Calls `check` with each outcome of a binary result: one number, or an array of `batch` numbers
// (payment_source.cc has its form). False if it has another size.
template <typename Check>
bool ForEachOutcome(const PGresult* result, uint32_t batch, const Check& check) {
  constexpr size_t kArrayHeader = 20;
  constexpr size_t kSize = 4;
  constexpr size_t kValue = 2;
  const char* place = PQgetvalue(result, 0, 0);
  const auto size = static_cast<size_t>(PQgetlength(result, 0, 0));
  if (batch == 1) {
    if (size != kValue) return false;
    check(Get16(place));
    return true;
  }
  if (size != kArrayHeader + batch * (kSize + kValue)) return false;
  place += kArrayHeader + kSize;
  for (uint32_t row = 0; row < batch; ++row, place += kSize + kValue) check(Get16(place));
  return true;
}

}  // namespace

absl::StatusOr<PaymentLoop> PaymentLoop::Make(const PaymentLoopOptions& options) {
  PaymentLoop loop(options);
  for (uint32_t i = 0; i < options.sessions; ++i) {
    auto session = PostgresSession::Connect(options.socket_folder);
    if (!session.ok()) return session.status();
    const absl::Status prepared =
        session->Prepare(kPay, options.plan.batch == 1 ? "SELECT pay($1, $2, $3, $4)"
                                                       : "SELECT pay_batch($1, $2, $3, $4)");
    if (!prepared.ok()) return prepared;
    loop.channels_.push_back(
        {.session = *std::move(session), .source = PaymentSource(options.plan, options.seed + i)});
  }
  return loop;
}

absl::Status PaymentLoop::SendNext(Channel& channel) {
  channel.in_flight = calls_left_ > 0;
  if (!channel.in_flight) return absl::OkStatus();
  --calls_left_;
  channel.amount = channel.source.Fill(SystemNow());
  channel.sent_ns = SteadyNowNs();
  return channel.session.Send(kPay, channel.source.parameters());
}

absl::Status PaymentLoop::Receive(Channel& channel, LoopResult& result) {
  const auto answer = channel.session.Take();
  if (!answer.ok()) return answer.status();
  result.latency.Add(SteadyNowNs() - channel.sent_ns);
  result.transactions += options_.plan.batch;
  result.amount += channel.amount;
  const bool whole = ForEachOutcome(answer->get(), options_.plan.batch, [&](int16_t outcome) {
    if (outcome == 1) {
      ++result.accepted;
      return;
    }
    if (result.wrong++ == 0) result.first_wrong = fmt::format("outcome {}", outcome);
  });
  if (!whole) return absl::InternalError("PostgreSQL answered with too little or too much");
  return absl::OkStatus();
}

absl::StatusOr<LoopResult> PaymentLoop::Run(uint64_t payments) {
  constexpr uint64_t kPart = 10'000'000;
  calls_left_ = (payments + options_.plan.batch - 1) / options_.plan.batch;
  LoopResult result;
  std::atomic<uint64_t> answered{0};
  ProgressWatch watch(answered, calls_left_ * options_.plan.batch, options_.progress);
  const int64_t started_ns = SteadyNowNs();
  std::vector<pollfd> waiting;
  for (Channel& channel : channels_) {
    if (const absl::Status sent = SendNext(channel); !sent.ok()) return sent;
    // A negative descriptor is left out by poll.
    waiting.push_back({.fd = channel.in_flight ? channel.session.socket() : -1, .events = POLLIN});
  }
  while (std::any_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return channel.in_flight; })) {
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      return absl::InternalError("waiting for PostgreSQL failed");
    }
    for (size_t i = 0; i < channels_.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const auto arrived = channels_[i].session.Arrived();
      if (!arrived.ok()) return arrived.status();
      if (!*arrived) continue;
      absl::Status status = Receive(channels_[i], result);
      if (status.ok()) status = SendNext(channels_[i]);
      if (!status.ok()) return status;
      answered.store(result.transactions, std::memory_order_relaxed);
      if (!channels_[i].in_flight) waiting[i].fd = -1;
    }
  }
  result.duration_ns = SteadyNowNs() - started_ns;
  watch.Stop();
  const uint64_t part = std::min(kPart, result.transactions / 10);
  result.longest_gap_ns = watch.longest_gap_ns();
  result.first_part_rate = watch.FirstRate(part);
  result.last_part_rate = watch.LastRate(part);
  return result;
}

}  // namespace lumbung
