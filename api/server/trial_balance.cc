#include "api/server/trial_balance.h"

#include <limits>

#include "engine/chart.h"

namespace lumbung {

void TrialBalance::Add(const Account& account, Amount balance) {
  Line& line = lines_[{account.id.code(), account.asset}];
  ++line.accounts;
  const __int128 amount = balance.value();
  line.debit_less_credit += account.normal_side == Side::kDebit ? amount : -amount;
}

absl::Status TrialBalance::Encode(v1::GetTrialBalanceReply& reply) const {
  constexpr __int128 kMost = std::numeric_limits<int64_t>::max();
  __int128 debit = 0;
  __int128 credit = 0;
  for (const auto& [key, line] : lines_) {
    const __int128 net = line.debit_less_credit;
    (net > 0 ? debit : credit) += net > 0 ? net : -net;
    if (debit > kMost || credit > kMost) {
      return absl::OutOfRangeError("a total of the trial balance does not fit into 64 bits");
    }
    v1::TrialBalanceLine& added = *reply.add_lines();
    added.set_code(key.first.value());
    added.set_asset(key.second.value());
    added.set_accounts(line.accounts);
    if (net > 0) added.set_debit(static_cast<int64_t>(net));
    if (net < 0) added.set_credit(static_cast<int64_t>(-net));
    if (const ChartLine* const chart = FindChartLine(key.first)) {
      added.set_name(chart->name.data(), chart->name.size());
      added.set_name_id(chart->name_id.data(), chart->name_id.size());
    }
  }
  reply.set_total_debit(static_cast<int64_t>(debit));
  reply.set_total_credit(static_cast<int64_t>(credit));
  return absl::OkStatus();
}

}  // namespace lumbung
