// Makes the calls: a few connections, each used by many calls at once, all without a thread of
// their own (gRPC's callback API).
//
// Threads: Start and the others from any thread; landings come on gRPC's threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/channel.h>

#include "absl/status/status.h"
#include "bench/day/flight.h"
#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

class Transport : public Sender {
 public:
  // REQUIRES: connections > 0.
  Transport(const std::string& server, size_t connections);

  void Start(std::unique_ptr<Flight> flight, Landing& landing) override;

  absl::Status WaitUntilServing(std::chrono::seconds patience) override;

  // For calls that a caller makes and waits for by itself.
  v1::PaymentService::Stub& payments() { return *lanes_.front().payments; }
  v1::AccountService::Stub& accounts() { return *lanes_.front().accounts; }
  v1::LedgerService::Stub& ledger() { return *ledger_; }
  v1::AdminService::Stub& admin() { return *admin_; }
  const std::string& server() const { return server_; }

 private:
  struct Lane {
    std::unique_ptr<v1::PaymentService::Stub> payments;
    std::unique_ptr<v1::AccountService::Stub> accounts;
  };

  std::string server_;
  std::vector<Lane> lanes_;
  std::unique_ptr<v1::LedgerService::Stub> ledger_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::atomic<size_t> next_lane_{0};
};

}  // namespace lumbung
