#include "bench/workload/party_picker.h"

#include <algorithm>

#include "bench/workload/amount_draw.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

constexpr double kCooperativeExponent = 0.9;
constexpr double kMemberExponent = 0.6;
constexpr int kAttempts = 8;
constexpr BranchId kSavingsBranch{3};

}  // namespace

PartyPicker::PartyPicker(const std::vector<CooperativePlan>& region, const ExpectedBooks& books,
                         Random& random)
    : region_(region),
      books_(books),
      random_(random),
      cooperatives_(region.size(), kCooperativeExponent) {
  for (const CooperativePlan& plan : region) members_.emplace_back(plan.members, kMemberExponent);
}

const CooperativePlan& PartyPicker::Cooperative() { return region_[cooperatives_.Draw(random_)]; }

const CooperativePlan& PartyPicker::Neighbour(const CooperativePlan& plan) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const CooperativePlan& other = Cooperative();
    if (other.id != plan.id) return other;
  }
  return plan;
}

uint32_t PartyPicker::Member(const CooperativePlan& plan) {
  const Zipf& members = members_[plan.id.value() - region_.front().id.value()];
  while (true) {
    const uint32_t member = static_cast<uint32_t>(members.Draw(random_) + 1);
    if (!IsFrozen(member)) return member;
  }
}

bool PartyPicker::CanPay(AccountId wallet, Amount amount, Amount fee) const {
  if (IsLimited(wallet.holder().value()) && amount.value() + fee.value() > kMemberLimit.value()) {
    return false;
  }
  return books_.Of(wallet).value() >= amount.value() + fee.value();
}

PartyPicker::Payer PartyPicker::WhoCanPay(const CooperativePlan& plan, Amount amount, Amount fee) {
  while (true) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const AccountId wallet = plan.Of(code::kWallet, Member(plan));
      if (CanPay(wallet, amount, fee) || amount == Rupiah(1'000)) return {wallet, amount};
    }
    // Nobody has that much today: they buy less.
    amount = std::max(Rupiah(1'000), Amount{amount.value() / (2 * kSenPerRupiah) * kSenPerRupiah});
  }
}

AccountId PartyPicker::WhoReceives(const CooperativePlan& plan, Amount amount) {
  AccountId poorest = plan.Of(code::kWallet, Member(plan));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const AccountId other = plan.Of(code::kWallet, Member(plan));
    const bool poor_enough =
        attempt >= 1 && books_.Of(poorest).value() + amount.value() <= kWalletCeiling.value();
    if (poor_enough) break;
    if (books_.Of(other) < books_.Of(poorest)) poorest = other;
  }
  return poorest;
}

uint32_t PartyPicker::Borrower(const CooperativePlan& plan) {
  for (int attempt = 0; attempt < 4 * kAttempts; ++attempt) {
    const uint32_t member = Member(plan);
    if (HasLoan(member)) return member;
  }
  return 0;
}

const TerminalPlan& PartyPicker::SalesTerminal(const CooperativePlan& plan) {
  uint64_t point = random_.Below(100);
  BranchId branch = plan.branches.back().id;
  for (const BranchPlan& candidate : plan.branches) {
    if (point < candidate.sales_percent) {
      branch = candidate.id;
      break;
    }
    point -= candidate.sales_percent;
  }
  const size_t start = random_.Below(plan.terminals.size());
  for (size_t i = 0; i < plan.terminals.size(); ++i) {
    const TerminalPlan& terminal = plan.terminals[(start + i) % plan.terminals.size()];
    if (terminal.branch == branch) return terminal;
  }
  return plan.terminals.front();
}

const TerminalPlan& PartyPicker::CashTerminal(const CooperativePlan& plan) {
  const size_t start = random_.Below(plan.terminals.size());
  for (size_t i = 0; i < plan.terminals.size(); ++i) {
    const TerminalPlan& terminal = plan.terminals[(start + i) % plan.terminals.size()];
    if (terminal.branch == kSavingsBranch) return terminal;
  }
  return plan.terminals.front();
}

}  // namespace lumbung
