// LedgerService: the entries themselves, the trial balance, and the proofs of the transparency log.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <optional>
#include <vector>

#include "api/server/call.h"
#include "api/server/engine_parts.h"
#include "api/server/trial_balance.h"
#include "engine/organisation.h"
#include "lumbung/v1/ledger_service.grpc.pb.h"

namespace lumbung {

// Of a call that a readers' thread answers.
struct ReadScratch {
  EngineParts* engine = nullptr;
};

// What the query of a trial balance finds.
struct TrialBalanceScratch {
  EngineParts* engine = nullptr;
  std::optional<BusinessDate> date;  // nothing: now
  std::optional<Cooperative> cooperative;
  TrialBalance now;               // if no date is asked for
  std::vector<Account> accounts;  // if one is
  Sequence as_of;
  Timestamp at;
};

// gRPC threads; must outlive the gRPC server.
class LedgerServiceImpl final : public v1::LedgerService::CallbackService {
 public:
  explicit LedgerServiceImpl(EngineParts& engine);

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  grpc::ServerWriteReactor<v1::ReadEntriesReply>* ReadEntries(
      Context* context, const v1::ReadEntriesRequest* request) override;
  grpc::ServerWriteReactor<v1::ReadBlocksReply>* ReadBlocks(
      Context* context, const v1::ReadBlocksRequest* request) override;
  Unary* GetEntry(Context* context, const v1::GetEntryRequest*, v1::Entry*) override;
  Unary* GetTrialBalance(Context* context, const v1::GetTrialBalanceRequest*,
                         v1::GetTrialBalanceReply*) override;
  Unary* GetCheckpoint(Context* context, const v1::GetCheckpointRequest*,
                       v1::GetCheckpointReply*) override;
  Unary* ProveInclusion(Context* context, const v1::ProveInclusionRequest*,
                        v1::ProveInclusionReply*) override;
  Unary* ProveConsistency(Context* context, const v1::ProveConsistencyRequest*,
                          v1::ProveConsistencyReply*) override;
  Unary* AddCosignature(Context* context, const v1::AddCosignatureRequest*,
                        v1::AddCosignatureReply*) override;
  Unary* GetReceipt(Context* context, const v1::GetReceiptRequest*, v1::Receipt*) override;

 private:
  EngineParts& engine_;
  CallAllocator<v1::GetEntryRequest, v1::Entry, ReadScratch> entry_;
  CallAllocator<v1::GetCheckpointRequest, v1::GetCheckpointReply, ReadScratch> checkpoint_;
  CallAllocator<v1::ProveInclusionRequest, v1::ProveInclusionReply, ReadScratch> inclusion_;
  CallAllocator<v1::ProveConsistencyRequest, v1::ProveConsistencyReply, ReadScratch> consistency_;
  CallAllocator<v1::AddCosignatureRequest, v1::AddCosignatureReply, ReadScratch> cosignature_;
  CallAllocator<v1::GetReceiptRequest, v1::Receipt, ReadScratch> receipt_;
  CallAllocator<v1::GetTrialBalanceRequest, v1::GetTrialBalanceReply, TrialBalanceScratch>
      trial_balance_;
};

}  // namespace lumbung
