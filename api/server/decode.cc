#include "api/server/decode.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/server/convert.h"
#include "api/server/fault_finder.h"
#include "engine/chart.h"
#include "engine/check.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// Adds legs to the request without ever moving those that commands point into.
std::span<const Leg> Append(const Leg& leg, Request& request) {
  LUMBUNG_CHECK(request.legs.size() < request.legs.capacity());
  request.legs.push_back(leg);
  return {&request.legs.back(), 1};
}

template <typename Message>
Header HeaderOf(const Message& message, FaultFinder& faults) {
  return {.id = ToId(message.id()),
          .reference = message.reference(),
          .evidence = message.has_evidence() ? faults.EvidenceOf(message.evidence()) : Evidence{},
          .text = message.text()};
}

AccountId From(CooperativeId cooperative, AccountCode code, HolderNumber holder) {
  return AccountId::From({.cooperative = cooperative, .code = code, .holder = holder});
}

// The account of a till, a wallet, a branch's sales, from the parts of a message.
AccountId TillOf(CooperativeId cooperative, TerminalId terminal) {
  return From(cooperative, code::kTill, HolderNumber{terminal.value()});
}
AccountId SalesOf(CooperativeId cooperative, BranchId branch) {
  return From(cooperative, code::kSales, HolderNumber{branch.value()});
}

// How a message calls the two parts of a member.
struct MemberFields {
  std::string_view cooperative;
  std::string_view number;
};

AccountId WalletOf(const v1::Member& member, const MemberFields& fields, FaultFinder& faults) {
  const CooperativeId cooperative = faults.Cooperative(member.cooperative(), fields.cooperative);
  return From(cooperative, code::kWallet, faults.Holder(member.number(), fields.number));
}

// A command whose legs the posting rule of its purpose will make.
Post ByRule(const Header& header, Purpose purpose, const Leg& parties, Request& request) {
  return {.header = header,
          .purpose = purpose,
          .source = LegSource::kByRule,
          .legs = Append(parties, request)};
}

// The legs of a transaction, at most kMaxLegs + 1 of them. None if not even the first is there.
std::span<const Leg> LegsIn(const v1::Transaction& message, FaultFinder& faults, Request& request) {
  const bool empty = message.debit_account() == 0 && message.credit_account() == 0 &&
                     message.amount() == 0 && message.further_legs().empty();
  if (empty) return {};
  const size_t count = LegsOf(message);
  if (count > kMaxLegs) {
    // Validate sees no more than kMaxLegs + 1 of them.
    const std::string most =
        message.by_rule() ? "at most 1 leg by rule" : absl::StrCat("at most ", kMaxLegs, " legs");
    faults.Note(Outcome::kTooManyLegs, "further_legs", most,
                std::to_string(message.further_legs_size() + 1));
  }
  LUMBUNG_CHECK(request.legs.size() + count <= request.legs.capacity());
  const size_t first = request.legs.size();
  request.legs.push_back({.debit = AccountId{message.debit_account()},
                          .credit = AccountId{message.credit_account()},
                          .amount = Amount{message.amount()}});
  for (size_t i = 1; i < count; ++i) {
    const v1::Leg& leg = message.further_legs(static_cast<int>(i) - 1);
    request.legs.push_back({.debit = AccountId{leg.debit_account()},
                            .credit = AccountId{leg.credit_account()},
                            .amount = Amount{leg.amount()}});
  }
  return {request.legs.data() + first, count};
}

// In a Transaction 0 stands for "no amount"; a negative one is kept, to be refused.
std::optional<Amount> AmountIn(const v1::Transaction& message) {
  if (message.amount() == 0) return std::nullopt;
  return Amount{message.amount()};
}

template <typename Message>
std::optional<Amount> OptionalAmount(const Message& message) {
  if (!message.has_amount()) return std::nullopt;
  return Amount{message.amount()};
}

Purpose PurposeIn(const v1::Transaction& message, FaultFinder& faults) {
  const int kind = message.kind();
  if (kind > 0 && IsKnownPurpose(static_cast<uint32_t>(kind))) [[likely]] {
    return static_cast<Purpose>(kind);
  }
  faults.Note(Outcome::kKindUnknown, "kind", "a kind of the enum Kind",
              kind == 0 ? "none" : std::to_string(kind));
  return Purpose::kNone;
}

