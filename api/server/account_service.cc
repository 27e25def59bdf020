#include "api/server/account_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/server/account_history.h"
#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/submit.h"
#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint32_t kDefaultPage = 1000;
// Accounts that one member can get: the chart's, see CodesOf.
constexpr size_t kMostOfMember = 5;
constexpr size_t kMaxMembers = kMaxBatch / kMostOfMember;

grpc::Status BadCount(std::string_view field, size_t most, int found) {
  return {grpc::StatusCode::INVALID_ARGUMENT,
          absl::StrCat(std::string(field), ": expected 1 to ", most, ", found ", found,
                       "; nothing was recorded")};
}

void EncodeOpened(const Result& result, v1::OpenResult& proto) {
  proto.set_outcome(ToProto(result.outcome));
  if (result.outcome == Outcome::kIdConflict) {
    proto.set_message("the account is open with other content, or closed; nothing was changed");
  } else if (result.outcome != Outcome::kAccepted) {
    const std::string_view why = Explain(result.outcome);
    proto.set_message(why.data(), why.size());
  }
}

template <typename CallType>
void AnswerOpenAccounts(CallType& call) {
  const auto& results = call.request().results;
  for (size_t i = 0; i < results.size(); ++i) {
    v1::OpenResult& proto = *call.reply().mutable_results(static_cast<int>(i));
    if (proto.outcome() == v1::OUTCOME_UNSPECIFIED) EncodeOpened(results[i], proto);
  }
  call.Finish(grpc::Status::OK);
}

// The accounts that a member gets, in the order of the chart.
std::span<const AccountCode> CodesOf(const v1::OpenMembersRequest& message) {
  static constexpr AccountCode kCodes[] = {code::kWallet, code::kShuPayable, code::kPokok,
                                           code::kWajib, code::kStoreCredit};
  static_assert(std::size(kCodes) == kMostOfMember);
  return {kCodes, message.store_credit() ? kMostOfMember : kMostOfMember - 1};
}

// The first fault among a member's accounts is the member's result.
template <typename CallType>
void AnswerOpenMembers(CallType& call) {
  const auto& results = call.request().results;
  const size_t each = CodesOf(call.message()).size();
  for (size_t i = 0; i < results.size(); i += each) {
    const auto begin = results.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = begin + static_cast<std::ptrdiff_t>(each);
    const auto fault =
        std::find_if(begin, end, [](const Result& r) { return r.outcome != Outcome::kAccepted; });
    v1::OpenResult& proto = *call.reply().mutable_results(static_cast<int>(i / each));
    if (proto.outcome() != v1::OUTCOME_UNSPECIFIED) continue;
    EncodeOpened(fault == end ? *begin : *fault, proto);
  }
  call.Finish(grpc::Status::OK);
}

// A row that is refused when it is decoded, by name.
void EncodeRefused(const Verdict& verdict, const std::string& field, v1::OpenResult& proto) {
  proto.set_outcome(ToProto(verdict.outcome));
  proto.set_field(field);
  proto.set_message(absl::StrCat(field, ": ", verdict.message));
}

// Whether the cooperative fits into its bits; whether a member does is a matter of its row.
Verdict CheckCooperative(const v1::OpenMembersRequest& message) {
  constexpr uint32_t kMost = (1u << kCooperativeBits) - 1;
  if (message.cooperative() >= 1 && message.cooperative() <= kMost) return {};
  return {.outcome = Outcome::kAccountMalformed,
          .field = "cooperative",
          .message = absl::StrCat("expected a number from 1 to ", kMost, ", found ",
                                  message.cooperative(), "; nothing was recorded")};
}

// Appends the openings of a member's accounts, and says what is wrong with the first refused.
Verdict AppendMember(const v1::OpenMembersRequest& message, uint32_t member,
                     const DecodeContext& context, v1::OpenAccount& open, Request& request) {
  constexpr uint32_t kMost = (1u << kHolderBits) - 1;
  const bool fits = member >= 1 && member <= kMost;
  Verdict worst;
  for (const AccountCode code : CodesOf(message)) {
    // What does not fit into its bits becomes account 0, which is refused as malformed.
    const AccountId account =
        fits ? AccountId::From({.cooperative = CooperativeId{message.cooperative()},
                                .code = code,
                                .holder = HolderNumber{member}})
             : AccountId{};
    open.set_account(account.value());
    open.clear_limits();
    if (code == code::kStoreCredit && message.store_credit_limit() > 0) {
      Limits limits = FindChartLine(code)->limits;
      limits.ceiling = Amount{message.store_credit_limit()};
      Encode(limits, open.mutable_limits());
    }
    Verdict verdict = Decode(open, context, request);
    if (worst.outcome == Outcome::kAccepted) worst = std::move(verdict);
  }
  if (!fits) {
    worst.message = absl::StrCat("expected a number from 1 to ", kMost, ", found ", member);
  }
  return worst;
}

