// The connection to lumbungd: one channel and the stubs around it. Connects before it sends, so
// that "nothing was sent" and "the outcome is unknown" can be told apart. One thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "lumbung/v1/account_service.grpc.pb.h"
#include "lumbung/v1/admin_service.grpc.pb.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung::cli {

// How a call ended.
struct CallEnd {
  grpc::Status status;
  bool sent = true;                    // false: there was no connection, nothing left this machine
  std::optional<v1::Outcome> outcome;  // refused as malformed: why, if the server told
  std::string field;                   // the field at fault, if the server told

  bool ok() const { return status.ok(); }
};

class Client {
 public:
  struct Options {
    std::string server;  // host:port
    std::chrono::milliseconds timeout;
    // Of a call whose work the server goes on with, however long it takes.
    std::chrono::milliseconds long_timeout = std::chrono::hours(24);
  };

  explicit Client(Options options);

  const std::string& server() const { return options_.server; }

  // Calls one method and waits: Call(&v1::PaymentService::Stub::Pay, request, reply).
  template <typename Stub, typename Request, typename Reply>
  CallEnd Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
               const Request& request, Reply& reply) {
    return CallFor(options_.timeout, method, request, reply);
  }
  // The same, waiting for as long as long_timeout.
  template <typename Stub, typename Request, typename Reply>
  CallEnd CallForLong(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                      const Request& request, Reply& reply) {
    return CallFor(options_.long_timeout, method, request, reply);
  }

  // Waits until the connection stands, trying again for a moment if that fails. Nothing if it
  // does; otherwise how the call that wanted it ended.
  std::optional<CallEnd> Connect();

  std::chrono::system_clock::time_point Deadline() const {
    return std::chrono::system_clock::now() + options_.timeout;
  }

  // For streams, which the caller drives.
  template <typename Stub>
  Stub& StubOf() {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }
  static CallEnd EndOf(const grpc::ClientContext& context, const grpc::Status& status);

 private:
  template <typename Stub, typename Request, typename Reply>
  CallEnd CallFor(std::chrono::milliseconds timeout,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                  const Request& request, Reply& reply) {
    if (const auto failed = Connect()) return *failed;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    const grpc::Status status = (StubOf<Stub>().*method)(&context, request, &reply);
    return EndOf(context, status);
  }

  const Options options_;
  std::shared_ptr<grpc::Channel> channel_;  // shared by gRPC's own rule
  std::tuple<std::unique_ptr<v1::PaymentService::Stub>, std::unique_ptr<v1::AccountService::Stub>,
             std::unique_ptr<v1::LedgerService::Stub>, std::unique_ptr<v1::AdminService::Stub>>
      stubs_;
};

}  // namespace lumbung::cli
