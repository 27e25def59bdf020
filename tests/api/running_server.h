// lumbungd inside the test's process: the real Serve on a folder of its own and a free port, and
// stubs over a real channel. One thread uses it.
#pragma once

#include <grpcpp/grpcpp.h>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "api/server/config.h"
#include "api/server/serve.h"
#include "api/server/stop_signal.h"
#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

// An empty folder that is gone when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// A configuration for tests: small windows, a free port.
ServerConfig TestConfig(const std::string& data);

class RunningServer {
 public:
  // Returns when it takes calls, or has ended.
  explicit RunningServer(const ServerConfig& config);
  // Stops it, if it was not stopped; the test fails unless it ends in order.
  ~RunningServer();

  bool serving() const { return !address_.empty(); }
  const std::string& address() const { return address_; }

  // Asks it to stop, as SIGTERM does.
  void Request() { stop_.Request(); }
  // Stops it in order.
  ExitCode Stop();

  v1::PaymentService::Stub& payment() { return *payment_; }
  v1::AccountService::Stub& account() { return *account_; }
  v1::LedgerService::Stub& ledger() { return *ledger_; }
  v1::AdminService::Stub& admin() { return *admin_; }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }

 private:
  StopSignal stop_;
  std::string address_;
  ExitCode code_ = ExitCode::kFailed;
  std::thread thread_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::PaymentService::Stub> payment_;
  std::unique_ptr<v1::AccountService::Stub> account_;
  std::unique_ptr<v1::LedgerService::Stub> ledger_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace lumbung
