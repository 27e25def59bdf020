#include "api/server/fact_call.h"

#include <grpcpp/server_context.h>

#include "absl/strings/str_cat.h"

namespace lumbung {

grpc::Status StatusOfFact(Outcome outcome) {
  if (outcome == Outcome::kAccepted) return grpc::Status::OK;
  const std::string why = std::string(Name(outcome)) + ": " + std::string(Explain(outcome));
  switch (outcome) {
    case Outcome::kIdConflict:
      return {grpc::StatusCode::ALREADY_EXISTS,
              "it is open with other content; nothing was changed"};
    case Outcome::kCooperativeUnknown:
    case Outcome::kBranchUnknown:
    case Outcome::kTerminalUnknown:
    case Outcome::kDebitAccountUnknown:
    case Outcome::kCreditAccountUnknown:
      return {grpc::StatusCode::NOT_FOUND, why};
    default:
      return {IsRefused(outcome) ? grpc::StatusCode::INVALID_ARGUMENT
                                 : grpc::StatusCode::FAILED_PRECONDITION,
              why};
  }
}

grpc::Status CooperativeUnknown(grpc::ServerContextBase& context, std::string_view consequence) {
  context.AddTrailingMetadata("lumbung-outcome", std::string(Name(Outcome::kCooperativeUnknown)));
  context.AddTrailingMetadata("lumbung-field", "cooperative");
  return {grpc::StatusCode::NOT_FOUND,
          absl::StrCat("cooperative: expected one that is open", std::string(consequence))};
}

}  // namespace lumbung
