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

v1::Transaction DeclineMaker::Make(const CooperativePlan& plan, const TerminalPlan& terminal) {
  uint32_t member = 0;
  Amount amount = DrawPayment(random_);
  const uint64_t point = random_.Below(kDeclineParts);
  if (point < kInsufficientFundsParts) {
    do {
      member = picker_.Member(plan);
    } while (IsLimited(member));
    // More than the wallet holds, with a margin for what is still on its way to it.
    const Amount held = books_.Of(plan.Of(code::kWallet, member));
    amount = Amount{std::max<int64_t>(0, held.value()) + amount.value() + Rupiah(500'000).value()};
  } else if (point < kInsufficientFundsParts + kLimitParts) {
    member = MemberThat(IsLimited, plan, random_);
    amount = Amount{kMemberLimit.value() + amount.value()};
  } else if (point < kInsufficientFundsParts + kLimitParts + kUnknownAccountParts) {
    member = plan.members + 1 + static_cast<uint32_t>(random_.Below(5'000));
  } else {
    member = MemberThat(IsFrozen, plan, random_);
  }
  return ByRule(v1::KIND_PAYMENT, {.payer = plan.Of(code::kWallet, member),
                                   .payee = plan.Of(code::kSales, terminal.branch.value()),
                                   .amount = amount});
}

}  // namespace lumbung
