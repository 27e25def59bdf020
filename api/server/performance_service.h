// PerformanceService: not served yet. It answers so in words, which gRPC's own answer would not.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "lumbung/v1/performance_service.grpc.pb.h"

namespace lumbung {

// gRPC threads.
class PerformanceServiceImpl final : public v1::PerformanceService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetFigures(grpc::CallbackServerContext* context,
                                       const v1::GetFiguresRequest*, v1::GetFiguresReply*) override;
  grpc::ServerWriteReactor<v1::GetFiguresReply>* WatchFigures(
      grpc::CallbackServerContext* context, const v1::GetFiguresRequest*) override;
};

}  // namespace lumbung
