// The ways in which a client sends transactions. Each waits for its answers and says for how many
// of the rows, from the first on, there is one. Stateless; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "engine/transaction_id.h"
#include "lumbung/v1/payment_service.grpc.pb.h"
#include "tests/crash/record.h"

namespace lumbung {

enum class Ending : uint8_t {
  kComplete,  // each row has an answer
  kNotTaken,  // the ring was full: the rows without an answer were not taken
  kUnknown,   // nothing is known of the rows without an answer
  kUnheard,   // a status that may not come; `message` has it
};

struct CallResult {
  std::vector<Answer> answers;  // of the first rows
  Ending ending = Ending::kComplete;
  std::string message;
};

// How a client reads the answers of a stream.
enum class Reading : uint8_t {
  kAtOnce,
  kLate,   // not for some seconds after it has sent all
  kNever,  // hangs up after these seconds
};

using Patience = std::chrono::milliseconds;

CallResult SubmitOne(v1::PaymentService::Stub& stub, const Payment& row, Patience patience);
CallResult SubmitBatch(v1::PaymentService::Stub& stub, const std::vector<Payment>& rows,
                       Patience patience);
CallResult SubmitStream(v1::PaymentService::Stub& stub, const std::vector<Payment>& rows,
                        Patience patience, Reading reading);

// The answer of the transaction or of the fence; UNSPECIFIED if the id is not known.
enum class IfUnknown : uint8_t { kReport, kFence };
CallResult ResolveOne(v1::PaymentService::Stub& stub, TransactionId id, IfUnknown if_unknown,
                      Patience patience);

}  // namespace lumbung
