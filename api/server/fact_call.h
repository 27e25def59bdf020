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

// What an administrative command opens or changes: an account, or what has a number.
enum class Subject { kAccount, kNumber };

// What is said of an account that there is not.
inline constexpr char kNeverOpened[] = "it was never opened";

// The status for an outcome of an administrative command. OK if accepted; ALREADY_EXISTS for other
// content under the same number; NOT_FOUND for what it belongs to; FAILED_PRECONDITION otherwise.
// The message begins with the field, which also stands in the trailing metadata, as the outcome.
grpc::Status StatusOfFact(Outcome outcome, Subject subject, grpc::ServerContextBase& context);

// NOT_FOUND for a call that names a cooperative which is not open; outcome and field also stand in
// the trailing metadata. The consequence goes on where "expected one that is open" ends.
grpc::Status CooperativeUnknown(grpc::ServerContextBase& context, std::string_view consequence);

// NOT_FOUND for a call that names an account which was never opened; the field also stands in the
// trailing metadata.
grpc::Status AccountUnknown(grpc::ServerContextBase& context);

// Sends what the query found, or NOT_FOUND.
template <typename CallType>
void AnswerFound(CallType& call) {
  const Request& request = call.request();
  if (!request.results.empty()) {
    constexpr bool kOfAccount = requires { call.message().account(); };
    grpc::Status status =
        StatusOfFact(request.results.front().outcome,
                     kOfAccount ? Subject::kAccount : Subject::kNumber, call.context());
    if (!status.ok()) return call.Finish(std::move(status));
  }
  // What a command opened or changed is there, so this was an account that was asked for.
  if (!call.scratch().value) return call.Finish(AccountUnknown(call.context()));
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
