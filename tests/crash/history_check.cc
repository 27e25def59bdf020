#include "tests/crash/history_check.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "bench/workload/build_transaction.h"
#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

using Sort = Findings::Sort;

Limits LimitsIn(const v1::Limits& limits) {
  Limits known;
  if (limits.has_floor()) known.floor = Amount{limits.floor()};
  if (limits.has_ceiling()) known.ceiling = Amount{limits.ceiling()};
  if (limits.has_per_transaction()) known.per_transaction = Amount{limits.per_transaction()};
  if (limits.has_per_day()) known.per_day = Amount{limits.per_day()};
  return known;
}

std::string Said(v1::Outcome outcome, uint64_t sequence, int64_t timestamp_ns) {
  return v1::Outcome_Name(outcome) + " at " + std::to_string(sequence) + ", time " +
         std::to_string(timestamp_ns);
}

bool IsWallet(AccountId account) { return account.code() == code::kWallet; }

}  // namespace

HistoryCheck::HistoryCheck(const std::vector<const Record*>& records, Findings& findings)
    : records_(records), findings_(findings) {
  for (const Record* record : records_) {
    for (const Sent& sent : record->sent) {
      places_[sent.payment.id] = {.sent = &sent};
    }
  }
}

void HistoryCheck::Take(const v1::Entry& entry) {
  if (entry.sequence() != next_sequence_) {
    Differs(Sort::kWrong, "entry " + std::to_string(entry.sequence()) + " follows " +
                              std::to_string(next_sequence_ - 1));
  }
  next_sequence_ = entry.sequence() + 1;
  if (entry.timestamp_ns() < last_timestamp_ns_) {
    Differs(Sort::kOrder,
            "entry " + std::to_string(entry.sequence()) + " is older than the one" + " before it");
  }
  last_timestamp_ns_ = entry.timestamp_ns();
  if (entry.step() == v1::STEP_FACT) return TakeFact(entry);
  open_.push_back(entry);
  if (entry.leg_index() + 1 < entry.leg_count()) return;
  if (entry.step() == v1::STEP_EXPIRE) {
    TakeExpiry(open_.front());
  } else {
    TakeTransaction();
  }
  open_.clear();
}

// The accounts that come with a cooperative are opened by the model together with it.
void HistoryCheck::TakeFact(const v1::Entry& entry) {
  if (entry.sequence() < model_next_) return;
  const AccountId account{entry.debit_account()};
  Command command;
  switch (entry.fact()) {
    case v1::FACT_COOPERATIVE_OPENED:
      command = OpenCooperative{.cooperative = account.cooperative(), .name = entry.name()};
      break;
    case v1::FACT_ACCOUNT_OPENED:
      command = OpenAccount{.account = account, .limits = LimitsIn(entry.limits())};
      break;
    default:
      return Differs(Sort::kForeign, "entry " + std::to_string(entry.sequence()) +
                                         " is a fact that nobody asked for");
  }
  const Result result = model_.Apply(command, Timestamp{entry.timestamp_ns()});
  if (result.outcome != Outcome::kAccepted || result.sequence.value() != entry.sequence()) {
    Differs(Sort::kWrong, "entry " + std::to_string(entry.sequence()) +
                              " is a fact that the model does not record there");
  }
  model_next_ = entry.sequence() + result.leg_count;
}

void HistoryCheck::TakeExpiry(const v1::Entry& first) {
  model_expired_ += model_.Expire(Timestamp{first.timestamp_ns()});
  ++expired_;
  if (model_expired_ == 0) {
    return Differs(Sort::kWrong, "the hold at " + std::to_string(first.related_sequence()) +
                                     " expired before its deadline");
  }
  --model_expired_;
}

void HistoryCheck::TakeTransaction() {
  const v1::Entry& first = open_.front();
  const TransactionId id = IdOf(first.id());
  const auto found = places_.find(id);
  if (found == places_.end() || found->second.sent->fate == Fate::kUnsent) {
    return Differs(Sort::kForeign, "nobody sent it");
  }
  if (found->second.seen) return Differs(Sort::kDoubled, "it is there already");
  found->second.seen = true;
  const auto born = id.BirthTime();
  if (born && born->value() > first.timestamp_ns() + kMaxClockSkewNs) {
    Differs(Sort::kWrong, "its id is from the future");
  }
  const Sent& sent = *found->second.sent;
  CompareWithRecord(sent);
  CompareContent(sent);
  CompareWithModel(sent);
  CompareBalances();
  ++confirmed_;
}