// What a step takes beside id, reference, text and evidence.
struct Taken {
  bool kind_and_legs = false;
  bool amount = false;
  bool by_rule = false;
  bool related = false;
  bool seconds = false;
};

// A hold's by_rule has a fault of its own, see CommandIn.
Taken TakenBy(v1::Step step) {
  switch (step) {
    case v1::STEP_HOLD:
      return {.kind_and_legs = true, .amount = true, .by_rule = true, .seconds = true};
    case v1::STEP_CAPTURE:
    case v1::STEP_REFUND:
      return {.amount = true, .related = true};
    case v1::STEP_VOID:
    case v1::STEP_REVERSE:
      return {.related = true};
    default:
      return {.kind_and_legs = true, .amount = true, .by_rule = true};
  }
}

// Refuses what is set but means nothing in its step: its sender expects something that would not
// happen.
void NoteUnused(const v1::Transaction& message, FaultFinder& faults) {
  const Taken taken = TakenBy(message.step());
  const auto note = [&](std::string_view field, std::string_view why, const auto& found) {
    faults.Note(Outcome::kFieldNotOfStep, field, why, absl::StrCat(found));
  };
  if (!taken.kind_and_legs) {
    constexpr std::string_view kOfOriginal = "none, since the hold's or original's counts";
    if (message.kind() != v1::KIND_UNSPECIFIED) {
      note("kind", kOfOriginal, static_cast<int>(message.kind()));
    }
    if (message.debit_account() != 0) note("debit_account", kOfOriginal, message.debit_account());
    if (message.credit_account() != 0) {
      note("credit_account", kOfOriginal, message.credit_account());
    }
    if (!message.further_legs().empty()) {
      note("further_legs", kOfOriginal, message.further_legs_size());
    }
  }
  if (!taken.amount && message.amount() != 0) {
    note("amount", "none, since a VOID or REVERSE is of the whole", message.amount());
  }
  if (!taken.by_rule && message.by_rule()) note("by_rule", "false, outside of a POST", "true");
  if (!taken.related && message.has_related_id()) {
    const TransactionId related = ToId(message.related_id());
    if (!related.IsZero()) {
      note("related_id", "none, since a POST or HOLD follows nothing", related.ToString());
    }
  }
  if (!taken.seconds && message.hold_seconds() != 0) {
    note("hold_seconds", "none, outside of a HOLD", message.hold_seconds());
  }
}

Command CommandIn(const v1::Transaction& message, FaultFinder& faults, Request& request) {
  NoteUnused(message, faults);
  const Header header = HeaderOf(message, faults);
  const TransactionId related = ToId(message.related_id());
  switch (message.step()) {
    case v1::STEP_UNSPECIFIED:
    case v1::STEP_POST:
      return Post{.header = header,
                  .purpose = PurposeIn(message, faults),
                  .source = message.by_rule() ? LegSource::kByRule : LegSource::kExplicit,
                  .legs = LegsIn(message, faults, request)};
    case v1::STEP_HOLD:
      if (message.by_rule()) {
        faults.Note(Outcome::kLegNotOfKind, "by_rule", "false, since a hold has explicit legs",
                    "true");
      }
      return Hold{.header = header,
                  .purpose = PurposeIn(message, faults),
                  .legs = LegsIn(message, faults, request),
                  .seconds = message.hold_seconds()};
    case v1::STEP_CAPTURE:
      return Capture{.header = header, .hold = related, .amount = AmountIn(message)};
    case v1::STEP_VOID:
      return Void{.header = header, .hold = related};
    case v1::STEP_REFUND:
      return Refund{.header = header, .original = related, .amount = AmountIn(message)};
    case v1::STEP_REVERSE:
      return Reverse{.header = header, .original = related};
    default:
      // Steps that only the engine takes, and numbers of protos that are newer than this server.
      faults.Note(Outcome::kKindUnknown, "step", "POST, HOLD, CAPTURE, VOID, REFUND or REVERSE",
                  std::to_string(static_cast<int>(message.step())));
      return Void{.header = header, .hold = related};
  }
}

// The tender's account, and the kind of sale that it makes.
struct Tendered {
  AccountId payer;
  Purpose purpose = Purpose::kPayment;
  std::string_view field = "member";
};

