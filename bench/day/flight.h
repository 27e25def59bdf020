// Calls on their way to the server: one call of the API, with one or more planned calls in it.
// Owned by the transport from Start until it has landed. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "bench/workload/planned_call.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

struct Flight {
  enum class Form : uint8_t {
    kSubmit,     // one transaction
    kBatch,      // SubmitBatch
    kUpload,     // SubmitStream
    kResolve,    // Resolve, without a fence
    kFence,      // Resolve, with a fence
    kBalance,    // GetBalance
    kStatement,  // GetStatement
  };
  Form form = Form::kSubmit;
  std::vector<PlannedCall> calls;

  // Filled in by the transport.
  // kSubmit, kBatch, kUpload: of the first calls; kResolve, kFence: of the original or the fence.
  std::vector<v1::TransactionResult> results;
  int resolution = 0;  // kResolve, kFence: v1::Resolution
  grpc::Status status;
  int64_t started_ns = 0;  // steady clock
  int64_t landed_ns = 0;
};

// Where flights arrive. Called on threads of gRPC; must not block.
class Landing {
 public:
  virtual ~Landing() = default;
  virtual void Landed(std::unique_ptr<Flight> flight) = 0;
};

// Where they start from: the transport, or what stands in for it in a test.
class Sender {
 public:
  virtual ~Sender() = default;
  // Sends the flight; it lands, once, whatever happens.
  virtual void Start(std::unique_ptr<Flight> flight, Landing& landing) = 0;
  // Waits until the server answers. UNAVAILABLE if it does not within `patience`.
  virtual absl::Status WaitUntilServing(std::chrono::seconds patience) = 0;
};

// Whether a call that ended so may have had its effect: it must be asked for again by the same id.
bool IsUnknown(const grpc::Status& status);

// Nanoseconds of the steady clock.
int64_t SteadyNow();

}  // namespace lumbung