template <typename CallType>
void AnswerPage(CallType& call) {
  if (!call.scratch().accounts) return call.Finish(CooperativeUnknown(call.context(), ""));
  const auto& accounts = *call.scratch().accounts;
  for (const Account& account : accounts) Encode(account, call.reply().add_accounts());
  const uint32_t size = call.message().page_size() == 0 ? kDefaultPage : call.message().page_size();
  if (accounts.size() == size) call.reply().set_next(accounts.back().id.value());
  call.Finish(grpc::Status::OK);
}

// Has the readers fill the reply of a call whose account was found.
template <auto kFill, typename CallType>
void AnswerFromHistory(CallType& call) {
  if (!call.scratch().value) {
    return call.Finish(AccountUnknown(call.context()));
  }
  const bool taken = call.scratch().engine->readers.Run(
      [&call] {
        call.Finish(ToGrpc(kFill(call.scratch().engine->history, *call.scratch().value,
                                 call.message(), call.reply())));
      },
      Admission::kIfRoom);
  if (!taken) call.Finish(TooManyReads());
}

}  // namespace

AccountServiceImpl::AccountServiceImpl(EngineParts& engine) : engine_(engine) {
  SetMessageAllocatorFor_OpenAccounts(&open_accounts_);
  SetMessageAllocatorFor_OpenMembers(&open_members_);
  SetMessageAllocatorFor_GetAccount(&get_account_);
  SetMessageAllocatorFor_ListAccounts(&list_accounts_);
  SetMessageAllocatorFor_SetAccountStatus(&set_status_);
  SetMessageAllocatorFor_SetAccountLimits(&set_limits_);
  SetMessageAllocatorFor_GetBalance(&get_balance_);
  SetMessageAllocatorFor_GetBalanceAt(&balance_at_);
  SetMessageAllocatorFor_GetStatement(&statement_);
}