// Refuses what is set but means nothing with the tender.
void NoteUnused(const v1::PayRequest& message, FaultFinder& faults) {
  if (message.terminal() != 0 && message.tender() != v1::TENDER_CASH) {
    faults.Note(Outcome::kFieldNotOfStep, "terminal",
                "none, since only CASH goes into a till; where it was paid is evidence.terminal",
                std::to_string(message.terminal()));
  }
  const bool of_nobody = message.tender() == v1::TENDER_CASH || message.tender() == v1::TENDER_QRIS;
  if (message.member() != 0 && of_nobody) {
    faults.Note(Outcome::kFieldNotOfStep, "member",
                "none, since only WALLET and STORE_CREDIT are a member's",
                std::to_string(message.member()));
  }
}

Tendered TenderOf(const v1::PayRequest& message, CooperativeId cooperative, FaultFinder& faults) {
  switch (message.tender()) {
    case v1::TENDER_WALLET:
      return {From(cooperative, code::kWallet, faults.Holder(message.member(), "member")),
              Purpose::kPayment, "member"};
    case v1::TENDER_CASH:
      return {TillOf(cooperative, faults.Terminal(message.terminal(), "terminal")),
              Purpose::kCashSale, "terminal"};
    case v1::TENDER_QRIS:
      return {From(cooperative, code::kQrisClearing, HolderNumber{0}), Purpose::kQrisSale,
              "cooperative"};
    case v1::TENDER_STORE_CREDIT:
      return {From(cooperative, code::kStoreCredit, faults.Holder(message.member(), "member")),
              Purpose::kStoreCreditSale, "member"};
    default:
      faults.Note(Outcome::kKindUnknown, "tender", "WALLET, CASH, QRIS or STORE_CREDIT",
                  std::to_string(static_cast<int>(message.tender())));
      return {};
  }
}

// Where a deposit goes, and by which kind.
struct Saved {
  AccountCode code = code::kWallet;
  Purpose purpose = Purpose::kDepositSukarela;
};

Saved SavingsOf(const v1::DepositRequest& message, FaultFinder& faults) {
  switch (message.savings()) {
    case v1::SAVINGS_POKOK:
      return {code::kPokok, Purpose::kDepositPokok};
    case v1::SAVINGS_WAJIB:
      return {code::kWajib, Purpose::kDepositWajib};
    case v1::SAVINGS_SUKARELA:
      return {code::kWallet, message.terminal() == 0 ? Purpose::kTopUp : Purpose::kDepositSukarela};
    default:
      faults.Note(Outcome::kKindUnknown, "savings", "POKOK, WAJIB or SUKARELA",
                  std::to_string(static_cast<int>(message.savings())));
      return {};
  }
}

}  // namespace

size_t LegsOf(const v1::Transaction& transaction) {
  return std::min(size_t{1} + static_cast<size_t>(transaction.further_legs_size()), kMaxLegs + 1);
}

Verdict Decode(const v1::Transaction& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  request.commands.push_back(CommandIn(message, faults, request));
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::PayRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const Header header = HeaderOf(message, faults);
  const CooperativeId cooperative = faults.Cooperative(message.cooperative(), "cooperative");
  const BranchId branch = faults.Branch(message.branch(), "branch");
  NoteUnused(message, faults);
  const Tendered tendered = TenderOf(message, cooperative, faults);
  const Leg parties{.debit = tendered.payer,
                    .credit = SalesOf(cooperative, branch),
                    .amount = Amount{message.amount()}};
  request.commands.push_back(ByRule(header, tendered.purpose, parties, request));
  return faults.Settle(context, {.kind = "tender", .debit = tendered.field, .credit = "branch"},
                       request);
}

Verdict Decode(const v1::TransferRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const Header header = HeaderOf(message, faults);
  const AccountId payer =
      WalletOf(message.source(), {"source.cooperative", "source.number"}, faults);
  const AccountId payee =
      WalletOf(message.target(), {"target.cooperative", "target.number"}, faults);
  const Leg parties{.debit = payer, .credit = payee, .amount = Amount{message.amount()}};
  request.commands.push_back(ByRule(header, Purpose::kTransfer, parties, request));
  return faults.Settle(context, {.debit = "source", .credit = "target"}, request);
}

