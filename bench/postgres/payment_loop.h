// A closed loop of payments through PostgreSQL: one call in flight on each session, and one thread
// for all sessions, which is the cheapest client that libpq allows. Every answer is checked.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load/loop.h"
#include "bench/postgres/payment_source.h"

namespace lumbung {

struct PaymentLoopOptions {
  std::string socket_folder;
  uint32_t sessions = 1;
  uint64_t payments = 0;  // rounded up to whole calls
  PaymentPlan plan;
  uint64_t seed = 1;
  bool progress = false;  // a line on stderr each second
};

class PaymentLoop {
 public:
  // Connects.
  static absl::StatusOr<PaymentLoop> Make(const PaymentLoopOptions& options);
  PaymentLoop(PaymentLoop&&) = default;
  // Sends `payments` payments and waits for all answers. Repeatable: the sessions stay open, so
  // that a second run finds them warm. A statement that fails ends it.
  absl::StatusOr<LoopResult> Run(uint64_t payments);

 private:
  struct Channel {
    PostgresSession session;
    PaymentSource source;
    int64_t sent_ns = 0;
    int64_t amount = 0;  // of the call in flight, in sen
    bool in_flight = false;
  };

  explicit PaymentLoop(const PaymentLoopOptions& options) : options_(options) {}
  absl::Status SendNext(Channel& channel);
  absl::Status Receive(Channel& channel, LoopResult& result);

  PaymentLoopOptions options_;
  std::vector<Channel> channels_;
  uint64_t calls_left_ = 0;
};

}  // namespace lumbung
