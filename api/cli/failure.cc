#include "api/cli/failure.h"

#include <fmt/format.h>

#include "api/cli/format.h"

namespace lumbung::cli {
namespace {

using Effect = CallPurpose::Effect;

std::string SendAgain(const CallPurpose& purpose) {
  if (purpose.effect != Effect::kMoney) return "Run the command again.";
  if (!purpose.id) return "Send the same transactions again, with the same ids.";
  return fmt::format("Send it again with the same id: --id {}", purpose.id->ToString());
}

// The server said nothing that could be relied on.
Failure Unanswered(const CallEnd& end, const CallPurpose& purpose, const std::string& server) {
  const bool late = end.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  const std::string what =
      late ? fmt::format("{} did not answer in time", server)
           : fmt::format("{} broke off: {}", server, end.status.error_message());
  switch (purpose.effect) {
    case Effect::kReads:
      return {ExitCode::kNotTaken, what + ".", "Nothing was changed: run the command again."};
    case Effect::kRepeatable:
      return {ExitCode::kOutcomeUnknown, what + ", so it is unknown whether this was done.",
              "Run the same command again: repeating it does no harm."};
    case Effect::kMoney:
      break;
  }
  if (!purpose.id) {
    return {ExitCode::kOutcomeUnknown,
            what + ", so the outcome of what was not answered is unknown.",
            "Send the same transactions again: those that happened come back as duplicates."};
  }
  return {ExitCode::kOutcomeUnknown, what + ", so the outcome is unknown: it may have happened.",
          fmt::format("Ask what became of it: {}", ResolveCommand(*purpose.id, server))};
}

Failure Malformed(const CallEnd& end, const CallPurpose& purpose) {
  const bool conflict = end.outcome == v1::OUTCOME_ID_CONFLICT;
  // The server's own messages begin with the field.
  const bool named = end.field.empty() || end.status.error_message().starts_with(end.field);
  const std::string field = named ? "" : fmt::format(" ({})", end.field);
  const std::string reason = end.outcome ? NameOf(*end.outcome) + ": " : "";
  Failure failure{ExitCode::kMalformed,
                  fmt::format("Refused: {}{}{}", reason, end.status.error_message(), field),
                  "Nothing was recorded. Correct it and send it again."};
  if (end.outcome) failure.code = ExitCodeOf(*end.outcome);
  if (conflict && purpose.effect == Effect::kMoney) {
    failure.next = "Nothing was recorded. A new payment needs a new id: lumbung id";
  }
  return failure;
}

}  // namespace

Failure Diagnose(const CallEnd& end, const CallPurpose& purpose, const std::string& server) {
  const std::string& message = end.status.error_message();
  if (!end.sent) {
    return {ExitCode::kNotTaken, fmt::format("No server answers at {}: nothing was sent.", server),
            "Start lumbungd, or name another server with --server. " + SendAgain(purpose)};
  }
  switch (end.status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return Malformed(end, purpose);
    case grpc::StatusCode::OUT_OF_RANGE:
      return {ExitCode::kFailed, fmt::format("The answer is too large: {}", message),
              "lumbung report adds up without that bound."};
    case grpc::StatusCode::ALREADY_EXISTS:
      return {ExitCode::kConflict, fmt::format("Conflict: {}", message),
              "Nothing was changed. Use another number or id, or the same content."};
    case grpc::StatusCode::NOT_FOUND:
      return {ExitCode::kNotFound, fmt::format("Not found: {}", message),
              "Check the number; the list commands show what is there."};
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {ExitCode::kDeclined, fmt::format("Declined: {}", message), "Nothing was changed."};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {ExitCode::kNotTaken,
              // Of many transactions some may have been.
              fmt::format("The server is full{}: {}",
                          purpose.effect == CallPurpose::Effect::kMoney && !purpose.id
                              ? ""
                              : ", nothing was taken",
                          message),
              SendAgain(purpose)};
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return {ExitCode::kNotPermitted, fmt::format("Not permitted: {}", message),
              "Nothing was recorded. Ask the operator of the server."};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {ExitCode::kFailed, fmt::format("This server does not serve that call: {}", message),
              "Compare the versions: lumbung --version, lumbung status"};
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      if (end.outcome) {
        return {
            ExitCodeOf(*end.outcome), fmt::format("Refused: {}: {}", NameOf(*end.outcome), message),
            "Nothing was recorded. Look into the server's log, mend its disk, then send the same "
            "id again."};
      }
      if (purpose.effect == Effect::kReads) {
        return {ExitCode::kFailed, fmt::format("The server failed: {}", message),
                "Look into the server's log."};
      }
      return Unanswered(end, purpose, server);
    default:
      return Unanswered(end, purpose, server);
  }
}

Json ToJson(const Failure& failure) {
  Json json;
  json["error"]["exit_code"] = static_cast<int>(failure.code);
  json["error"]["message"] = failure.sentence;
  json["error"]["next"] = failure.next;
  return json;
}

std::string ResolveCommand(TransactionId id, const std::string& server) {
  return fmt::format("lumbung --server {} resolve {}", server, id.ToString());
}

}  // namespace lumbung::cli
