// AdminService: the organisation, the server's state, backups.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <optional>
#include <vector>

#include "api/server/call.h"
#include "api/server/engine_parts.h"
#include "api/server/fact_call.h"
#include "engine/organisation.h"
#include "engine/state.h"
#include "lumbung/v1/admin_service.grpc.pb.h"

namespace lumbung {

template <typename T>
struct List {
  std::optional<std::vector<T>> values;  // nothing: the cooperative is not open
};

// What the query of a status finds.
struct StatusScratch {
  EngineParts* engine = nullptr;
  Sequence last;
  Timestamp last_timestamp;
  size_t accounts = 0;
  size_t open_holds = 0;
  size_t cooperatives = 0;
  std::optional<StateHash> hash;
};

// gRPC threads; must outlive the gRPC server.
class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  explicit AdminServiceImpl(EngineParts& engine);

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* OpenCooperative(Context* context, const v1::OpenCooperativeRequest*,
                         v1::Cooperative*) override;
  Unary* OpenBranch(Context* context, const v1::OpenBranchRequest*, v1::Branch*) override;
  Unary* OpenTerminal(Context* context, const v1::OpenTerminalRequest*, v1::Terminal*) override;
  Unary* ListCooperatives(Context* context, const v1::ListCooperativesRequest*,
                          v1::ListCooperativesReply*) override;
  Unary* ListBranches(Context* context, const v1::ListBranchesRequest*,
                      v1::ListBranchesReply*) override;
  Unary* ListTerminals(Context* context, const v1::ListTerminalsRequest*,
                       v1::ListTerminalsReply*) override;
  Unary* SetPolicy(Context* context, const v1::SetPolicyRequest*, v1::Cooperative*) override;
  Unary* GetStatus(Context* context, const v1::GetStatusRequest*, v1::GetStatusReply*) override;
  Unary* Backup(Context* context, const v1::BackupRequest*, v1::BackupReply*) override;
  Unary* IssueKey(Context* context, const v1::IssueKeyRequest*, v1::IssueKeyReply*) override;
  Unary* RevokeKey(Context* context, const v1::RevokeKeyRequest*, v1::RevokeKeyReply*) override;

 private:
  EngineParts& engine_;
  CallAllocator<v1::OpenCooperativeRequest, v1::Cooperative, Found<Cooperative>> cooperative_;
  CallAllocator<v1::OpenBranchRequest, v1::Branch, Found<Branch>> branch_;
  CallAllocator<v1::OpenTerminalRequest, v1::Terminal, Found<Terminal>> terminal_;
  CallAllocator<v1::ListCooperativesRequest, v1::ListCooperativesReply, List<Cooperative>>
      cooperatives_;
  CallAllocator<v1::ListBranchesRequest, v1::ListBranchesReply, List<Branch>> branches_;
  CallAllocator<v1::ListTerminalsRequest, v1::ListTerminalsReply, List<Terminal>> terminals_;
  CallAllocator<v1::SetPolicyRequest, v1::Cooperative, Found<Cooperative>> policy_;
  CallAllocator<v1::GetStatusRequest, v1::GetStatusReply, StatusScratch> status_;
  CallAllocator<v1::BackupRequest, v1::BackupReply> backup_;
};

}  // namespace lumbung
