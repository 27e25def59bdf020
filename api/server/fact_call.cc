#include "api/server/fact_call.h"

#include <grpcpp/server_context.h>

#include "absl/strings/str_cat.h"

namespace lumbung {

namespace {

// The field of the message that the outcome is about.
std::string_view FieldOf(Outcome outcome, Subject subject) {
  if (subject == Subject::kAccount) return "account";
  if (outcome == Outcome::kCooperativeUnknown) return "cooperative";
  return outcome == Outcome::kBranchUnknown ? "branch" : "number";
}

struct Told {
  grpc::StatusCode code;
  std::string_view why;
};

Told Tell(Outcome outcome, Subject subject) {
  switch (outcome) {
    case Outcome::kIdConflict:
      return {grpc::StatusCode::ALREADY_EXISTS,
              "it is open with other content; nothing was changed"};
    case Outcome::kCooperativeUnknown:
      return {grpc::StatusCode::NOT_FOUND, subject == Subject::kAccount
                                               ? "expected one of a cooperative that is open"
                                               : "expected one that is open"};
    case Outcome::kBranchUnknown:
      return {grpc::StatusCode::NOT_FOUND, "expected one that is open in the cooperative"};
    case Outcome::kDebitAccountUnknown:
      return {grpc::StatusCode::NOT_FOUND, kNeverOpened};
    case Outcome::kDebitAccountClosed:
      return {grpc::StatusCode::FAILED_PRECONDITION, "it is closed, for good"};
    case Outcome::kAccountNotEmpty:
      return {grpc::StatusCode::FAILED_PRECONDITION,
              "expected one without balance and holds, which alone can be closed"};
    default:
      return {IsRefused(outcome) ? grpc::StatusCode::INVALID_ARGUMENT
                                 : grpc::StatusCode::FAILED_PRECONDITION,
              Explain(outcome)};
  }
}

}  // namespace

grpc::Status StatusOfFact(Outcome outcome, Subject subject, grpc::ServerContextBase& context) {
  if (outcome == Outcome::kAccepted) return grpc::Status::OK;
  const std::string field{FieldOf(outcome, subject)};
  const Told told = Tell(outcome, subject);
  context.AddTrailingMetadata("lumbung-outcome", std::string(Name(outcome)));
  context.AddTrailingMetadata("lumbung-field", field);
  return {told.code, absl::StrCat(field, ": ", std::string(told.why))};
}

grpc::Status AccountUnknown(grpc::ServerContextBase& context) {
  context.AddTrailingMetadata("lumbung-field", "account");
  return {grpc::StatusCode::NOT_FOUND, absl::StrCat("account: ", kNeverOpened)};
}

grpc::Status CooperativeUnknown(grpc::ServerContextBase& context, std::string_view consequence) {
  context.AddTrailingMetadata("lumbung-outcome", std::string(Name(Outcome::kCooperativeUnknown)));
  context.AddTrailingMetadata("lumbung-field", "cooperative");
  return {grpc::StatusCode::NOT_FOUND,
          absl::StrCat("cooperative: expected one that is open", std::string(consequence))};
}

}  // namespace lumbung