void HistoryCheck::CompareWithRecord(const Sent& sent) {
  const v1::Entry& first = open_.front();
  const Answer& answer = sent.answer;
  if (sent.fate != Fate::kAnswered) {
    return Differs(Sort::kWrong, "its client never had an answer");
  }
  if (answer.outcome != first.outcome() || answer.sequence != first.sequence() ||
      answer.timestamp_ns != first.timestamp_ns()) {
    Differs(Sort::kLost,
            "acknowledged as " + Said(answer.outcome, answer.sequence, answer.timestamp_ns) +
                ", recorded as " + Said(first.outcome(), first.sequence(), first.timestamp_ns()));
  }
}

void HistoryCheck::CompareContent(const Sent& sent) {
  const v1::Entry& first = open_.front();
  if (first.step() == v1::STEP_FENCE) return;
  const Payment& payment = sent.payment;
  if (static_cast<Step>(first.step()) != payment.step || first.reference() != payment.reference ||
      first.text() != TextOf(payment)) {
    return Differs(Sort::kWrong, "its step, reference or text is not what was sent");
  }
  if (payment.source == LegSource::kByRule) return;
  const std::vector<Leg> legs = LegsOf(payment);
  if (!legs.empty() && legs.size() != open_.size()) {
    return Differs(Sort::kWrong, "it has not as many legs as were sent");
  }
  for (size_t i = 0; i < legs.size(); ++i) {
    const v1::Entry& entry = open_[i];
    if (entry.debit_account() != legs[i].debit.value() ||
        entry.credit_account() != legs[i].credit.value() ||
        entry.amount() != legs[i].amount.value()) {
      return Differs(Sort::kWrong, "leg " + std::to_string(i) + " is not what was sent");
    }
  }
}

void HistoryCheck::CompareWithModel(const Sent& sent) {
  const v1::Entry& first = open_.front();
  const Timestamp now{first.timestamp_ns()};
  Result expected;
  if (first.step() == v1::STEP_FENCE) {
    expected =
        model_.Apply(Resolve{.id = sent.payment.id, .if_unknown = Resolve::IfUnknown::kFence}, now);
  } else {
    expected = model_.Apply(KeptCommand(sent.payment).command, now);
  }
  const auto outcome = static_cast<v1::Outcome>(expected.outcome);
  if (outcome != first.outcome() || expected.sequence.value() != first.sequence() ||
      expected.leg_count != open_.size() || expected.duplicate) {
    Differs(Sort::kWrong, "the model says " +
                              Said(outcome, expected.sequence.value(), now.value()) + " with " +
                              std::to_string(expected.leg_count) + " legs, the ledger " +
                              Said(first.outcome(), first.sequence(), first.timestamp_ns()) +
                              " with " + std::to_string(open_.size()));
  }
}

// An entry's balances are those after it: of each account, its last entry has the balance after the
// transaction.
void HistoryCheck::CompareBalances() {
  if (open_.front().outcome() != v1::OUTCOME_ACCEPTED) return;
  std::set<uint64_t> compared;
  const auto compare = [&](uint64_t account, int64_t balance) {
    if (!compared.insert(account).second) return;
    const auto expected = model_.accounts().find(AccountId{account});
    if (expected == model_.accounts().end() || expected->second.balance() != balance) {
      Differs(Sort::kWrong, "the balance of " + AccountId{account}.ToString() +
                                " behind it is not that of the model");
    }
  };
  for (auto entry = open_.rbegin(); entry != open_.rend(); ++entry) {
    compare(entry->debit_account(), entry->debit_balance());
    compare(entry->credit_account(), entry->credit_balance());
  }
}

void HistoryCheck::Finish(const std::vector<v1::Account>& accounts) {
  if (!open_.empty()) Differs(Sort::kWrong, "it is not whole at the end of the ledger");
  open_.clear();
  if (model_expired_ != 0) {
    Differs(Sort::kWrong, std::to_string(model_expired_) + " holds should have expired");
  }
  CheckAllAreThere();
  const std::vector<Acknowledged> all = InOrderOfSequences();
  CheckOrder(all);
  CheckAccounts(accounts, all);
}

void HistoryCheck::CheckAllAreThere() {
  for (const auto& [id, place] : places_) {
    if (place.seen || place.sent->fate != Fate::kAnswered) continue;
    const Answer& answer = place.sent->answer;
    Differs(Sort::kLost, id.ToString() + " was acknowledged as " +
                             Said(answer.outcome, answer.sequence, answer.timestamp_ns) +
                             " and is not in the ledger");
  }
}

