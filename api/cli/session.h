// What every command works with: the connection, the form of output, and the zones of cooperatives.
// One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "api/cli/client.h"
#include "api/cli/exit_code.h"
#include "api/cli/failure.h"
#include "api/cli/json.h"
#include "engine/types.h"

namespace lumbung::cli {

enum class OutputForm { kTables, kJson };

class Session {
 public:
  // The client must outlive the session.
  Session(Client& client, OutputForm form) : client_(client), form_(form) {}

  Client& client() { return client_; }
  bool json() const { return form_ == OutputForm::kJson; }

  // To standard output, flushed, so that a reader of a pipe sees each result at once. A part that
  // could not be written is told by Written.
  void Print(std::string_view text);
  void PrintJson(const Json& json);
  // The end of a command that only reads: kOk if all that was printed could be written, otherwise
  // tells so, or ends the process if nobody reads it any more. Not for what changes anything: there
  // kOk means that it happened, and a script that takes it for a failure pays again.
  ExitCode Written();
  // The number of the last error of Print, 0 if there was none.
  int output_error() const { return output_error_; }
  // To standard error: what is not the result itself. False if it could not be written.
  bool Note(std::string_view text);

  // Tells why, in the session's form, and returns the code of the failure. A person is told on
  // standard error, or on standard output if that can't be written: an id may depend on it.
  ExitCode Fail(const CallEnd& end, const CallPurpose& purpose);
  ExitCode Fail(const Failure& failure);
  // What was asked for can't be meant.
  ExitCode FailUsage(const absl::Status& status);

  // The zone that a day needs can't be known; `status` is that of FindZone.
  ExitCode FailZone(const absl::Status& status);

  // Minutes east of UTC. Asks the server once for all. Nothing if the cooperative is not open.
  absl::StatusOr<int16_t> FindZone(CooperativeId cooperative);
  // The same for display only: UTC where it can't be known.
  int16_t ZoneForDisplay(CooperativeId cooperative);

 private:
  CallEnd LoadZones();

  Client& client_;
  const OutputForm form_;
  int output_error_ = 0;
  absl::flat_hash_map<uint32_t, int16_t> zones_;
  // Cooperatives that the server does not know, so that it is not asked for each of their entries.
  absl::flat_hash_set<uint32_t> missing_;
};

}  // namespace lumbung::cli
