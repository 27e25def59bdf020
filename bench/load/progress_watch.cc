#include "bench/load/progress_watch.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "bench/measure/clocks.h"

namespace lumbung {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{10};
constexpr size_t kLooksASecond = 100;

}  // namespace

ProgressWatch::ProgressWatch(const std::atomic<uint64_t>& answered, uint64_t expected, bool show)
    : answered_(answered), expected_(expected), show_(show) {
  looks_.push_back({.ns = SteadyNowNs(), .answered = 0});
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
}

void ProgressWatch::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  looks_.push_back({.ns = SteadyNowNs(), .answered = answered_.load(std::memory_order_relaxed)});
  if (show_) fmt::print(stderr, "\r{:70}\r", "");
}

void ProgressWatch::Watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(kBetweenLooks);
    looks_.push_back({.ns = SteadyNowNs(), .answered = answered_.load(std::memory_order_relaxed)});
    if (show_ && looks_.size() % kLooksASecond == 0) {
      Show(looks_.back(), looks_[looks_.size() - kLooksASecond]);
    }
  }
}

void ProgressWatch::Show(const Look& now, const Look& second_ago) const {
  const double seconds = static_cast<double>(now.ns - second_ago.ns) / 1e9;
  fmt::print(stderr, "\r{:5.1f} %   {:>13} answered   {:>9.0f}/s",
             100.0 * static_cast<double>(now.answered) / static_cast<double>(expected_),
             now.answered, static_cast<double>(now.answered - second_ago.answered) / seconds);
}

int64_t ProgressWatch::longest_gap_ns() const {
  int64_t longest = 0;
  const Look* last_new = &looks_.front();
  for (const Look& look : looks_) {
    if (look.answered != last_new->answered) {
      longest = std::max(longest, look.ns - last_new->ns);
      last_new = &look;
    }
  }
  return longest;
}

double ProgressWatch::FirstRate(uint64_t count) const {
  for (const Look& look : looks_) {
    if (look.answered < count) continue;
    return static_cast<double>(look.answered) * 1e9 /
           static_cast<double>(std::max<int64_t>(1, look.ns - looks_.front().ns));
  }
  return 0;
}

double ProgressWatch::LastRate(uint64_t count) const {
  const Look& end = looks_.back();
  for (auto look = looks_.rbegin(); look != looks_.rend(); ++look) {
    if (look->answered + count > end.answered) continue;
    return static_cast<double>(end.answered - look->answered) * 1e9 /
           static_cast<double>(std::max<int64_t>(1, end.ns - look->ns));
  }
  return 0;
}

}  // namespace lumbung
