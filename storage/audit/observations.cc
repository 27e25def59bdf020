#include "storage/audit/observations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/chart.h"
#include "storage/audit/own_sums.h"

namespace lumbung::audit {

namespace {

constexpr int64_t kMinutesPerDay = 24 * 60;
constexpr int64_t kClockTolerance_s = 5 * 60;
constexpr size_t kMostGaps = 64;
constexpr size_t kGapsTold = 8;

uint64_t PartyKey(CooperativeId cooperative, uint32_t number) {
  return uint64_t{cooperative.value()} << 32 | number;
}

// Fees and clearing halves come on top of what the transaction is about.
Amount AmountOf(std::span<const Entry> legs) {
  uint64_t sum = 0;
  for (const Entry& leg : legs) {
    if ((leg.flags & (kFlagClearing | kFlagFee)) == 0) {
      sum += static_cast<uint64_t>(leg.amount.value());
    }
  }
  return Amount{static_cast<int64_t>(sum)};
}

bool IsSale(Purpose purpose) {
  return purpose == Purpose::kPayment || purpose == Purpose::kCashSale ||
         purpose == Purpose::kQrisSale || purpose == Purpose::kStoreCreditSale ||
         purpose == Purpose::kBillPayment;
}

// Saturated: these sums are told, and decide nothing.
void AddTo(Amount& sum, Amount amount) { sum = CheckedAdd(sum, amount).value_or(kMaxAmount); }

std::string LimitsText(const Limits& limits) {
  const auto text = [](Amount amount) {
    return amount == kMaxAmount || amount == kMinAmount ? std::string("none")
                                                        : std::to_string(amount.value());
  };
  return "floor " + text(limits.floor) + ", ceiling " + text(limits.ceiling) +
         ", per transaction " + text(limits.per_transaction) + ", per day " + text(limits.per_day);
}

std::string StatusText(AccountStatus status) {
  switch (status) {
    case AccountStatus::kOpen:
      return "open again";
    case AccountStatus::kFrozen:
      return "frozen";
    case AccountStatus::kClosed:
      return "closed";
  }
  return "?";
}

}  // namespace

CooperativeTotals& Observations::Of(CooperativeId cooperative) {
  if (last_cooperative_ == nullptr || last_cooperative_->id != cooperative) {
    last_cooperative_ = &cooperatives_[cooperative];
    last_cooperative_->id = cooperative;
  }
  return *last_cooperative_;
}

void Observations::Add(Sequence first, std::span<const Entry> entries,
                       std::span<const std::byte> attachments) {
  for (size_t at = 0; at < entries.size();) {
    const Entry& entry = entries[at];
    const size_t count = std::clamp<size_t>(entry.leg_count, 1, entries.size() - at);
    const size_t length = std::min<size_t>(entry.attachment_length, attachments.size());
    AddTransaction({.first = Sequence{first.value() + at},
                    .legs = entries.subspan(at, count),
                    .attachment = attachments.first(length)});
    attachments = attachments.subspan(length);
    at += count;
  }
}

void Observations::AddTransaction(const Seen& seen) {
  const Entry& entry = seen.entry();
  const Step step = entry.kind.step();
  if (step == Step::kFact) return AddFact(seen);
  if (entry.terminal.value() != 0) FollowTerminal(seen);
  if (!IsNew(seen)) return;
  if (step == Step::kExpire) {
    ++expiries_;
    return;
  }
  CooperativeTotals& totals = Of(seen.cooperative());
  Count(seen, totals);
  FollowHours(seen, totals);
  if (entry.outcome != Outcome::kAccepted) return;
  FollowOperator(seen);
  if (step == Step::kReverse) Note(reversals_, seen, std::string(Name(entry.kind.purpose())));
  if (step == Step::kRefund) Note(refunds_, seen, std::string(Name(entry.kind.purpose())));
  const bool by_hand =
      entry.kind.purpose() == Purpose::kGeneral || entry.kind.purpose() == Purpose::kClosing;
  if (by_hand && step == Step::kPost) {
    Note(overrides_, seen,
         entry.kind.purpose() == Purpose::kGeneral ? "journal entry (GENERAL)"
                                                   : "closing entry (CLOSING)");
  }
}

void Observations::Count(const Seen& seen, CooperativeTotals& totals) {
  if (seen.entry().outcome != Outcome::kAccepted) {
    ++declined_;
    ++totals.declined;
    return;
  }
  ++accepted_;
  ++totals.accepted;
  for (const Entry& leg : seen.legs) {
    if (!MovesMoney(leg)) break;
    AddTo(Of(leg.debit_account.cooperative()).turnover.debits, leg.amount);
    AddTo(Of(leg.credit_account.cooperative()).turnover.credits, leg.amount);
  }
}

void Observations::AddFact(const Seen& seen) {
  const Entry& entry = seen.entry();
  if (IsNew(seen)) ++facts_;
  const auto decoded = Attachment::Decode(seen.attachment);
  if (!decoded) return;
  switch (entry.kind.fact()) {
    case Fact::kCooperativeOpened: {
      CooperativeTotals& totals = Of(seen.cooperative());
      totals.name = std::string(decoded->name);
      totals.zone_minutes = decoded->zone_minutes.value_or(0);
      break;
    }
    case Fact::kAccountOpened: {
      const ChartLine* const line = FindChartLine(entry.debit_account.code());
      if (decoded->limits && line != nullptr && *decoded->limits != line->limits) {
        Note(overrides_, seen,
             "opened " + entry.debit_account.ToString() +
                 " with limits that are not the chart's: " + LimitsText(*decoded->limits));
      }
      break;
    }
    case Fact::kAccountLimitsSet:
      if (decoded->limits) {
        Note(overrides_, seen,
             "limits of " + entry.debit_account.ToString() + ": " + LimitsText(*decoded->limits));
      }
      break;
    case Fact::kAccountStatusSet:
      if (decoded->status) {
        Note(overrides_, seen,
             entry.debit_account.ToString() + " is " + StatusText(*decoded->status));
      }
      break;
    case Fact::kPolicySet:
      Note(overrides_, seen, "policy of the cooperative");
      break;
    case Fact::kNone:
    case Fact::kBranchOpened:
    case Fact::kTerminalOpened:
      break;
  }
}

void Observations::Note(NotedList& list, const Seen& seen, std::string what) {
  if (!IsNew(seen)) return;
  if (++list.count > kMostNoted) return;
  list.first.push_back({.sequence = seen.first,
                        .time = seen.entry().timestamp,
                        .cooperative = seen.cooperative(),
                        .operator_id = seen.entry().operator_id,
                        .amount = AmountOf(seen.legs),
                        .what = std::move(what)});
}

void Observations::FollowTerminal(const Seen& seen) {
  const Entry& entry = seen.entry();
  Terminal& terminal = terminals_[PartyKey(seen.cooperative(), entry.terminal.value())];
  terminal.report.cooperative = seen.cooperative();
  terminal.report.terminal = entry.terminal;
  if (entry.terminal_sequence != 0) FollowCounter(seen, terminal);
  if (!IsNew(seen)) return;
  ++terminal.report.transactions;
  if (entry.device_time != 0) FollowClock(entry, terminal.report);
}

void Observations::FollowCounter(const Seen& seen, Terminal& terminal) {
  Counter& counter = terminal.counter;
  const uint32_t number = seen.entry().terminal_sequence;
  if (!IsNew(seen)) counter.greatest_before = std::max(counter.greatest_before, number);
  if (!counter.begun) {
    counter.begun = true;
    counter.greatest = number;
    return;
  }
  if (number > counter.greatest) {
    if (number - counter.greatest > 1) {
      counter.gaps.push_back({counter.greatest + 1, number - 1});
      if (counter.gaps.size() > kMostGaps) {
        ++terminal.report.gaps_forgotten;
        if (IsNew(seen)) {
          terminal.report.missing += counter.gaps[0].last - counter.gaps[0].first + 1;
        }
        counter.gaps.erase(counter.gaps.begin());
      }
    }
    counter.greatest = number;
    return;
  }
  // It fills a gap, or it is there already.
  const auto gap = std::ranges::find_if(counter.gaps, [&](const CounterRange& range) {
    return range.first <= number && number <= range.last;
  });
  if (gap == counter.gaps.end()) {
    if (!IsNew(seen)) return;
    if (terminal.report.repeats++ == 0) terminal.report.first_repeat = seen.first;
    return;
  }
  const CounterRange behind{number + 1, gap->last};
  if (gap->first == number) {
    *gap = behind;
    if (gap->first > gap->last) counter.gaps.erase(gap);
  } else {
    gap->last = number - 1;
    if (behind.first <= behind.last) counter.gaps.insert(gap + 1, behind);
  }
}

void Observations::FollowClock(const Entry& entry, TerminalReport& report) const {
  const int64_t ahead = int64_t{entry.device_time} - entry.timestamp.value() / kNsPerSecond;
  if (ahead > kClockTolerance_s) {
    ++report.clock_ahead;
    report.most_ahead_s = std::max(report.most_ahead_s, ahead);
  } else if (-ahead > kClockTolerance_s) {
    ++report.clock_behind;
    report.most_behind_s = std::max(report.most_behind_s, -ahead);
  }
}

void Observations::FollowHours(const Seen& seen, CooperativeTotals& totals) {
  const int64_t minutes =
      seen.entry().timestamp.value() / (60 * kNsPerSecond) + totals.zone_minutes;
  const auto of_day = static_cast<uint32_t>(minutes % kMinutesPerDay);
  if (of_day >= hours_.from && of_day < hours_.to) return;
  if (seen.entry().terminal.value() == 0) {
    ++totals.others_out;
    return;
  }
  ++totals.at_terminals_out;
  Note(out_of_hours_, seen,
       std::string(Name(seen.entry().kind.step())) + " " +
           std::string(Name(seen.entry().kind.purpose())) + " at terminal " +
           std::to_string(seen.entry().terminal.value()));
}

void Observations::FollowOperator(const Seen& seen) {
  const Entry& entry = seen.entry();
  const Step step = entry.kind.step();
  const bool sells =
      (step == Step::kPost || step == Step::kCapture) && IsSale(entry.kind.purpose());
  if (!sells && step != Step::kRefund && step != Step::kReverse) return;
  if (entry.operator_id.value() == 0) return;
  OperatorReport& report = operators_[PartyKey(seen.cooperative(), entry.operator_id.value())];
  report.cooperative = seen.cooperative();
  report.operator_id = entry.operator_id;
  const Amount amount = AmountOf(seen.legs);
  if (sells) {
    ++report.sales;
    AddTo(report.sold, amount);
  } else if (step == Step::kRefund) {
    ++report.refunds;
    AddTo(report.refunded, amount);
  } else {
    ++report.reversals;
    AddTo(report.reversed, amount);
  }
}

void Observations::Tell(Report& report) const {
  report.accepted = accepted_;
  report.declined = declined_;
  report.facts = facts_;
  report.expiries = expiries_;
  report.reversals = reversals_;
  report.refunds = refunds_;
  report.overrides = overrides_;
  report.out_of_hours = out_of_hours_;
  for (const auto& [id, totals] : cooperatives_) report.cooperatives.push_back(totals);
  for (const auto& [key, terminal] : terminals_) {
    TerminalReport& told = report.terminals.emplace_back(terminal.report);
    for (const CounterRange& gap : terminal.counter.gaps) {
      if (gap.first <= terminal.counter.greatest_before) continue;
      told.missing += gap.last - gap.first + 1;
      if (told.gaps.size() < kGapsTold) told.gaps.push_back(gap);
    }
    const bool silent =
        told.missing == 0 && told.repeats == 0 && told.clock_ahead == 0 && told.clock_behind == 0;
    if (silent) report.terminals.pop_back();
  }
  std::ranges::sort(report.terminals, {}, [](const TerminalReport& terminal) {
    return PartyKey(terminal.cooperative, terminal.terminal.value());
  });
  for (const auto& [key, operator_report] : operators_) {
    if (operator_report.refunds + operator_report.reversals > 0) {
      report.operators.push_back(operator_report);
    }
  }
  std::ranges::sort(report.operators, {}, [](const OperatorReport& one) {
    return PartyKey(one.cooperative, one.operator_id.value());
  });
}

}  // namespace lumbung::audit
