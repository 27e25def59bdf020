// Messages whose bytes are not what the proto says: garbage, or a string that is not UTF-8. Left to
// itself, gRPC answers them with UNIMPLEMENTED and no word, as if the method were not there.
#pragma once

#include <grpcpp/support/server_interceptor.h>
#include <memory>
#include <vector>

namespace lumbung {

// What the sender of such a message is told.
grpc::Status Unreadable();

// Makes the interceptors that put Unreadable() in the place of gRPC's answer; for every call but
// the PaymentService's, which see to it themselves and are spared the time (payment_handler.h,
// submit_stream.h). Any thread.
class UnreadableInterceptorFactory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;
};

// What ServerBuilder takes.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
UnreadableInterceptors();

}  // namespace lumbung
