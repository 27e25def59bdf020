#include "bench/workload/decline_maker.h"

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

// A number of a member that `accepts` holds for, found by counting on from a drawn one.
template <typename Accepts>
uint32_t MemberThat(Accepts accepts, const CooperativePlan& plan, Random& random) {
  const uint64_t start = random.Below(plan.members);
  for (uint32_t i = 0; i < plan.members; ++i) {
    const uint32_t member = static_cast<uint32_t>((start + i) % plan.members) + 1;
    if (accepts(member)) return member;
  }
  return plan.members + 1;
}

}  // namespace

DeclineMaker::Decline DeclineMaker::Make(const CooperativePlan& plan,
                                         const TerminalPlan& terminal) {
  uint32_t member = 0;
  v1::Outcome expected = v1::OUTCOME_UNSPECIFIED;
  Amount amount = DrawPayment(random_);
  const uint64_t point = random_.Below(kDeclineParts);
  if (point < kInsufficientFundsParts) {
    do {
      member = picker_.Member(plan);
    } while (IsLimited(member));
    // More than the wallet holds, with a margin for what is still on its way to it. Not certain:
    // the books take as paid out what was declined, and that may be more than the margin.
    const Amount held = books_.Of(plan.Of(code::kWallet, member));
    amount = Amount{std::max<int64_t>(0, held.value()) + amount.value() + Rupiah(500'000).value()};
  } else if (point < kInsufficientFundsParts + kLimitParts) {
    member =
        MemberThat([](uint32_t each) { return IsLimited(each) && !IsFrozen(each); }, plan, random_);
    expected = v1::OUTCOME_TRANSACTION_LIMIT;
    amount = Amount{kMemberLimit.value() + amount.value()};
  } else if (point < kInsufficientFundsParts + kLimitParts + kUnknownAccountParts) {
    member = plan.members + 1 + static_cast<uint32_t>(random_.Below(5'000));
    expected = v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN;
  } else {
    // A limited wallet is not frozen at the setting up.
    member =
        MemberThat([](uint32_t each) { return IsFrozen(each) && !IsLimited(each); }, plan, random_);
    expected = v1::OUTCOME_DEBIT_ACCOUNT_FROZEN;
  }
  // A cooperative so small that nobody is limited, or frozen.
  if (member > plan.members) expected = v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN;
  return {.transaction =
              ByRule(v1::KIND_PAYMENT, {.payer = plan.Of(code::kWallet, member),
                                        .payee = plan.Of(code::kSales, terminal.branch.value()),
                                        .amount = amount}),
          .expected = expected};
}

}  // namespace lumbung
