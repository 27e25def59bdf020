// A call that its caller waits for. If the server goes away it is waited for, and asked again: only
// for calls that may be repeated. Any thread.
#pragma once

#include <chrono>
#include <string>

#include <grpcpp/client_context.h>

#include "absl/status/status.h"
#include "bench/day/transport.h"

namespace lumbung {

// `what` says in an error what was being done. `call` takes a ClientContext& and returns a
// grpc::Status.
template <typename Call>
absl::Status CallPatiently(Transport& transport, std::chrono::seconds reconnect,
                           const std::string& what, Call call) {
  constexpr std::chrono::seconds kPatience{60};
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    const grpc::Status status = call(context);
    if (status.ok()) return absl::OkStatus();
    const bool full = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    if (!full && !IsUnknown(status))
      return absl::InternalError(what + ": " + status.error_message());
    const absl::Status back = transport.WaitUntilServing(reconnect);
    if (!back.ok()) return back;
  }
}

}  // namespace lumbung
