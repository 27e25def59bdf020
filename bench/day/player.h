// Plays a day: takes the calls of a generator, keeps so many of them in flight, writes the record
// before each is sent and when it is answered, and has the answers judged. A call that depends on
// another waits for its answer. When the server goes away it waits for it and sends what was in
// flight again, under the same ids.
//
// Threads: all work is done by the thread that calls Play; gRPC's threads only hand in what has
// landed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "bench/day/answer_judge.h"
#include "bench/day/flight.h"
#include "bench/day/progress.h"
#include "bench/day/record_file.h"
#include "bench/day/tally.h"
#include "bench/workload/day_generator.h"

namespace lumbung {

struct PlayerOptions {
  size_t in_flight = 0;  // unary calls
  size_t batch_size = 100;
  std::chrono::seconds reconnect{60};
  uint64_t transactions = 0;  // for the progress display
};

class Player : private Landing {
 public:
  // All must outlive the player.
  Player(Sender& sender, RecordFile& record, const PlayerOptions& options);

  // Plays until the day is over and everything is answered. UNAVAILABLE if the server stays away.
  absl::Status Play(DayGenerator& day);

  const Tally& tally() const { return tally_; }
  int64_t duration_ns() const { return finished_ns_ - started_ns_; }

 private:
  // An id that is not answered yet, and the calls that wait for its answer.
  struct Outstanding {
    size_t flights = 0;
    std::vector<PlannedCall> waiting;
  };

  void Landed(std::unique_ptr<Flight> flight) override;

  // Takes what has landed; waits for something to land if there is nothing else to do.
  absl::Status TakeLandings();
  void TakeFlight(Flight& flight);
  void TakeFailure(Flight& flight, size_t first_unanswered);
  void TakeAnswer(const PlannedCall& call, const v1::TransactionResult& result);
  void TakeResolution(const Flight& flight);
  void Release(const PlannedCall& call);

  absl::Status SendWhatFits(DayGenerator& day);
  std::optional<PlannedCall> NextCall(DayGenerator& day);
  bool BatchMustWait() const;
  void Prepare(PlannedCall call);
  void PrepareFlight(Flight::Form form, std::vector<PlannedCall> calls);
  void PrepareGathered(bool day_is_over);
  absl::Status Reconnect();
  void ShowProgress(const DayGenerator& day);

  // Set at construction.
  Sender& sender_;
  RecordFile& record_;
  const PlayerOptions options_;

  // The playing thread only.
  Tally tally_;
  AnswerJudge judge_{tally_};
  Progress progress_;
  absl::flat_hash_map<TransactionId, Outstanding> outstanding_;
  std::deque<PlannedCall> ready_;        // released, or to be sent again
  std::vector<PlannedCall> for_batch_;   // gathered for the next batch
  std::vector<PlannedCall> for_upload_;  // of one terminal
  std::vector<std::unique_ptr<Flight>> prepared_;
  size_t unary_in_flight_ = 0;
  size_t batches_in_flight_ = 0;
  size_t uploads_in_flight_ = 0;
  bool over_ = false;  // the generator has no more calls
  bool away_ = false;  // the server went away
  bool full_ = false;  // the server's ring was full
  int64_t started_ns_ = 0;
  int64_t finished_ns_ = 0;

  // Guarded by the mutex.
  std::mutex mutex_;
  std::condition_variable has_landed_;
  std::vector<std::unique_ptr<Flight>> landed_;
};

}  // namespace lumbung
