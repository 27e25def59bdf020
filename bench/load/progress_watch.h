// Looks at a counter of answered transactions every 10 ms in a thread of its own, and says
// afterwards how steadily it rose. Start and Stop from one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace lumbung {

class ProgressWatch {
 public:
  // `answered` must outlive the watch. With `show`, a line on stderr each second.
  ProgressWatch(const std::atomic<uint64_t>& answered, uint64_t expected, bool show);
  ~ProgressWatch() { Stop(); }
  void Stop();

  // REQUIRES of all below: stopped.
  // The longest time without a new answer, seen to 10 ms.
  int64_t longest_gap_ns() const;
  // Transactions a second over the first or the last `count`; 0 if there were fewer.
  double FirstRate(uint64_t count) const;
  double LastRate(uint64_t count) const;

 private:
  struct Look {
    int64_t ns;
    uint64_t answered;
  };

  void Watch(const std::stop_token& stop);
  void Show(const Look& now, const Look& second_ago) const;

  const std::atomic<uint64_t>& answered_;
  const uint64_t expected_;
  const bool show_;
  std::vector<Look> looks_;
  std::jthread thread_;
};

}  // namespace lumbung