template <typename CallType, auto kReply>
grpc::ServerUnaryReactor* AccountServiceImpl::QueryAccount(Context* context) {
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (grpc::Status status = Authorised(engine_, *context, Deed::kRead); !status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  call.scratch().engine = &engine_;
  call.request().query = [&call](State& state, Sequence) {
    const Account* const account = state.FindAccount(AccountId{call.message().account()});
    if (account != nullptr) call.scratch().value = *account;
  };
  Send<kReply>(engine_, call, Room::kOrdinary);
  return reactor;
}

template <typename Message>
grpc::ServerUnaryReactor* AccountServiceImpl::ChangeAccount(Context* context) {
  using CallType = Call<Message, v1::Account, Found<Account>>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  if (!DecodeFact(engine_, call)) return reactor;
  call.request().query = [&call](State& state, Sequence) {
    const Account* const account = state.FindAccount(AccountId{call.message().account()});
    if (account != nullptr) call.scratch().value = *account;
  };
  Send<AnswerFound<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AccountServiceImpl::OpenAccounts(Context* context,
                                                           const v1::OpenAccountsRequest*,
                                                           v1::OpenAccountsReply*) {
  using CallType = Call<v1::OpenAccountsRequest, v1::OpenAccountsReply>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  const int count = call.message().accounts_size();
  if (count == 0 || static_cast<size_t>(count) > kMaxBatch) {
    call.Finish(BadCount("accounts", kMaxBatch, count));
    return reactor;
  }
  const DecodeContext decode{.principal = engine_.authenticator.Authenticate(*context),
                             .now = engine_.clock.Now()};
  for (int i = 0; i < count; ++i) {
    const Verdict verdict = Decode(call.message().accounts(i), decode, call.request());
    v1::OpenResult& result = *call.reply().add_results();
    if (verdict.outcome == Outcome::kAccepted) continue;
    EncodeRefused(verdict, absl::StrCat("accounts[", i, "].", verdict.field), result);
  }
  Send<AnswerOpenAccounts<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AccountServiceImpl::OpenMembers(Context* context,
                                                          const v1::OpenMembersRequest*,
                                                          v1::OpenMembersReply*) {
  using CallType = Call<v1::OpenMembersRequest, v1::OpenMembersReply>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  const int count = call.message().members_size();
  if (count == 0 || static_cast<size_t>(count) > kMaxMembers) {
    call.Finish(BadCount("members", kMaxMembers, count));
    return reactor;
  }
  if (const int64_t limit = call.message().store_credit_limit();
      limit < 0 || (limit > 0 && !call.message().store_credit())) {
    call.Finish({grpc::StatusCode::INVALID_ARGUMENT,
                 absl::StrCat("store_credit_limit: expected 0",
                              limit < 0 ? " or more" : ", since no store_credit is asked for",
                              ", found ", limit, "; nothing was recorded")});
    return reactor;
  }
  const DecodeContext decode{.principal = engine_.authenticator.Authenticate(*context),
                             .now = engine_.clock.Now()};
  if (const Verdict verdict = CheckCooperative(call.message());
      verdict.outcome != Outcome::kAccepted) {
    call.Finish(Refused(verdict, decode.now, *context));
    return reactor;
  }
  v1::OpenAccount open;
  for (int i = 0; i < count; ++i) {
    const Verdict verdict =
        AppendMember(call.message(), call.message().members(i), decode, open, call.request());
    v1::OpenResult& result = *call.reply().add_results();
    if (verdict.outcome == Outcome::kAccepted) continue;
    EncodeRefused(verdict, absl::StrCat("members[", i, "]"), result);
  }
  Send<AnswerOpenMembers<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

grpc::ServerUnaryReactor* AccountServiceImpl::GetAccount(Context* context,
                                                         const v1::GetAccountRequest*,
                                                         v1::Account*) {
  using CallType = Call<v1::GetAccountRequest, v1::Account, Found<Account>>;
  return QueryAccount<CallType, AnswerFound<CallType>>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::GetBalance(Context* context,
                                                         const v1::GetBalanceRequest*,
                                                         v1::Account*) {
  using CallType = Call<v1::GetBalanceRequest, v1::Account, Found<Account>>;
  return QueryAccount<CallType, AnswerFound<CallType>>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::GetBalanceAt(Context* context,
                                                           const v1::GetBalanceAtRequest*,
                                                           v1::GetBalanceAtReply*) {
  using CallType = Call<v1::GetBalanceAtRequest, v1::GetBalanceAtReply, Found<Account>>;
  return QueryAccount<CallType, AnswerFromHistory<FillBalanceAt, CallType>>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::GetStatement(Context* context,
                                                           const v1::GetStatementRequest*,
                                                           v1::GetStatementReply*) {
  using CallType = Call<v1::GetStatementRequest, v1::GetStatementReply, Found<Account>>;
  return QueryAccount<CallType, AnswerFromHistory<FillStatement, CallType>>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::SetAccountStatus(Context* context,
                                                               const v1::SetAccountStatusRequest*,
                                                               v1::Account*) {
  return ChangeAccount<v1::SetAccountStatusRequest>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::SetAccountLimits(Context* context,
                                                               const v1::SetAccountLimitsRequest*,
                                                               v1::Account*) {
  return ChangeAccount<v1::SetAccountLimitsRequest>(context);
}

grpc::ServerUnaryReactor* AccountServiceImpl::ListAccounts(Context* context,
                                                           const v1::ListAccountsRequest*,
                                                           v1::ListAccountsReply*) {
  using CallType = Call<v1::ListAccountsRequest, v1::ListAccountsReply, AccountPage>;
  CallType& call = CallType::Of(context);
  Unary* const reactor = call.reactor();
  grpc::Status status = Authorised(engine_, *context, Deed::kRead);
  if (status.ok() && call.message().page_size() > kMaxBatch) {
    status = {grpc::StatusCode::INVALID_ARGUMENT,
              absl::StrCat("page_size: expected at most ", kMaxBatch, ", found ",
                           call.message().page_size())};
  }
  if (!status.ok()) {
    call.Finish(std::move(status));
    return reactor;
  }
  call.request().query = [&call](State& state, Sequence) {
    const v1::ListAccountsRequest& message = call.message();
    const uint32_t size = message.page_size() == 0 ? kDefaultPage : message.page_size();
    const CooperativeId cooperative{message.cooperative()};
    if (state.FindCooperative(cooperative) == nullptr) return;
    call.scratch().accounts = state.ListAccounts(cooperative, AccountId{message.after()}, size);
  };
  Send<AnswerPage<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

}  // namespace lumbung
