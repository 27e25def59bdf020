#include "engine/state.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/chart.h"
#include "engine/check.h"
#include "engine/sha256.h"
#include "engine/state_data.h"

namespace lumbung {

// --- changes ---

void State::Data::KeepDailyBalance(const Account& account) {
  daily_balances.push_back({.account = account.id,
                            .date = account.last_date,
                            .debits_posted = account.debits_posted,
                            .credits_posted = account.credits_posted,
                            .held = account.held,
                            .sequence = account.last_sequence,
                            .timestamp = account.last_timestamp});
}

AccountRef State::Data::InsertAccount(const Account& account) {
  listing.Add(account.id.cooperative());
  return accounts.Insert(account);
}

void State::Data::OpenAccount(AccountId id, AssetCode asset, const Limits& limits, Moment moment) {
  const ChartLine* const line = FindChartLine(id.code());
  const Cooperative* const cooperative = cooperatives.Find(CooperativeKey(id.cooperative())).record;
  LUMBUNG_CHECK(line != nullptr && cooperative != nullptr);
  Account account;
  account.id = id;
  account.asset = asset;
  account.normal_side = line->normal_side;
  account.zone_minutes = cooperative->zone_minutes;
  account.floor = limits.floor;
  account.ceiling = limits.ceiling;
  account.per_transaction = limits.per_transaction;
  account.per_day = limits.per_day;
  account.opened_sequence = moment.sequence;
  account.last_sequence = moment.sequence;
  account.last_timestamp = moment.time;
  account.last_date = DateOf(moment.time, account.zone_minutes);
  accounts.MarkDirty(InsertAccount(account).number);
}

void State::Data::SetAccountLimits(AccountRef account, const Limits& limits, Moment moment) {
  Touch(account, moment);
  account->floor = limits.floor;
  account->ceiling = limits.ceiling;
  account->per_transaction = limits.per_transaction;
  account->per_day = limits.per_day;
}

void State::Data::PlaceHold(const HoldRecord& hold) {
  const HoldRef placed = holds.Insert(hold);
  holds.MarkDirty(placed.number);
  if (hold.leg_index == 0) AwaitDeadline(placed);
}

void State::Data::AwaitDeadline(HoldRef first) {
  ++open_holds;
  deadlines.Push({.deadline = first->deadline, .number = first.number, .first = first->sequence});
}

void State::Data::EndHold(HoldRef hold, HoldState state, Sequence sequence) {
  hold->state = state;
  hold->changed_sequence = sequence;
  holds.MarkDirty(hold.number);
  if (hold->leg_index == 0) --open_holds;
}

void State::Data::SetAccountStatus(AccountRef account, AccountStatus status, Moment moment) {
  Touch(account, moment);
  account->status = status;
}

FollowUpRef State::Data::FollowUpOf(Sequence original) {
  const FollowUpRef found = follow_ups.Find(original.value());
  if (found) return found;
  FollowUp follow_up;
  follow_up.original = original;
  return follow_ups.Insert(follow_up);
}

void State::Data::AddRefunded(Sequence original, Amount amount, Sequence sequence) {
  const FollowUpRef follow_up = FollowUpOf(original);
  follow_up->refunded = Amount{follow_up->refunded.value() + amount.value()};
  follow_up->changed_sequence = sequence;
  follow_ups.MarkDirty(follow_up.number);
}

void State::Data::SetReversed(Sequence original, Sequence sequence) {
  const FollowUpRef follow_up = FollowUpOf(original);
  follow_up->reversed = 1;
  follow_up->changed_sequence = sequence;
  follow_ups.MarkDirty(follow_up.number);
}

void State::Data::OpenCooperative(Cooperative cooperative) {
  cooperatives.MarkDirty(cooperatives.Insert(std::move(cooperative)).number);
}

void State::Data::SetPolicy(CooperativeId id, const Policy& policy, Sequence sequence) {
  const auto cooperative = cooperatives.Find(CooperativeKey(id));
  cooperative->policy = policy;
  cooperative->changed_sequence = sequence;
  cooperatives.MarkDirty(cooperative.number);
}

void State::Data::OpenBranch(Branch branch) {
  branches.MarkDirty(branches.Insert(std::move(branch)).number);
}

void State::Data::OpenTerminal(Terminal terminal) {
  terminals.MarkDirty(terminals.Insert(std::move(terminal)).number);
}

// --- reading ---

State::State() : data_(std::make_unique<Data>()) {}
State::~State() = default;

const Account* State::FindAccount(AccountId id) const {
  return std::as_const(data_->accounts).Find(id.value());
}
const Cooperative* State::FindCooperative(CooperativeId id) const {
  return std::as_const(data_->cooperatives).Find(CooperativeKey(id));
}
const Branch* State::FindBranch(CooperativeId cooperative, BranchId id) const {
  return std::as_const(data_->branches).Find(BranchKey(cooperative, id));
}
const Terminal* State::FindTerminal(CooperativeId cooperative, TerminalId id) const {
  return std::as_const(data_->terminals).Find(TerminalKey(cooperative, id));
}
const HoldRecord* State::FindHold(Sequence leg) const {
  return std::as_const(data_->holds).Find(leg.value());
}
const FollowUp* State::FindFollowUp(Sequence original) const {
  return std::as_const(data_->follow_ups).Find(original.value());
}
size_t State::account_count() const { return data_->accounts.size(); }
size_t State::open_hold_count() const { return data_->open_holds; }
Sequence State::last_sequence() const { return data_->last_sequence; }
Timestamp State::last_timestamp() const { return data_->last_timestamp; }

namespace {

// The records for which `wanted` is true, in order of their keys.
template <typename Record, typename Wanted>
std::vector<Record> Sorted(const RecordTable<Record>& table, Wanted wanted) {
  std::vector<Record> records;
  for (size_t i = 0; i < table.size(); ++i) {
    if (wanted(table.at(i))) records.push_back(table.at(i));
  }
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return KeyOf(a) < KeyOf(b); });
  return records;
}

}  // namespace

