#include "api/server/ledger_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "api/server/account_history.h"
#include "api/server/encode_entry.h"
#include "api/server/fact_call.h"
#include "api/server/find_receipt.h"
#include "api/server/quoted.h"
#include "api/server/read_blocks.h"
#include "api/server/read_entries.h"
#include "api/server/submit.h"
#include "engine/business_date.h"

namespace lumbung {

namespace {

using EntryCall = Call<v1::GetEntryRequest, v1::Entry, ReadScratch>;
using CheckpointCall = Call<v1::GetCheckpointRequest, v1::GetCheckpointReply, ReadScratch>;
using InclusionCall = Call<v1::ProveInclusionRequest, v1::ProveInclusionReply, ReadScratch>;
using ConsistencyCall = Call<v1::ProveConsistencyRequest, v1::ProveConsistencyReply, ReadScratch>;
using CosignatureCall = Call<v1::AddCosignatureRequest, v1::AddCosignatureReply, ReadScratch>;
using ReceiptCall = Call<v1::GetReceiptRequest, v1::Receipt, ReadScratch>;
using TrialBalanceCall =
    Call<v1::GetTrialBalanceRequest, v1::GetTrialBalanceReply, TrialBalanceScratch>;

// Accounts that a query copies at a time.
constexpr size_t kAccountsAtOnce = 4096;

// Has `answer` run by a readers' thread, if the caller may read.
template <typename CallType>
grpc::ServerUnaryReactor* ReadWith(EngineParts& engine, grpc::CallbackServerContext* context,
                                   void (*answer)(CallType& call)) {
  CallType& call = CallType::Of(context);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  call.scratch().engine = &engine;
  grpc::Status status = Authorised(engine, *context, Deed::kRead);
  if (!status.ok()) {
    call.Finish(std::move(status));
  } else if (!engine.readers.Run([&call, answer] { answer(call); }, Admission::kIfRoom)) {
    call.Finish(TooManyReads());
  }
  return reactor;
}

void FindEntry(EntryCall& call) {
  const EngineParts& engine = *call.scratch().engine;
  const Sequence sequence{call.message().sequence()};
  if (sequence == kNoSequence || sequence > engine.pipeline.durable_sequence()) {
    return call.Finish(
        {grpc::StatusCode::NOT_FOUND,
         absl::StrCat("sequence: expected 1 to ", engine.pipeline.durable_sequence().value(),
                      ", found ", sequence.value())});
  }
  const absl::StatusOr<StoredEntry> entry = engine.ledger.ReadEntry(sequence);
  if (!entry.ok()) return call.Finish(ToGrpc(entry.status()));
  EncodeEntry(entry->sequence, entry->entry, entry->attachment, &call.reply());
  call.Finish(grpc::Status::OK);
}

void VisitAccounts(const State& state, CooperativeId cooperative,
                   const std::function<void(const Account&)>& visit) {
  AccountId after;
  while (true) {
    const auto accounts = state.ListAccounts(cooperative, after, kAccountsAtOnce);
    for (const Account& account : accounts) visit(account);
    if (accounts.size() < kAccountsAtOnce) return;
    after = accounts.back().id;
  }
}

// Apply thread.
void Collect(TrialBalanceCall& call, const State& state, Sequence last) {
  TrialBalanceScratch& scratch = call.scratch();
  const CooperativeId id{call.message().cooperative()};
  const Cooperative* const cooperative = state.FindCooperative(id);
  if (cooperative == nullptr) return;
  scratch.cooperative = *cooperative;
  scratch.as_of = last;
  scratch.at = state.last_timestamp();
  VisitAccounts(state, id, [&scratch](const Account& account) {
    if (scratch.date) {
      scratch.accounts.push_back(account);
    } else {
      scratch.now.Add(account, account.balance());
    }
  });
}

absl::Status Fill(const TrialBalance& balance, TrialBalanceCall& call) {
  const TrialBalanceScratch& scratch = call.scratch();
  call.reply().set_cooperative(scratch.cooperative->id.value());
  call.reply().set_name(scratch.cooperative->name);
  return balance.Encode(call.reply());
}

// On a readers' thread: the balances at the close of the date.
absl::Status FillAtDate(TrialBalanceCall& call) {
  const TrialBalanceScratch& scratch = call.scratch();
  const Timestamp close = CloseOf(*scratch.date, scratch.cooperative->zone_minutes);
  TrialBalance then;
  for (const Account& account : scratch.accounts) {
    const absl::StatusOr<Amount> balance = scratch.engine->history.BalanceAt(account, close);
    if (!balance.ok()) return balance.status();
    then.Add(account, *balance);
  }
  call.reply().set_timestamp_ns(close.value());
  return Fill(then, call);
}

void AnswerTrialBalance(TrialBalanceCall& call) {
  TrialBalanceScratch& scratch = call.scratch();
  if (!scratch.cooperative) {
    return call.Finish(CooperativeUnknown(call.context(), ""));
  }
  if (!scratch.date) {
    call.reply().set_timestamp_ns(scratch.at.value());
    call.reply().set_as_of_sequence(scratch.as_of.value());
    return call.Finish(ToGrpc(Fill(scratch.now, call)));
  }
  const bool taken = scratch.engine->readers.Run([&call] { call.Finish(ToGrpc(FillAtDate(call))); },
                                                 Admission::kIfRoom);
  if (!taken) call.Finish(TooManyReads());
}

grpc::Status NoLog() {
  return {grpc::StatusCode::FAILED_PRECONDITION,
          "this server keeps no transparency log (its setting `transparency` is off)"};
}

// The call's log; ends the call and gives null if there is none.
template <typename CallType>
TransparencyLog* LogOf(CallType& call) {
  TransparencyLog* const log = call.scratch().engine->transparency;
  if (log == nullptr) call.Finish(NoLog());
  return log;
}

template <typename CallType>
void FinishProof(CallType& call, const absl::StatusOr<MerkleProof>& proof) {
  if (!proof.ok()) return call.Finish(ToGrpc(proof.status()));
  for (const MerkleHash& hash : *proof) call.reply().add_hashes(hash.data(), hash.size());
  call.Finish(grpc::Status::OK);
}

void FindCheckpoint(CheckpointCall& call) {
  const TransparencyLog* const log = LogOf(call);
  if (log == nullptr) return;
  const absl::StatusOr<SignedHead> head = log->NewestCosigned(call.message().cosignatures());
  if (!head.ok()) return call.Finish(ToGrpc(head.status()));
  call.reply().set_checkpoint(head->note);
  call.reply().set_verifier_key(log->verifier().ToString());
  call.Finish(grpc::Status::OK);
}

void ProveIncluded(InclusionCall& call) {
  const TransparencyLog* const log = LogOf(call);
  if (log == nullptr) return;
  // Sequence 0 becomes a leaf beyond every tree.
  const auto& message = call.message();
  FinishProof(call, log->ProveInclusion({message.sequence() - 1, message.tree_size()}));
}

void ProveConsistent(ConsistencyCall& call) {
  const TransparencyLog* const log = LogOf(call);
  if (log == nullptr) return;
  const auto& message = call.message();
  FinishProof(call, log->ProveConsistency({message.first_tree_size(), message.second_tree_size()}));
}

void KeepCosignature(CosignatureCall& call) {
  TransparencyLog* const log = LogOf(call);
  if (log == nullptr) return;
  const auto& message = call.message();
  const absl::StatusOr<SignedHead> head =
      log->AddCosignature(message.tree_size(), message.cosignature());
  if (!head.ok()) return call.Finish(ToGrpc(head.status()));
  call.reply().set_checkpoint(head->note);
  call.Finish(grpc::Status::OK);
}

void ProveTransaction(ReceiptCall& call) {
  if (LogOf(call) == nullptr) return;
  call.Finish(FindReceipt(*call.scratch().engine, call.message(), call.reply()));
}

// Ends at once with a status.
template <typename Reply>
class EndedReactor final : public grpc::ServerWriteReactor<Reply> {
 public:
  explicit EndedReactor(grpc::Status status) { this->Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

LedgerServiceImpl::LedgerServiceImpl(EngineParts& engine) : engine_(engine) {
  SetMessageAllocatorFor_GetEntry(&entry_);
  SetMessageAllocatorFor_GetTrialBalance(&trial_balance_);
  SetMessageAllocatorFor_GetCheckpoint(&checkpoint_);
  SetMessageAllocatorFor_ProveInclusion(&inclusion_);
  SetMessageAllocatorFor_ProveConsistency(&consistency_);
  SetMessageAllocatorFor_AddCosignature(&cosignature_);
  SetMessageAllocatorFor_GetReceipt(&receipt_);
}

grpc::ServerWriteReactor<v1::ReadEntriesReply>* LedgerServiceImpl::ReadEntries(
    Context* context, const v1::ReadEntriesRequest* request) {
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (status.ok()) status = ToGrpc(CheckFilter(request->filter()));
  if (!status.ok()) return new EndedReactor<v1::ReadEntriesReply>(std::move(status));
  return new ReadEntriesReactor(engine_, *request);
}

grpc::ServerWriteReactor<v1::ReadBlocksReply>* LedgerServiceImpl::ReadBlocks(
    Context* context, const v1::ReadBlocksRequest* request) {
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (status.ok() && request->up_to() != 0 && request->from_sequence() > request->up_to()) {
    status = {grpc::StatusCode::INVALID_ARGUMENT,
              absl::StrCat("from_sequence: expected at most up_to, ", request->up_to(), ", found ",
                           request->from_sequence())};
  }
  if (!status.ok()) return new EndedReactor<v1::ReadBlocksReply>(std::move(status));
  return new ReadBlocksReactor(engine_, *request);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetEntry(Context* context, const v1::GetEntryRequest*,
                                                      v1::Entry*) {
  return ReadWith<EntryCall>(engine_, context, FindEntry);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetTrialBalance(Context* context,
                                                             const v1::GetTrialBalanceRequest*,
                                                             v1::GetTrialBalanceReply*) {
  TrialBalanceCall& call = TrialBalanceCall::Of(context);
  Unary* const reactor = call.reactor();
  call.scratch().engine = &engine_;
  const std::string& date = call.message().business_date();
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (status.ok() && !date.empty()) {
    call.scratch().date = ParseDate(date);
    if (!call.scratch().date) {
      status = {
          grpc::StatusCode::INVALID_ARGUMENT,
          absl::StrCat("business_date: expected a date such as 2026-11-24, found ", Quoted(date))};
    }
  }
  if (!status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  call.request().query = [&call](State& state, Sequence last) { Collect(call, state, last); };
  Send<AnswerTrialBalance>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetCheckpoint(Context* context,
                                                           const v1::GetCheckpointRequest*,
                                                           v1::GetCheckpointReply*) {
  return ReadWith<CheckpointCall>(engine_, context, FindCheckpoint);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::ProveInclusion(Context* context,
                                                            const v1::ProveInclusionRequest*,
                                                            v1::ProveInclusionReply*) {
  return ReadWith<InclusionCall>(engine_, context, ProveIncluded);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::ProveConsistency(Context* context,
                                                              const v1::ProveConsistencyRequest*,
                                                              v1::ProveConsistencyReply*) {
  return ReadWith<ConsistencyCall>(engine_, context, ProveConsistent);
}

// What its witness signed authorises it.
grpc::ServerUnaryReactor* LedgerServiceImpl::AddCosignature(Context* context,
                                                            const v1::AddCosignatureRequest*,
                                                            v1::AddCosignatureReply*) {
  return ReadWith<CosignatureCall>(engine_, context, KeepCosignature);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetReceipt(Context* context,
                                                        const v1::GetReceiptRequest*,
                                                        v1::Receipt*) {
  return ReadWith<ReceiptCall>(engine_, context, ProveTransaction);
}

}  // namespace lumbung
