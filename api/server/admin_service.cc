#include "api/server/admin_service.h"

#include <string>

#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/submit.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

using StatusCall = Call<v1::GetStatusRequest, v1::GetStatusReply, StatusScratch>;
using BackupCall = Call<v1::BackupRequest, v1::BackupReply>;

// Appends the opening of every account of the chart that such a holder has. An account that is open
// with other limits is left as it is: only the first command's outcome is the call's.
void AppendAccounts(HolderKind kind, CooperativeId cooperative, HolderNumber holder,
                    Request& request) {
  for (const ChartLine& line : StandardChart()) {
    if (line.holder != kind) continue;
    request.commands.push_back(OpenAccount{
        .account =
            AccountId::From({.cooperative = cooperative, .code = line.code, .holder = holder}),
        .asset = kIdr,
        .limits = std::nullopt});
    request.results.emplace_back();
  }
}

grpc::ServerUnaryReactor* NotServedYet(grpc::CallbackServerContext* context) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(
      {grpc::StatusCode::UNIMPLEMENTED, "keys are not served yet: they come with access control"});
  return reactor;
}

template <typename T>
std::optional<std::vector<T>> ListIfOpen(const State& state, CooperativeId cooperative,
                                         std::vector<T> listed) {
  if (state.FindCooperative(cooperative) == nullptr) return std::nullopt;
  return listed;
}

template <typename CallType>
void AnswerList(CallType& call) {
  if (!call.scratch().values) return call.Finish(CooperativeUnknown(call.context(), ""));
  for (const auto& value : *call.scratch().values) {
    if constexpr (requires { call.reply().add_cooperatives(); }) {
      Encode(value, call.reply().add_cooperatives());
    } else if constexpr (requires { call.reply().add_branches(); }) {
      Encode(value, call.reply().add_branches());
    } else {
      Encode(value, call.reply().add_terminals());
    }
  }
  call.Finish(grpc::Status::OK);
}

// Runs the query that lists, if the caller may read. The lister finds nothing if the cooperative is
// not open.
template <typename CallType, typename Lister>
grpc::ServerUnaryReactor* ListWith(EngineParts& engine, grpc::CallbackServerContext* context,
                                   Lister lister) {
  CallType& call = CallType::Of(context);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  if (grpc::Status status = Authorised(engine, *context, Deed::kRead); !status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  call.request().query = [&call, lister](State& state, Sequence) {
    call.scratch().values = lister(state, call.message());
  };
  Send<AnswerList<CallType>>(engine, call, Room::kOrdinary);
  return reactor;
}

void AnswerStatus(StatusCall& call) {
  const StatusScratch& found = call.scratch();
  const EngineParts& engine = *found.engine;
  const Cursors cursors = engine.pipeline.cursors();
  v1::GetStatusReply& reply = call.reply();
  reply.set_version(LUMBUNG_VERSION);
  reply.set_uptime_ns(engine.clock.Now().value() - engine.started.value());
  reply.set_claimed(cursors.claimed);
  reply.set_published(cursors.published);
  reply.set_applied(cursors.applied);
  reply.set_durable(cursors.durable);
  reply.set_replied(cursors.replied);
  reply.set_ring_slots(engine.pipeline.capacity());
  reply.set_last_sequence(found.last.value());
  reply.set_last_timestamp_ns(found.last_timestamp.value());
  reply.set_accounts(found.accounts);
  reply.set_open_holds(found.open_holds);
  reply.set_cooperatives(found.cooperatives);
  reply.set_checkpoint_sequence(engine.background.checkpoint_watermark().value());
  reply.set_id_window_size(engine.ids.size());
  reply.set_id_generations(engine.derived.generations());
  reply.set_synced_writes(engine.ledger.synced_writes());
  reply.set_disk_bytes(engine.ledger.disk_bytes());
  if (found.hash) reply.set_state_hash(found.hash->data(), found.hash->size());
  reply.set_data_folder(engine.config.data);
  if (engine.transparency != nullptr) {
    reply.set_tree_size(engine.transparency->size());
    reply.set_signed_tree_size(engine.transparency->newest().size);
  }
  call.Finish(grpc::Status::OK);
}

}  // namespace

AdminServiceImpl::AdminServiceImpl(EngineParts& engine) : engine_(engine) {
  SetMessageAllocatorFor_OpenCooperative(&cooperative_);
  SetMessageAllocatorFor_OpenBranch(&branch_);
  SetMessageAllocatorFor_OpenTerminal(&terminal_);
  SetMessageAllocatorFor_ListCooperatives(&cooperatives_);
  SetMessageAllocatorFor_ListBranches(&branches_);
  SetMessageAllocatorFor_ListTerminals(&terminals_);
  SetMessageAllocatorFor_SetPolicy(&policy_);
  SetMessageAllocatorFor_GetStatus(&status_);
  SetMessageAllocatorFor_Backup(&backup_);
}

