// Calls that change or read one thing of the organisation: one command (and its consequences) and a
// query behind it in the same request, so that the answer shows what the command made. Shared by
// AccountService and AdminService.
#pragma once

#include <grpcpp/support/status.h>
#include <optional>
#include <string>
#include <string_view>

#include "api/server/decode.h"
#include "api/server/engine_parts.h"
#include "api/server/submit.h"
#include "engine/outcome.h"
#include "engine/request.h"

namespace lumbung {

// What was asked for, as it stands after the request; nothing if it does not exist.
template <typename T>
struct Found {
  std::optional<T> value;
  EngineParts* engine = nullptr;
};

// The status for an outcome of an administrative command. OK if accepted; ALREADY_EXISTS for other
// content under the same number; NOT_FOUND for what it belongs to; FAILED_PRECONDITION otherwise.
grpc::Status StatusOfFact(Outcome outcome);

// NOT_FOUND for a call that names a cooperative which is not open; outcome and field also stand in
// the trailing metadata. The consequence goes on where "expected one that is open" ends.
grpc::Status CooperativeUnknown(grpc::ServerContextBase& context, std::string_view consequence);

// Sends what the query found, or NOT_FOUND.
template <typename CallType>
void AnswerFound(CallType& call) {
  const Request& request = call.request();
  if (!request.results.empty()) {
    grpc::Status status = StatusOfFact(request.results.front().outcome);
    if (!status.ok()) return call.Finish(std::move(status));
  }
  if (!call.scratch().value) {
    return call.Finish({grpc::StatusCode::NOT_FOUND, "not found: it was never opened"});
  }
  Encode(*call.scratch().value, &call.reply());
  call.Finish(grpc::Status::OK);
}

// Decodes the message into a command; what follows from it may be appended by `append`.
// Null if it was refused, in which case the call has ended.
template <typename CallType>
bool DecodeFact(EngineParts& engine, CallType& call) {
  const DecodeContext context{.principal = engine.authenticator.Authenticate(call.context()),
                              .now = engine.clock.Now()};
  const Verdict verdict = Decode(call.message(), context, call.request());
  if (verdict.outcome == Outcome::kAccepted) return true;
  call.Finish(Refused(verdict, context.now, call.context()));
  return false;
}

}  // namespace lumbung
