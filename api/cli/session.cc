#include "api/cli/session.h"

#include <fmt/format.h>

#include <cstdio>

#include "api/cli/standard_output.h"

namespace lumbung::cli {

void Session::Print(std::string_view text) {
  if (const int error = WriteOutput(text); error != 0) output_error_ = error;
}

ExitCode Session::Written() {
  return output_error_ == 0 ? ExitCode::kOk : OutputLost(output_error_);
}

void Session::PrintJson(const Json& json) { Print(ToLine(json) + "\n"); }

bool Session::Note(std::string_view text) {
  const std::string line = std::string(text) + "\n";
  return std::fwrite(line.data(), 1, line.size(), stderr) == line.size();
}

ExitCode Session::Fail(const CallEnd& end, const CallPurpose& purpose) {
  return Fail(Diagnose(end, purpose, client_.server()));
}

ExitCode Session::Fail(const Failure& failure) {
  if (json()) {
    PrintJson(ToJson(failure));
  } else {
    const std::string text =
        fmt::format("lumbung: {}\n         {}", failure.sentence, failure.next);
    if (!Note(text)) Print(text + "\n");
  }
  return failure.code;
}

ExitCode Session::FailUsage(const absl::Status& status) {
  return Fail(Failure{ExitCode::kMalformed, std::string(status.message()),
                      "Nothing was sent. The command's --help shows an example."});
}

ExitCode Session::FailZone(const absl::Status& status) {
  const bool unknown = absl::IsNotFound(status);
  return Fail(Failure{unknown ? ExitCode::kNotFound : ExitCode::kNotTaken,
                      std::string(status.message()),
                      unknown ? "lumbung cooperative list shows which are open."
                              : "Nothing was changed: run the command again."});
}

CallEnd Session::LoadZones() {
  v1::ListCooperativesReply reply;
  const CallEnd end =
      client_.Call(&v1::AdminService::Stub::ListCooperatives, v1::ListCooperativesRequest(), reply);
  for (const v1::Cooperative& cooperative : reply.cooperatives()) {
    zones_[cooperative.number()] = static_cast<int16_t>(cooperative.zone_minutes());
  }
  return end;
}

absl::StatusOr<int16_t> Session::FindZone(CooperativeId cooperative) {
  if (!zones_.contains(cooperative.value()) && !missing_.contains(cooperative.value())) {
    const CallEnd end = LoadZones();
    if (!end.ok()) {
      const Failure failure = Diagnose(end, kReads, client_.server());
      return absl::UnavailableError(failure.sentence);
    }
  }
  const auto found = zones_.find(cooperative.value());
  if (found != zones_.end()) return found->second;
  missing_.insert(cooperative.value());
  return absl::NotFoundError(fmt::format("cooperative {} is not open", cooperative.value()));
}

int16_t Session::ZoneForDisplay(CooperativeId cooperative) {
  return FindZone(cooperative).value_or(int16_t{0});
}

}  // namespace lumbung::cli