std::vector<HistoryCheck::Acknowledged> HistoryCheck::InOrderOfSequences() const {
  std::vector<Acknowledged> all;
  for (const Record* record : records_) {
    for (const Sent& sent : record->sent) {
      if (sent.fate == Fate::kAnswered) all.push_back({.record = record, .sent = &sent});
    }
  }
  std::sort(all.begin(), all.end(), [](const Acknowledged& one, const Acknowledged& other) {
    return one.sent->answer.sequence < other.sent->answer.sequence;
  });
  return all;
}

// From the last to the first: nothing may have been asked for after the answer of something that
// stands behind it.
void HistoryCheck::CheckOrder(const std::vector<Acknowledged>& all) {
  int64_t first_reply_ns = std::numeric_limits<int64_t>::max();
  const Sent* first_replied = nullptr;
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    const Sent* const sent = each->sent;
    if (sent->answer.invoked_ns > first_reply_ns) {
      Differs(Sort::kOrder,
              sent->payment.id.ToString() + " at " + std::to_string(sent->answer.sequence) +
                  " was asked for after the answer of " + first_replied->payment.id.ToString() +
                  " at " + std::to_string(first_replied->answer.sequence));
    }
    if (sent->answer.replied_ns < first_reply_ns) {
      first_reply_ns = sent->answer.replied_ns;
      first_replied = sent;
    }
  }
}

void HistoryCheck::CheckAccounts(const std::vector<v1::Account>& accounts,
                                 const std::vector<Acknowledged>& all) {
  if (accounts.size() != model_.accounts().size()) {
    Differs(Sort::kWrong, std::to_string(accounts.size()) + " accounts, the model has " +
                              std::to_string(model_.accounts().size()));
  }
  const std::map<AccountId, __int128> sums = SumsOfTheRecords(all);
  for (const v1::Account& account : accounts) {
    const AccountId id{account.account()};
    const auto expected = model_.accounts().find(id);
    if (expected == model_.accounts().end()) {
      Differs(Sort::kForeign, "nobody opened " + id.ToString());
      continue;
    }
    const NaiveLedger::NaiveAccount& model = expected->second;
    if (model.balance() != account.balance() || model.held != account.held() ||
        model.debits != account.debits_posted() || model.credits != account.credits_posted()) {
      Differs(Sort::kWrong, "the server has other sums for " + id.ToString() +
                                " than the model: " + account.ShortDebugString());
    }
    const auto sum = sums.find(id);
    if (IsWallet(id) && (sum == sums.end() ? 0 : sum->second) != account.balance()) {
      Differs(Sort::kWrong, "the balance of " + id.ToString() + ", " +
                                std::to_string(account.balance()) +
                                ", is not the sum of what the clients' records say");
    }
  }
}

// What the accepted transactions did to wallets, from the clients' records alone. Fees and clearing
// accounts are none of a client's business; refunds and reversals are of one leg (payment_maker.h).
std::map<AccountId, __int128> HistoryCheck::SumsOfTheRecords(
    const std::vector<Acknowledged>& all) const {
  std::map<AccountId, __int128> sums;
  absl::flat_hash_map<const Sent*, int64_t> refunded;
  const auto move = [&sums](const Payment& parties, int64_t amount) {
    sums[parties.debit] -= amount;
    sums[parties.credit] += amount;
  };
  for (const auto& [record, sent] : all) {
    if (sent->answer.outcome != v1::OUTCOME_ACCEPTED) continue;
    const Payment& payment = sent->payment;
    if (payment.step == Step::kPost) {
      for (const Leg& leg : LegsOf(payment)) {
        sums[leg.debit] -= leg.amount.value();
        sums[leg.credit] += leg.amount.value();
      }
      continue;
    }
    if (payment.step == Step::kHold || payment.step == Step::kVoid) continue;
    const Sent& original = record->sent[payment.related];
    int64_t amount = payment.amount;
    if (amount == 0) amount = original.payment.amount - refunded[&original];
    if (payment.step == Step::kRefund) refunded[&original] += amount;
    move(original.payment, payment.step == Step::kCapture ? amount : -amount);
  }
  return sums;
}

void HistoryCheck::Differs(Sort sort, const std::string& how) {
  if (open_.empty()) return findings_.Add(sort, how);
  findings_.Add(sort, "transaction " + IdOf(open_.front().id()).ToString() + " in the ledger at " +
                          std::to_string(open_.front().sequence()) + ": " + how);
}

}  // namespace lumbung