std::vector<Account> State::ListAccounts(CooperativeId cooperative, AccountId after,
                                         size_t limit) const {
  const std::vector<uint32_t>& order = data_->listing.Of(cooperative, data_->accounts);
  const auto number_after = [this](AccountId id, uint32_t number) {
    return id < data_->accounts.at(number).id;
  };
  std::vector<Account> accounts;
  for (auto it = std::upper_bound(order.begin(), order.end(), after, number_after);
       it != order.end() && accounts.size() < limit; ++it) {
    accounts.push_back(data_->accounts.at(*it));
  }
  return accounts;
}

std::vector<Cooperative> State::ListCooperatives() const {
  return Sorted(data_->cooperatives, [](const Cooperative&) { return true; });
}
std::vector<Branch> State::ListBranches(CooperativeId cooperative) const {
  return Sorted(data_->branches,
                [&](const Branch& branch) { return branch.cooperative == cooperative; });
}
std::vector<Terminal> State::ListTerminals(CooperativeId cooperative) const {
  return Sorted(data_->terminals,
                [&](const Terminal& terminal) { return terminal.cooperative == cooperative; });
}

// --- checkpoint ---

Sequence State::BeginCheckpoint() {
  data_->accounts.BeginRound();
  data_->holds.BeginRound();
  data_->follow_ups.BeginRound();
  data_->cooperatives.BeginRound();
  data_->branches.BeginRound();
  data_->terminals.BeginRound();
  return data_->last_sequence;
}

void State::CollectCheckpoint(size_t limit, CheckpointPart& part) {
  part = CheckpointPart{};
  part.daily_balances = TakeDailyBalances();
  part.as_of = data_->last_sequence;
  size_t room = limit;
  room -= data_->cooperatives.Collect(room, part.cooperatives);
  room -= data_->branches.Collect(room, part.branches);
  room -= data_->terminals.Collect(room, part.terminals);
  room -= data_->accounts.Collect(room, part.accounts);
  room -= data_->holds.Collect(room, part.holds);
  data_->follow_ups.Collect(room, part.follow_ups);
  part.complete = data_->cooperatives.RoundIsComplete() && data_->branches.RoundIsComplete() &&
                  data_->terminals.RoundIsComplete() && data_->accounts.RoundIsComplete() &&
                  data_->holds.RoundIsComplete() && data_->follow_ups.RoundIsComplete();
}

std::vector<DailyBalance> State::TakeDailyBalances() {
  return std::exchange(data_->daily_balances, {});
}

void State::Load(const CheckpointPart& part) {
  for (const Cooperative& cooperative : part.cooperatives) data_->cooperatives.Insert(cooperative);
  for (const Branch& branch : part.branches) data_->branches.Insert(branch);
  for (const Terminal& terminal : part.terminals) data_->terminals.Insert(terminal);
  for (const Account& account : part.accounts) data_->InsertAccount(account);
  for (const FollowUp& follow_up : part.follow_ups) data_->follow_ups.Insert(follow_up);
  for (const HoldRecord& hold : part.holds) {
    const HoldRef loaded = data_->holds.Insert(hold);
    if (hold.state == HoldState::kOpen && hold.leg_index == 0) data_->AwaitDeadline(loaded);
  }
}

void State::FinishLoad(Sequence watermark, Timestamp last_timestamp) {
  data_->last_sequence = watermark;
  data_->last_timestamp = last_timestamp;
}

}  // namespace lumbung
