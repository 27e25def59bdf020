#include "api/server/unreadable.h"

#include <string_view>
#include <utility>

namespace lumbung {

namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

class UnreadableInterceptor final : public grpc::experimental::Interceptor {
 public:
  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      // Our own answers of that code say what is not served.
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
          status.error_message().empty()) {
        methods->ModifySendStatus(Unreadable());
      }
    }
    methods->Proceed();
  }
};

}  // namespace

grpc::Status Unreadable() {
  return {grpc::StatusCode::INVALID_ARGUMENT,
          "the message can't be read: expected the fields of its proto with strings in UTF-8; "
          "nothing of it was recorded"};
}

grpc::experimental::Interceptor* UnreadableInterceptorFactory::CreateServerInterceptor(
    ServerRpcInfo* info) {
  constexpr std::string_view kPayments = "/lumbung.v1.PaymentService/";
  if (std::string_view(info->method()).starts_with(kPayments)) return nullptr;
  return new UnreadableInterceptor;
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
UnreadableInterceptors() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<UnreadableInterceptorFactory>());
  return factories;
}

}  // namespace lumbung
