// One client of the server under attack: sends payments in every way there is, one call at a time,
// and keeps its record. What was left without an answer is sent again under the same id, or
// resolved, before anything new; what was acknowledged is now and then sent once more, as it was or
// altered, and must be answered accordingly.
//
// Threads: Run and Settle on one thread at a time; Cut and answered() from any; record() once the
// client has ended.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/workload/random.h"
#include "tests/crash/calls.h"
#include "tests/crash/connection.h"
#include "tests/crash/findings.h"
#include "tests/crash/payment_maker.h"
#include "tests/crash/record.h"
#include "tests/crash/server_process.h"

namespace lumbung {

class Client {
 public:
  struct Plan {
    uint64_t seed = 0;
    uint32_t number = 0;   // tells the clients apart
    double rate = 0;       // new transactions a second, on average
    size_t most_rows = 0;  // of a batch
    Patience patience{0};  // of a call
  };
  // What all clients share.
  struct Shared {
    const ServerProcess& server;
    Findings& findings;
    const bool clock_jumps = false;  // the server's: ids may be from its future at times
    std::atomic<bool> stop{false};
    std::atomic<int> calls_under_way{0};
  };

  Client(const Plan& plan, Shared& shared);

  // Until it is told to stop, or something is found to be wrong.
  void Run();
  // Resolves what is still unknown. UNAVAILABLE if that takes too long.
  absl::Status Settle(std::chrono::seconds patience);
  // Cuts its connection; false if it has none.
  bool Cut();

  uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }
  Record& record() { return record_; }

 private:
  enum class Form : uint8_t { kUnary, kBatch, kStream, kFrozenStream };
  enum class Way : uint8_t {
    kFirst,    // new, or not answered yet
    kAgain,    // answered, as it was
    kAltered,  // answered, with other content
  };
  struct Ask {
    uint32_t number;  // in the record
    Way way;
  };

  bool Connect();
  void Disconnect();
  void SendNew();
  void ResolveUnknown();
  void SendAgain(std::vector<uint32_t> numbers);
  void AskFor(const std::vector<uint32_t>& numbers);
  std::vector<Ask> DrawAsks(size_t count);
  Ask DrawAsk(size_t first_new);
  void SendTwice(size_t count);
  void JudgeTwins(uint32_t number, const Answer* one, const Answer* other);
  void SendInForm(Form form, const std::vector<Ask>& asks);
  void Send(Form form, const std::vector<Ask>& asks);
  CallResult Call(Form form, const std::vector<Payment>& rows);
  void Take(const std::vector<Ask>& asks, const CallResult& result);
  void Judge(const Ask& ask, const Answer& answer);
  bool IsFromTheFuture(const Answer& answer);
  static uint32_t NumberOf(const Sent& sent) {
    return static_cast<uint32_t>(sent.payment.reference);
  }
  void JudgeFirst(Sent& sent, const Answer& answer);
  void JudgeAgain(const Sent& sent, const Answer& answer);
  void JudgeAltered(const Sent& sent, const Answer& answer);
  void LeaveUnknown(uint32_t number, Ending ending);
  void Pace(size_t rows);
  void Find(Findings::Sort sort, const Sent& sent, const Answer& answer, const std::string& what);

  const Plan plan_;
  Shared& shared_;
  Random random_;
  PaymentMaker maker_;
  Record record_;
  std::vector<uint32_t> unknown_;  // numbers in the record that wait for an answer
  int64_t next_call_ns_ = 0;
  std::atomic<uint64_t> answered_{0};
  std::mutex mutex_;  // for the pointer, between its owner and Cut
  std::unique_ptr<Connection> connection_;
};

}  // namespace lumbung
