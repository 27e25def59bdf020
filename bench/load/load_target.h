// The server that a load is sent to: one that runs already, or one of its own that is started on a
// new folder and removed. Sets up the accounts and adds up their balances. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/child_process.h"
#include "bench/load/row_source.h"
#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"

namespace lumbung {

class LoadTarget {
 public:
  // A server that runs already; `pid` is 0 if it is not known, or not on this machine.
  LoadTarget(const std::string& server, pid_t pid);
  // Starts `lumbungd` on a new folder in `parent`.
  static absl::StatusOr<std::unique_ptr<LoadTarget>> Start(const std::string& lumbungd,
                                                           const std::string& parent);

  const std::string& server() const { return server_; }
  pid_t pid() const { return pid_; }

  // Opens `accounts` wallets without limits in the load's own cooperative. Repeatable.
  absl::StatusOr<AccountId> OpenAccounts(uint32_t accounts);

  struct Sums {
    __int128 balances = 0;  // of all wallets: 0, for what one pays another gets
    __int128 credits = 0;   // ever posted to them
  };
  absl::StatusOr<Sums> AddUp();

 private:
  std::optional<TemporaryFolder> folder_;  // removed after the child has ended
  std::optional<ChildProcess> child_;
  std::string server_;
  pid_t pid_ = 0;
  std::unique_ptr<v1::AccountService::Stub> accounts_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace lumbung
