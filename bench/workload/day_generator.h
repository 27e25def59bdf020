// The day: a stream of calls in the order of the simulated time of day, the same for the same seed,
// books and clock. Fresh transactions by the mix of activities, and around them what a flaky link
// does (resends, copies, uploads after hours offline, a reversal before its original) and what
// people look up. Ids carry the real time at which Next makes them. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "bench/workload/expected_books.h"
#include "bench/workload/id_maker.h"
#include "bench/workload/planned_call.h"
#include "bench/workload/random.h"
#include "bench/workload/region.h"
#include "bench/workload/transaction_maker.h"
#include "engine/types.h"

namespace lumbung {

struct DayOptions {
  uint64_t transactions = 0;       // fresh ones; copies come on top
  uint64_t seed = 0;               // of what happens
  uint64_t id_seed = 0;            // of the ids
  uint32_t reads_per_hundred = 0;  // reads to 100 transactions
};

// How often a fault happens, of 10,000 transactions.
inline constexpr uint32_t kResendParts = 200;
inline constexpr uint32_t kConcurrentCopyParts = 20;
inline constexpr uint32_t kAlteredCopyParts = 5;
inline constexpr uint32_t kOfflineParts = 5;
inline constexpr uint32_t kFenceFirstParts = 5;
// Sales that a terminal uploads at once when it is back.
inline constexpr uint32_t kUploadSize = 12;

class DayGenerator {
 public:
  using Now = std::function<Timestamp()>;

  // The region and the books must outlive the generator.
  DayGenerator(const std::vector<CooperativePlan>& region, ExpectedBooks& books,
               const DayOptions& options, Now now);

  // The next call; nothing when the day is over.
  std::optional<PlannedCall> Next();
  // Fresh transactions that Next has given out so far.
  uint64_t made() const { return made_; }

 private:
  struct Scheduled {
    int32_t second_of_day;
    uint64_t order;  // keeps those of one second in the order of their making
    PlannedCall call;
    bool operator>(const Scheduled& other) const {
      return second_of_day != other.second_of_day ? second_of_day > other.second_of_day
                                                  : order > other.order;
    }
  };

  void MakeNext();
  void MakeUpload(int32_t second_of_day);
  void MakeFencedOriginal(int32_t second_of_day);
  void MakeReads(int32_t second_of_day);
  void AddFaults(const PlannedCall& call);
  // Puts a copy of the call on the schedule, 1 to 30 seconds later, for when it has been answered.
  void CopyLater(const PlannedCall& call, PlannedCall::Fault fault);
  Occasion Now7(int32_t second_of_day);

  const std::vector<CooperativePlan>& region_;
  DayOptions options_;
  Now now_;
  Random random_;
  IdMaker ids_;
  TransactionMaker maker_;
  uint64_t made_ = 0;
  uint64_t scheduled_count_ = 0;
  uint32_t uploads_ = 0;
  std::deque<PlannedCall> next_;  // to be given out before anything else
  std::priority_queue<Scheduled, std::vector<Scheduled>, std::greater<>> later_;
  std::vector<TransactionId> recent_ids_;  // some, to be asked about
};

}  // namespace lumbung
