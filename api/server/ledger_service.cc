#include "api/server/ledger_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "api/server/account_history.h"
#include "api/server/encode_entry.h"
#include "api/server/read_entries.h"
#include "api/server/submit.h"
#include "engine/business_date.h"

namespace lumbung {

namespace {

using EntryCall = Call<v1::GetEntryRequest, v1::Entry, EntryScratch>;
using TrialBalanceCall =
    Call<v1::GetTrialBalanceRequest, v1::GetTrialBalanceReply, TrialBalanceScratch>;

// Accounts that a query copies at a time.
constexpr size_t kAccountsAtOnce = 4096;

grpc::ServerUnaryReactor* NotServedYet(grpc::CallbackServerContext* context,
                                       std::string_view what) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish({grpc::StatusCode::UNIMPLEMENTED,
                   absl::StrCat(std::string(what),
                                " are not served yet; ReadEntries gives every entry to check")});
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
    return call.Finish({grpc::StatusCode::NOT_FOUND, "cooperative: it was never opened"});
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

// Ends at once with a status.
class EndedReactor final : public grpc::ServerWriteReactor<v1::ReadEntriesReply> {
 public:
  explicit EndedReactor(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

LedgerServiceImpl::LedgerServiceImpl(EngineParts& engine) : engine_(engine) {
  SetMessageAllocatorFor_GetEntry(&entry_);
  SetMessageAllocatorFor_GetTrialBalance(&trial_balance_);
}

grpc::ServerWriteReactor<v1::ReadEntriesReply>* LedgerServiceImpl::ReadEntries(
    Context* context, const v1::ReadEntriesRequest* request) {
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (!status.ok()) return new EndedReactor(std::move(status));
  return new ReadEntriesReactor(engine_, *request);
}

grpc::ServerUnaryReactor* LedgerServiceImpl::GetEntry(Context* context, const v1::GetEntryRequest*,
                                                      v1::Entry*) {
  EntryCall& call = EntryCall::Of(context);
  Unary* const reactor = call.reactor();
  call.scratch().engine = &engine_;
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (!status.ok()) {
    call.Finish(std::move(status));
  } else if (!engine_.readers.Run([&call] { FindEntry(call); }, Admission::kIfRoom)) {
    call.Finish(TooManyReads());
  }
  return reactor;
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
          absl::StrCat("business_date: expected a date such as 2026-11-24, found \"", date, "\"")};
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
  return NotServedYet(context, "signed checkpoints");
}
grpc::ServerUnaryReactor* LedgerServiceImpl::ProveInclusion(Context* context,
                                                            const v1::ProveInclusionRequest*,
                                                            v1::ProveInclusionReply*) {
  return NotServedYet(context, "proofs of inclusion");
}
grpc::ServerUnaryReactor* LedgerServiceImpl::ProveConsistency(Context* context,
                                                              const v1::ProveConsistencyRequest*,
                                                              v1::ProveConsistencyReply*) {
  return NotServedYet(context, "proofs of consistency");
}

}  // namespace lumbung
