#include "api/server/performance_service.h"

namespace lumbung {

namespace {

grpc::Status NotServedYet() {
  return {grpc::StatusCode::UNIMPLEMENTED,
          "figures are not served yet; LedgerService.ReadEntries has what they are made of"};
}

class EndedReactor final : public grpc::ServerWriteReactor<v1::GetFiguresReply> {
 public:
  EndedReactor() { Finish(NotServedYet()); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerUnaryReactor* PerformanceServiceImpl::GetFigures(grpc::CallbackServerContext* context,
                                                             const v1::GetFiguresRequest*,
                                                             v1::GetFiguresReply*) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(NotServedYet());
  return reactor;
}

grpc::ServerWriteReactor<v1::GetFiguresReply>* PerformanceServiceImpl::WatchFigures(
    grpc::CallbackServerContext*, const v1::GetFiguresRequest*) {
  return new EndedReactor();
}

}  // namespace lumbung