Verdict Decode(const v1::DepositRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const Header header = HeaderOf(message, faults);
  const CooperativeId cooperative =
      faults.Cooperative(message.member().cooperative(), "member.cooperative");
  const Saved saved = SavingsOf(message, faults);
  const HolderNumber member = faults.Holder(message.member().number(), "member.number");
  const AccountId payer =
      saved.purpose == Purpose::kTopUp
          ? From(cooperative, code::kQrisClearing, HolderNumber{0})
          : TillOf(cooperative, faults.Terminal(message.terminal(), "terminal"));
  const Leg parties{.debit = payer,
                    .credit = From(cooperative, saved.code, member),
                    .amount = Amount{message.amount()}};
  request.commands.push_back(ByRule(header, saved.purpose, parties, request));
  return faults.Settle(context, {.kind = "savings", .debit = "terminal", .credit = "member"},
                       request);
}

Verdict Decode(const v1::WithdrawRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const Header header = HeaderOf(message, faults);
  const CooperativeId cooperative =
      faults.Cooperative(message.member().cooperative(), "member.cooperative");
  const HolderNumber member = faults.Holder(message.member().number(), "member.number");
  const Leg parties{.debit = From(cooperative, code::kWallet, member),
                    .credit = TillOf(cooperative, faults.Terminal(message.terminal(), "terminal")),
                    .amount = Amount{message.amount()}};
  request.commands.push_back(ByRule(header, Purpose::kWithdrawal, parties, request));
  return faults.Settle(context, {.debit = "member", .credit = "terminal"}, request);
}

Verdict Decode(const v1::HoldRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const Header header = HeaderOf(message, faults);
  const CooperativeId cooperative =
      faults.Cooperative(message.payer().cooperative(), "payer.cooperative");
  const HolderNumber member = faults.Holder(message.payer().number(), "payer.number");
  const Leg leg{.debit = From(cooperative, code::kWallet, member),
                .credit = SalesOf(cooperative, faults.Branch(message.branch(), "branch")),
                .amount = Amount{message.amount()}};
  request.commands.push_back(Hold{.header = header,
                                  .purpose = Purpose::kPayment,
                                  .legs = Append(leg, request),
                                  .seconds = message.seconds()});
  return faults.Settle(context, {.debit = "payer", .credit = "branch", .seconds = "seconds"},
                       request);
}

Verdict Decode(const v1::CaptureRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  request.commands.push_back(Capture{.header = HeaderOf(message, faults),
                                     .hold = ToId(message.hold_id()),
                                     .amount = OptionalAmount(message)});
  return faults.Settle(context, {.related = "hold_id"}, request);
}

Verdict Decode(const v1::VoidRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  request.commands.push_back(
      Void{.header = HeaderOf(message, faults), .hold = ToId(message.hold_id())});
  return faults.Settle(context, {.related = "hold_id"}, request);
}

Verdict Decode(const v1::RefundRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  request.commands.push_back(Refund{.header = HeaderOf(message, faults),
                                    .original = ToId(message.original_id()),
                                    .amount = OptionalAmount(message)});
  return faults.Settle(context, {.related = "original_id"}, request);
}

Verdict Decode(const v1::ReverseRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  request.commands.push_back(
      Reverse{.header = HeaderOf(message, faults), .original = ToId(message.original_id())});
  return faults.Settle(context, {.related = "original_id"}, request);
}

Verdict Decode(const v1::ResolveRequest& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  const uint32_t cooperative =
      faults.Within({0, (1u << kCooperativeBits) - 1}, message.cooperative(), "cooperative");
  if (!message.fence() && cooperative != 0) {
    faults.Note(Outcome::kFieldNotOfStep, "cooperative", "none without a fence to record it in",
                std::to_string(cooperative));
  }
  if (!message.fence() && message.has_evidence()) {
    faults.Note(Outcome::kFieldNotOfStep, "evidence", "none without a fence to record it in",
                "some");
  }
  request.commands.push_back(Resolve{
      .id = ToId(message.id()),
      .if_unknown = message.fence() ? Resolve::IfUnknown::kFence : Resolve::IfUnknown::kReport,
      .evidence = message.has_evidence() ? faults.EvidenceOf(message.evidence()) : Evidence{},
      .cooperative = CooperativeId{cooperative}});
  return faults.Settle(context, FieldNames{}, request);
}

}  // namespace lumbung
