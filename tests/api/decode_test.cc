// Decoding: what becomes of each message, and that every malformed one names its outcome and field.
#include "api/server/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <functional>
#include <string>
#include <variant>

#include "api/server/convert.h"
#include "engine/chart.h"
#include "engine/limits.h"
#include "tests/api/decoding.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

v1::PayRequest Pay() {
  v1::PayRequest pay;
  *pay.mutable_id() = IdAhead(0);
  pay.set_tender(v1::TENDER_WALLET);
  pay.set_cooperative(7);
  pay.set_branch(2);
  pay.set_member(55);
  pay.set_amount(125'000);
  return pay;
}

TEST(DecodeTransaction, KeepsEveryField) {
  v1::Transaction message = Payment();
  message.set_reference(99);
  message.set_text("INV-1");
  v1::Evidence& evidence = *message.mutable_evidence();
  evidence.set_branch(2);
  evidence.set_terminal(3);
  evidence.set_operator_id(4);
  evidence.set_device_time_s(5);
  evidence.set_terminal_sequence(6);
  Request request;
  ASSERT_EQ(DecodeInto(message, request).outcome, Outcome::kAccepted);
  const Post& post = std::get<Post>(request.commands.front());
  EXPECT_EQ(post.header.id, ToId(message.id()));
  EXPECT_EQ(post.header.reference, 99u);
  EXPECT_EQ(post.header.text, "INV-1");
  EXPECT_EQ(post.header.text.data(), message.text().data()) << "text must not be copied";
  EXPECT_EQ(post.header.evidence.branch, BranchId{2});
  EXPECT_EQ(post.header.evidence.terminal, TerminalId{3});
  EXPECT_EQ(post.header.evidence.operator_id, OperatorId{4});
  EXPECT_EQ(post.header.evidence.device_time, 5u);
  EXPECT_EQ(post.header.evidence.terminal_sequence, 6u);
  EXPECT_EQ(post.purpose, Purpose::kPayment);
  EXPECT_EQ(post.source, LegSource::kExplicit);
  ASSERT_EQ(post.legs.size(), 1u);
  EXPECT_EQ(post.legs[0].amount, Amount{125'000});
}

TEST(DecodeTransaction, PutsTheFurtherLegsBehindTheFirst) {
  v1::Transaction message = Payment();
  message.set_kind(v1::KIND_GENERAL);
  v1::Leg& leg = *message.add_further_legs();
  leg.set_debit_account(AccountOf(7, code::kPlatformFee, 0));
  leg.set_credit_account(AccountOf(7, code::kBank, 0));
  leg.set_amount(10);
  Request request;
  ASSERT_EQ(DecodeInto(message, request).outcome, Outcome::kAccepted);
  const Post& post = std::get<Post>(request.commands.front());
  ASSERT_EQ(post.legs.size(), 2u);
  EXPECT_EQ(post.legs[1].amount, Amount{10});
}

TEST(DecodeTransaction, ReadsAStepThatIsNotSetAsPost) {
  Request request;
  ASSERT_EQ(DecodeInto(Payment(), request).outcome, Outcome::kAccepted);
  EXPECT_TRUE(std::holds_alternative<Post>(request.commands.front()));
}

TEST(DecodeTransaction, ReadsAnAmountOfZeroInACaptureAsAll) {
  v1::Transaction message;
  *message.mutable_id() = IdAhead(0);
  *message.mutable_related_id() = IdAhead(-1);
  message.set_step(v1::STEP_CAPTURE);
  Request request;
  ASSERT_EQ(DecodeInto(message, request).outcome, Outcome::kAccepted);
  EXPECT_FALSE(std::get<Capture>(request.commands.front()).amount.has_value());
}

TEST(DecodeTransaction, NamesTheIdKindStepOrTextAtFault) {
  using T = v1::Transaction;
  const std::string long_text(kMaxTextBytes + 1, 'x');
  const Bad<T> cases[] = {
      {"no id", [](T& t) { t.clear_id(); }, Outcome::kIdMissing, "id"},
      {"a variant that is none", [](T& t) { t.mutable_id()->set_low(1); }, Outcome::kIdMalformed,
       "id"},
      {"version 0", [](T& t) { t.mutable_id()->set_high(1); }, Outcome::kIdMalformed, "id"},
      {"over 5 minutes ahead", [](T& t) { *t.mutable_id() = IdAhead(300'001); },
       Outcome::kIdFromTheFuture, "id"},
      {"no kind", [](T& t) { t.clear_kind(); }, Outcome::kKindUnknown, "kind"},
      {"a kind of tomorrow", [](T& t) { t.set_kind(static_cast<v1::Kind>(300)); },
       Outcome::kKindUnknown, "kind"},
      {"a negative kind", [](T& t) { t.set_kind(static_cast<v1::Kind>(-1)); },
       Outcome::kKindUnknown, "kind"},
      {"an expiry", [](T& t) { t.set_step(v1::STEP_EXPIRE); }, Outcome::kKindUnknown, "step"},
      {"a fact", [](T& t) { t.set_step(v1::STEP_FACT); }, Outcome::kKindUnknown, "step"},
      {"a step of tomorrow", [](T& t) { t.set_step(static_cast<v1::Step>(77)); },
       Outcome::kKindUnknown, "step"},
      {"a long text", [&](T& t) { t.set_text(long_text); }, Outcome::kTextTooLong, "text"},
  };
  for (const Bad<T>& bad : cases) ExpectRefused(Payment(), bad);
}

TEST(DecodeTransaction, NamesTheLegAtFault) {
  using T = v1::Transaction;
  const Bad<T> cases[] = {
      {"no legs",
       [](T& t) {
         t.clear_debit_account();
         t.clear_credit_account();
         t.clear_amount();
       },
       Outcome::kLegsMissing, "debit_account"},
      {"65 legs",
       [](T& t) {
         for (size_t i = 0; i < kMaxLegs; ++i) t.add_further_legs();
       },
       Outcome::kTooManyLegs, "further_legs"},
      {"by rule with further legs",
       [](T& t) {
         t.set_by_rule(true);
         t.add_further_legs();
       },
       Outcome::kTooManyLegs, "further_legs"},
      {"no debit account", [](T& t) { t.clear_debit_account(); }, Outcome::kAccountMalformed,
       "debit_account"},
      {"a code not of the chart",
       [](T& t) { t.set_credit_account(AccountOf(7, AccountCode{9999}, 2)); },
       Outcome::kAccountMalformed, "credit_account"},
      {"a malformed account in a further leg",
       [](T& t) {
         t.set_kind(v1::KIND_GENERAL);
         v1::Leg& leg = *t.add_further_legs();
         leg.set_debit_account(t.debit_account());
         leg.set_amount(1);
       },
       Outcome::kAccountMalformed, "further_legs[0].credit_account"},
      {"a branch that is too large", [](T& t) { t.mutable_evidence()->set_branch(65'536); },
       Outcome::kAccountMalformed, "evidence.branch"},
      {"a terminal that is too large", [](T& t) { t.mutable_evidence()->set_terminal(70'000); },
       Outcome::kAccountMalformed, "evidence.terminal"},
      {"the same account twice", [](T& t) { t.set_credit_account(t.debit_account()); },
       Outcome::kSameAccount, "credit_account"},
      {"no amount", [](T& t) { t.clear_amount(); }, Outcome::kAmountNotPositive, "amount"},
      {"a negative amount", [](T& t) { t.set_amount(-1); }, Outcome::kAmountNotPositive, "amount"},
      {"two cooperatives", [](T& t) { t.set_credit_account(AccountOf(8, code::kSales, 2)); },
       Outcome::kCooperativesMixed, "credit_account"},
      {"a leg that is not of the kind", [](T& t) { t.set_kind(v1::KIND_WITHDRAWAL); },
       Outcome::kLegNotOfKind, "debit_account"},
  };
  for (const Bad<T>& bad : cases) ExpectRefused(Payment(), bad);
}

TEST(DecodeTransaction, NamesWhatAHoldOrAFollowingStepLacks) {
  using T = v1::Transaction;
  const Bad<T> cases[] = {
      {"a hold by rule",
       [](T& t) {
         t.set_step(v1::STEP_HOLD);
         t.set_hold_seconds(60);
         t.set_by_rule(true);
       },
       Outcome::kLegNotOfKind, "by_rule"},
      {"a hold without a duration", [](T& t) { t.set_step(v1::STEP_HOLD); },
       Outcome::kHoldSecondsInvalid, "hold_seconds"},
      {"a hold over 30 days",
       [](T& t) {
         t.set_step(v1::STEP_HOLD);
         t.set_hold_seconds(kMaxHoldSeconds + 1);
       },
       Outcome::kHoldSecondsInvalid, "hold_seconds"},
      {"a capture of nothing", [](T& t) { t.set_step(v1::STEP_CAPTURE); }, Outcome::kRelatedMissing,
       "related_id"},
      {"a reversal of itself",
       [](T& t) {
         t.set_step(v1::STEP_REVERSE);
         *t.mutable_related_id() = t.id();
       },
       Outcome::kRelatedIsItself, "related_id"},
      {"a refund of less than nothing",
       [](T& t) {
         t.set_step(v1::STEP_REFUND);
         *t.mutable_related_id() = IdAhead(-1);
         t.set_amount(-5);
       },
       Outcome::kAmountNotPositive, "amount"},
  };
  for (const Bad<T>& bad : cases) ExpectRefused(Payment(), bad);
}

TEST(DecodeTransaction, ReportsTheLowerNumberOfTwoFaults) {
  v1::Transaction message = Payment();
  message.mutable_evidence()->set_branch(70'000);
  message.clear_id();
  EXPECT_EQ(VerdictOf(message).outcome, Outcome::kIdMissing);
}

TEST(DecodeTransaction, TakesAnIdFiveMinutesAhead) {
  v1::Transaction message = Payment();
  *message.mutable_id() = IdAhead(299'999);
  EXPECT_EQ(VerdictOf(message).outcome, Outcome::kAccepted);
}

TEST(DecodePay, MakesEachTendersPartiesByRule) {
  struct Case {
    v1::Tender tender;
    uint64_t payer;
    Purpose purpose;
  };
  for (const Case& c :
       {Case{v1::TENDER_WALLET, AccountOf(7, code::kWallet, 55), Purpose::kPayment},
        Case{v1::TENDER_CASH, AccountOf(7, code::kTill, 3), Purpose::kCashSale},
        Case{v1::TENDER_QRIS, AccountOf(7, code::kQrisClearing, 0), Purpose::kQrisSale},
        Case{v1::TENDER_STORE_CREDIT, AccountOf(7, code::kStoreCredit, 55),
             Purpose::kStoreCreditSale}}) {
    v1::PayRequest pay = Pay();
    pay.set_tender(c.tender);
    if (c.tender == v1::TENDER_CASH) pay.set_terminal(3);
    if (c.tender == v1::TENDER_CASH || c.tender == v1::TENDER_QRIS) pay.clear_member();
    Request request;
    const Verdict verdict = DecodeInto(pay, request);
    ASSERT_EQ(verdict.outcome, Outcome::kAccepted) << verdict.message;
    const Post& post = std::get<Post>(request.commands.front());
    EXPECT_EQ(post.purpose, c.purpose);
    EXPECT_EQ(post.source, LegSource::kByRule);
    EXPECT_EQ(post.legs[0].debit.value(), c.payer);
    EXPECT_EQ(post.legs[0].credit.value(), AccountOf(7, code::kSales, 2));
  }
}

TEST(DecodePay, NamesWhatIsMalformed) {
  using P = v1::PayRequest;
  const Bad<P> cases[] = {
      {"no id", [](P& p) { p.clear_id(); }, Outcome::kIdMissing, "id"},
      {"no tender", [](P& p) { p.clear_tender(); }, Outcome::kKindUnknown, "tender"},
      {"a tender of tomorrow", [](P& p) { p.set_tender(static_cast<v1::Tender>(9)); },
       Outcome::kKindUnknown, "tender"},
      {"no cooperative", [](P& p) { p.clear_cooperative(); }, Outcome::kAccountMalformed,
       "cooperative"},
      {"a cooperative that is too large", [](P& p) { p.set_cooperative(1u << 24); },
       Outcome::kAccountMalformed, "cooperative"},
      {"no branch", [](P& p) { p.clear_branch(); }, Outcome::kAccountMalformed, "branch"},
      {"a branch that is too large", [](P& p) { p.set_branch(65'536); }, Outcome::kAccountMalformed,
       "branch"},
      {"no member", [](P& p) { p.clear_member(); }, Outcome::kAccountMalformed, "member"},
      {"a member that is too large", [](P& p) { p.set_member(1u << 26); },
       Outcome::kAccountMalformed, "member"},
      {"cash without a till",
       [](P& p) {
         p.set_tender(v1::TENDER_CASH);
         p.clear_member();
       },
       Outcome::kAccountMalformed, "terminal"},
      {"a till for what is no cash", [](P& p) { p.set_terminal(3); }, Outcome::kFieldNotOfStep,
       "terminal"},
      {"a member for what is nobody's money", [](P& p) { p.set_tender(v1::TENDER_QRIS); },
       Outcome::kFieldNotOfStep, "member"},
      {"no amount", [](P& p) { p.clear_amount(); }, Outcome::kAmountNotPositive, "amount"},
  };
  for (const Bad<P>& bad : cases) ExpectRefused(Pay(), bad);
}

TEST(DecodeTransfer, NamesTheMemberAtFault) {
  v1::TransferRequest good;
  *good.mutable_id() = IdAhead(0);
  good.mutable_source()->set_cooperative(7);
  good.mutable_source()->set_number(1);
  good.mutable_target()->set_cooperative(8);
  good.mutable_target()->set_number(1);
  good.set_amount(5);
  EXPECT_EQ(VerdictOf(good).outcome, Outcome::kAccepted);
  using T = v1::TransferRequest;
  const Bad<T> cases[] = {
      {"no source", [](T& t) { t.clear_source(); }, Outcome::kAccountMalformed,
       "source.cooperative"},
      {"no source member", [](T& t) { t.mutable_source()->clear_number(); },
       Outcome::kAccountMalformed, "source.number"},
      {"no target member", [](T& t) { t.mutable_target()->clear_number(); },
       Outcome::kAccountMalformed, "target.number"},
      {"to oneself", [](T& t) { *t.mutable_target() = t.source(); }, Outcome::kSameAccount,
       "target"},
  };
  for (const Bad<T>& bad : cases) ExpectRefused(good, bad);
}

TEST(DecodeDeposit, MakesATopUpOfADepositWithoutATill) {
  v1::DepositRequest deposit;
  *deposit.mutable_id() = IdAhead(0);
  deposit.mutable_member()->set_cooperative(7);
  deposit.mutable_member()->set_number(55);
  deposit.set_savings(v1::SAVINGS_SUKARELA);
  deposit.set_amount(5);
  Request request;
  ASSERT_EQ(DecodeInto(deposit, request).outcome, Outcome::kAccepted);
  EXPECT_EQ(std::get<Post>(request.commands.front()).purpose, Purpose::kTopUp);
  using D = v1::DepositRequest;
  const Bad<D> cases[] = {
      {"no savings", [](D& d) { d.clear_savings(); }, Outcome::kKindUnknown, "savings"},
      {"pokok without a till", [](D& d) { d.set_savings(v1::SAVINGS_POKOK); },
       Outcome::kAccountMalformed, "terminal"},
      {"no member", [](D& d) { d.clear_member(); }, Outcome::kAccountMalformed,
       "member.cooperative"},
  };
  for (const Bad<D>& bad : cases) ExpectRefused(deposit, bad);
}

TEST(DecodeWithdraw, NeedsATill) {
  v1::WithdrawRequest withdraw;
  *withdraw.mutable_id() = IdAhead(0);
  withdraw.mutable_member()->set_cooperative(7);
  withdraw.mutable_member()->set_number(55);
  withdraw.set_amount(5);
  EXPECT_EQ(VerdictOf(withdraw).field, "terminal");
  withdraw.set_terminal(3);
  EXPECT_EQ(VerdictOf(withdraw).outcome, Outcome::kAccepted);
}

TEST(DecodeHold, NamesItsOwnFields) {
  v1::HoldRequest good;
  *good.mutable_id() = IdAhead(0);
  good.mutable_payer()->set_cooperative(7);
  good.mutable_payer()->set_number(55);
  good.set_branch(2);
  good.set_amount(5);
  good.set_seconds(60);
  EXPECT_EQ(VerdictOf(good).outcome, Outcome::kAccepted);
  using H = v1::HoldRequest;
  const Bad<H> cases[] = {
      {"no payer", [](H& h) { h.clear_payer(); }, Outcome::kAccountMalformed, "payer.cooperative"},
      {"no branch", [](H& h) { h.clear_branch(); }, Outcome::kAccountMalformed, "branch"},
      {"no duration", [](H& h) { h.clear_seconds(); }, Outcome::kHoldSecondsInvalid, "seconds"},
  };
  for (const Bad<H>& bad : cases) ExpectRefused(good, bad);
}

TEST(DecodeFollowing, NamesTheOriginalAsItsMessageDoes) {
  v1::CaptureRequest capture;
  *capture.mutable_id() = IdAhead(0);
  EXPECT_EQ(VerdictOf(capture).field, "hold_id");
  *capture.mutable_hold_id() = IdAhead(-1);
  capture.set_amount(0);
  EXPECT_EQ(VerdictOf(capture).outcome, Outcome::kAmountNotPositive)
      << "an amount that is said to be 0 is not `all of it`";
  v1::VoidRequest release;
  *release.mutable_id() = IdAhead(0);
  EXPECT_EQ(VerdictOf(release).field, "hold_id");
  v1::RefundRequest refund;
  *refund.mutable_id() = IdAhead(0);
  EXPECT_EQ(VerdictOf(refund).field, "original_id");
  v1::ReverseRequest reverse;
  *reverse.mutable_id() = IdAhead(0);
  EXPECT_EQ(VerdictOf(reverse).field, "original_id");
}

TEST(DecodeResolve, NeedsAnId) {
  v1::ResolveRequest resolve;
  EXPECT_EQ(VerdictOf(resolve).outcome, Outcome::kIdMissing);
  *resolve.mutable_id() = IdAhead(0);
  resolve.set_cooperative(1u << 24);
  EXPECT_EQ(VerdictOf(resolve).field, "cooperative");
}

TEST(DecodeResolve, TakesWhatAFenceRecordsOnlyWithAFence) {
  v1::ResolveRequest good;
  *good.mutable_id() = IdAhead(0);
  EXPECT_EQ(VerdictOf(good).outcome, Outcome::kAccepted);
  using R = v1::ResolveRequest;
  const Bad<R> cases[] = {
      {"a cooperative", [](R& r) { r.set_cooperative(7); }, Outcome::kFieldNotOfStep,
       "cooperative"},
      {"evidence", [](R& r) { r.mutable_evidence()->set_terminal(3); }, Outcome::kFieldNotOfStep,
       "evidence"},
  };
  for (const Bad<R>& bad : cases) {
    ExpectRefused(good, bad);
    v1::ResolveRequest fence = good;
    bad.spoil(fence);
    fence.set_fence(true);
    EXPECT_EQ(VerdictOf(fence).outcome, Outcome::kAccepted) << bad.name;
  }
}

TEST(DecodeFacts, NameWhatIsMalformed) {
  v1::OpenCooperativeRequest cooperative;
  cooperative.set_number(7);
  cooperative.set_name("KDMP Bentangan");
  EXPECT_EQ(VerdictOf(cooperative).outcome, Outcome::kAccepted);
  using C = v1::OpenCooperativeRequest;
  const Bad<C> cases[] = {
      {"no number", [](C& c) { c.clear_number(); }, Outcome::kAccountMalformed, "number"},
      {"no name", [](C& c) { c.clear_name(); }, Outcome::kSettingInvalid, "name"},
      {"a long name", [](C& c) { c.set_name(std::string(65, 'x')); }, Outcome::kTextTooLong,
       "name"},
      {"a zone of nowhere", [](C& c) { c.set_zone_minutes(65'536 + 420); },
       Outcome::kSettingInvalid, "zone_minutes"},
      {"VAT over 100 %", [](C& c) { c.mutable_policy()->set_vat_basis_points(10'001); },
       Outcome::kSettingInvalid, "policy.vat_basis_points"},
      {"MDR that wraps", [](C& c) { c.mutable_policy()->set_mdr_basis_points(65'536); },
       Outcome::kSettingInvalid, "policy.mdr_basis_points"},
      {"a negative fee", [](C& c) { c.mutable_policy()->set_transfer_fee(-1); },
       Outcome::kSettingInvalid, "policy.transfer_fee"},
  };
  for (const Bad<C>& bad : cases) ExpectRefused(cooperative, bad);
}

TEST(DecodeFacts, TakeAnAbsentLimitAsNoLimit) {
  v1::SetAccountLimitsRequest message;
  message.set_account(AccountOf(7, code::kWallet, 55));
  message.mutable_limits()->set_per_day(500);
  Request request;
  ASSERT_EQ(DecodeInto(message, request).outcome, Outcome::kAccepted);
  const SetLimits& set = std::get<SetLimits>(request.commands.front());
  EXPECT_EQ(set.limits, (Limits{.per_day = Amount{500}}));
  message.mutable_limits()->set_per_day(-1);
  EXPECT_EQ(VerdictOf(message).field, "limits.per_day");
}

TEST(DecodeFacts, RefuseAnAssetOrStatusThatIsNone) {
  v1::OpenAccount open;
  open.set_account(AccountOf(7, code::kWallet, 55));
  EXPECT_EQ(VerdictOf(open).outcome, Outcome::kAccepted);
  open.set_asset(65'536 + 360);
  EXPECT_EQ(VerdictOf(open).field, "asset");
  v1::SetAccountStatusRequest status;
  status.set_account(AccountOf(7, code::kWallet, 55));
  status.set_status(static_cast<v1::AccountStatus>(9));
  EXPECT_EQ(VerdictOf(status).field, "status");
}

TEST(Decode, DeniesARoleThatHasNoRulesYet) {
  Request request;
  request.legs.reserve(1);
  const v1::Transaction payment = Payment();
  const DecodeContext context{.principal = {.role = Role::kAuditor, .scope = {}}, .now = kNow};
  EXPECT_EQ(Decode(payment, context, request).outcome, Outcome::kNotPermitted);
}

TEST(Convert, LeavesLimitsThatDoNotLimitAbsent) {
  v1::Limits proto;
  Encode(Limits{.floor = Amount{0}}, &proto);
  EXPECT_TRUE(proto.has_floor());
  EXPECT_FALSE(proto.has_ceiling() || proto.has_per_transaction() || proto.has_per_day());
  EXPECT_EQ(ToLimits(proto), Limits{.floor = Amount{0}});
}

TEST(Convert, SaysWhatIsAvailable) {
  Account wallet;
  wallet.normal_side = Side::kCredit;
  wallet.credits_posted = Amount{100};
  wallet.held = Amount{30};
  wallet.floor = Amount{0};
  EXPECT_EQ(AvailableOf(wallet), Amount{70});
  wallet.floor = kMinAmount;
  EXPECT_EQ(AvailableOf(wallet), kMaxAmount);
  Account credit;
  credit.normal_side = Side::kDebit;
  credit.debits_posted = Amount{40};
  credit.ceiling = Amount{100};
  EXPECT_EQ(AvailableOf(credit), Amount{60});
  credit.held = Amount{25};
  EXPECT_EQ(AvailableOf(credit), Amount{35}) << "a hold reserves room below the ceiling";
}

}  // namespace
}  // namespace lumbung
