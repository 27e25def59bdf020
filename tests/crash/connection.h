// A client's connection: one TCP socket, given to gRPC, that can be cut in mid-message. It does not
// reconnect; a client opens a new one.
//
// Threads: Cut from any; the stub as gRPC allows.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

class Connection {
 public:
  // Null if nothing listens at HOST:PORT.
  static std::unique_ptr<Connection> Open(const std::string& address);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  v1::PaymentService::Stub& payments() { return *payments_; }
  // Ends the connection at once, in both directions, whatever is under way.
  void Cut();

 private:
  Connection(int socket, int second);

  const int second_;  // a descriptor of its own of the socket: gRPC closes the other
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::PaymentService::Stub> payments_;
};

}  // namespace lumbung
