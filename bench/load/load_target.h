// The server that a load is sent to: one that runs already, or one of its own that is started on a
// new folder and removed. Sets up the accounts and adds up their balances. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/child_process.h"
#include "bench/load/row_source.h"
#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"

namespace lumbung {

// Where things are.
struct Places {
  std::string program;  // this one
  std::string lumbungd;
  std::string folder;    // temporary folders are made in it: decides the disk
  std::string server;    // HOST:PORT of a server that runs already; empty: start one
  pid_t server_pid = 0;  // of `server`, if known
  // The callbacks of this program and of bare gRPC are left to gRPC's own threads.
  bool grpc_threads = false;
  std::vector<std::string> server_options;  // for a server that is started, as on its command line
};

class LoadTarget {
 public:
  // A server that runs already; `pid` is 0 if it is not known, or not on this machine.
  LoadTarget(const std::string& server, pid_t pid);
  // Starts lumbungd on a new folder in `places.folder`.
  static absl::StatusOr<std::unique_ptr<LoadTarget>> Start(const Places& places);

  const std::string& server() const { return server_; }
  pid_t pid() const { return pid_; }

  // Opens `rows.accounts` wallets without limits in the load's own cooperative, and what else the
  // mix needs; answers with the first wallet. Repeatable.
  absl::StatusOr<AccountId> OpenAccounts(const RowPlan& rows);

  struct Sums {
    __int128 balances = 0;             // of all wallets: 0, for what one pays another gets
    __int128 credits = 0;              // ever posted to any account
    __int128 debits_less_credits = 0;  // of all accounts: 0, for the books balance
  };
  absl::StatusOr<Sums> AddUp();
  // Whether rows of this mix that post `amount` together, and nothing else, lie between the two:
  // none is lost, and none is posted twice.
  static bool LiesBetween(Mix mix, __int128 amount, const Sums& before, const Sums& after);
  // How far ledger and transparency log have come.
  struct Progress {
    uint64_t last_sequence = 0;  // durable
    uint64_t tree_size = 0;      // entries in the log; 0 too if the server keeps none
  };
  absl::StatusOr<Progress> ReadProgress();
  // Waits until the log has all entries of the ledger: the time that it took, in seconds.
  // DEADLINE_EXCEEDED after ten minutes. REQUIRES: the server keeps one, and gets no load.
  absl::StatusOr<double> WaitForTheLog();

  // REQUIRES of all below: the server is of this target's own.
  std::string data() const { return folder_->path() + "/data"; }
  // Its temporary folder, for what else is to be removed with it.
  const std::string& folder() const { return folder_->path(); }
  // In order: what is acknowledged is signed. INTERNAL, with the end of the server's log, unless it
  // exits with 0. To be called when all was measured: at this object's end nobody is told.
  absl::Status Stop();
  // The time until it serves, in seconds. REQUIRES: it was stopped.
  absl::StatusOr<double> StartAgain();
  // Kills the server of this target's own with SIGKILL and starts it again on the same folder. The
  // time from the kill until it serves, in seconds. INTERNAL if it had ended by itself.
  absl::StatusOr<double> KillAndRestart();
  // Stops it in order, drops all that follows from the ledger, and starts it again. The time from
  // the start until it serves, all entries of the ledger checked and applied again, in seconds.
  absl::StatusOr<double> RestartFromTheLedger();

 private:
  void Connect();
  absl::Status OpenOrganisation();
  absl::Status LiftTheTillsFloor();
  absl::Status OpenInBatches(const std::vector<AccountId>& accounts);

  std::optional<TemporaryFolder> folder_;  // removed after the child has ended
  ChildProcess::Command command_;
  std::optional<ChildProcess> child_;
  std::string server_;
  pid_t pid_ = 0;
  std::unique_ptr<v1::AccountService::Stub> accounts_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace lumbung
