// The gRPC side of lumbungd: the services on one port, with health and reflection.
#pragma once

#include <grpcpp/server.h>
#include <chrono>
#include <latch>
#include <memory>
#include <string>

#include "api/server/account_service.h"
#include "api/server/admin_service.h"
#include "api/server/callback_thread.h"
#include "api/server/engine_parts.h"
#include "api/server/ledger_service.h"
#include "api/server/payment_service.h"
#include "api/server/performance_service.h"
#include "api/server/time_slice.h"

namespace lumbung {

// One thread makes and ends it; the calls come on gRPC's threads.
class GrpcServer {
 public:
  explicit GrpcServer(EngineParts& engine);
  ~GrpcServer();

  // Listens and takes calls. False if the address can't be listened on.
  bool Start();
  // Where it listens, with the port that was picked.
  std::string address() const;

  // Says NOT_SERVING, takes no more calls and no more of open streams, and returns when what is in
  // flight is answered, or cancelled after `patience`. A backup is not waited for.
  void Drain(std::chrono::milliseconds patience);

 private:
  void SetHealth(bool serving);

  EngineParts& engine_;
  PaymentServiceImpl payment_;
  AccountServiceImpl account_;
  LedgerServiceImpl ledger_;
  AdminServiceImpl admin_;
  PerformanceServiceImpl performance_;
  // What the callback thread does first.
  struct Beginning : CallbackThread::Work {
    Beginning() {
      run = [](CallbackThread::Work& work) {
        ShortenTimeSlice();
        static_cast<Beginning&>(work).done.count_down();
      };
    }
    std::latch done{1};
  };

  Beginning beginning_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace lumbung