grpc::ServerUnaryReactor* AdminServiceImpl::OpenCooperative(Context* context,
                                                            const v1::OpenCooperativeRequest*,
                                                            v1::Cooperative*) {
  using CallType = Call<v1::OpenCooperativeRequest, v1::Cooperative, Found<Cooperative>>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (!DecodeFact(engine_, call)) return reactor;
  const CooperativeId id{call.message().number()};
  AppendAccounts(HolderKind::kCooperative, id, HolderNumber{0}, call.request());
  call.request().query = [&call](State& state, Sequence) {
    const CooperativeId opened{call.message().number()};
    if (const Cooperative* const found = state.FindCooperative(opened)) {
      call.scratch().value = *found;
    }
  };
  Send<AnswerFound<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::OpenBranch(Context* context,
                                                       const v1::OpenBranchRequest*, v1::Branch*) {
  using CallType = Call<v1::OpenBranchRequest, v1::Branch, Found<Branch>>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (!DecodeFact(engine_, call)) return reactor;
  AppendAccounts(HolderKind::kBranch, CooperativeId{call.message().cooperative()},
                 HolderNumber{call.message().number()}, call.request());
  call.request().query = [&call](State& state, Sequence) {
    const BranchId branch{static_cast<uint16_t>(call.message().number())};
    const CooperativeId cooperative{call.message().cooperative()};
    if (const Branch* const found = state.FindBranch(cooperative, branch)) {
      call.scratch().value = *found;
    }
  };
  Send<AnswerFound<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::OpenTerminal(Context* context,
                                                         const v1::OpenTerminalRequest*,
                                                         v1::Terminal*) {
  using CallType = Call<v1::OpenTerminalRequest, v1::Terminal, Found<Terminal>>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (!DecodeFact(engine_, call)) return reactor;
  AppendAccounts(HolderKind::kTerminal, CooperativeId{call.message().cooperative()},
                 HolderNumber{call.message().number()}, call.request());
  call.request().query = [&call](State& state, Sequence) {
    const TerminalId terminal{static_cast<uint16_t>(call.message().number())};
    const CooperativeId cooperative{call.message().cooperative()};
    if (const Terminal* const found = state.FindTerminal(cooperative, terminal)) {
      call.scratch().value = *found;
    }
  };
  Send<AnswerFound<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::SetPolicy(Context* context, const v1::SetPolicyRequest*,
                                                      v1::Cooperative*) {
  using CallType = Call<v1::SetPolicyRequest, v1::Cooperative, Found<Cooperative>>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (!DecodeFact(engine_, call)) return reactor;
  call.request().query = [&call](State& state, Sequence) {
    const CooperativeId id{call.message().cooperative()};
    if (const Cooperative* const found = state.FindCooperative(id)) call.scratch().value = *found;
  };
  Send<AnswerFound<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::ListCooperatives(Context* context,
                                                             const v1::ListCooperativesRequest*,
                                                             v1::ListCooperativesReply*) {
  using Message = v1::ListCooperativesRequest;
  using CallType = Call<Message, v1::ListCooperativesReply, List<Cooperative>>;
  return ListWith<CallType>(engine_, context, [](const State& state, const Message&) {
    return std::optional(state.ListCooperatives());
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::ListBranches(Context* context,
                                                         const v1::ListBranchesRequest*,
                                                         v1::ListBranchesReply*) {
  using Message = v1::ListBranchesRequest;
  using CallType = Call<Message, v1::ListBranchesReply, List<Branch>>;
  return ListWith<CallType>(engine_, context, [](const State& state, const Message& message) {
    const CooperativeId id{message.cooperative()};
    return ListIfOpen(state, id, state.ListBranches(id));
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::ListTerminals(Context* context,
                                                          const v1::ListTerminalsRequest*,
                                                          v1::ListTerminalsReply*) {
  using Message = v1::ListTerminalsRequest;
  using CallType = Call<Message, v1::ListTerminalsReply, List<Terminal>>;
  return ListWith<CallType>(engine_, context, [](const State& state, const Message& message) {
    const CooperativeId id{message.cooperative()};
    return ListIfOpen(state, id, state.ListTerminals(id));
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::GetStatus(Context* context, const v1::GetStatusRequest*,
                                                      v1::GetStatusReply*) {
  StatusCall& call = StatusCall::Of(context);
  Unary* const reactor = call.reactor();
  if (grpc::Status status = Authorised(engine_, *context, Deed::kRead); !status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  call.scratch().engine = &engine_;
  call.request().query = [&call](State& state, Sequence last) {
    StatusScratch& found = call.scratch();
    found.last = last;
    found.last_timestamp = state.last_timestamp();
    found.accounts = state.account_count();
    found.open_holds = state.open_hold_count();
    found.cooperatives = state.ListCooperatives().size();
    if (call.message().state_hash()) found.hash = state.Hash();
  };
  Send<AnswerStatus>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::Backup(Context* context, const v1::BackupRequest*,
                                                   v1::BackupReply*) {
  BackupCall& call = BackupCall::Of(context);
  Unary* const reactor = call.reactor();
  if (grpc::Status status = Authorised(engine_, *context, Deed::kAdminister); !status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  engine_.backups.Begin(call.message().folder(),
                        [&call](const absl::StatusOr<v1::BackupReply>& made) {
                          if (made.ok()) call.reply() = *made;
                          call.Finish(ToGrpc(made.status()));
                        });
  return reactor;
}

grpc::ServerUnaryReactor* AdminServiceImpl::IssueKey(Context* context, const v1::IssueKeyRequest*,
                                                     v1::IssueKeyReply*) {
  return NotServedYet(context);
}
grpc::ServerUnaryReactor* AdminServiceImpl::RevokeKey(Context* context, const v1::RevokeKeyRequest*,
                                                      v1::RevokeKeyReply*) {
  return NotServedYet(context);
}

}  // namespace lumbung
