#include "tests/model/naive_ledger.h"

#include <sstream>
#include <type_traits>

#include "engine/chart.h"

namespace lumbung {

namespace {

using Sum = NaiveLedger::Sum;

constexpr int64_t kNsOfASecond = 1'000'000'000;
constexpr Sum kMost = INT64_MAX;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Sum RoundHalfUp(Sum numerator, Sum denominator) {
  return (2 * numerator + denominator) / (2 * denominator);
}

AccountId Own(CooperativeId cooperative, int code, uint32_t holder = 0) {
  return AccountId::From({.cooperative = cooperative,
                          .code = AccountCode{static_cast<uint16_t>(code)},
                          .holder = HolderNumber{holder}});
}

// Everything of a command that must be the same in a repeat.
std::string ContentOf(const Header& header, Step step) {
  std::ostringstream out;
  out << static_cast<int>(step) << '|' << header.reference << '|' << header.text << '|'
      << header.evidence.branch.value() << '|' << header.evidence.terminal.value() << '|'
      << header.evidence.operator_id.value();
  return out.str();
}

std::string ContentOf(std::span<const Leg> legs) {
  std::ostringstream out;
  for (const Leg& leg : legs) {
    out << '|' << leg.debit.value() << '>' << leg.credit.value() << '=' << leg.amount.value();
  }
  return out.str();
}

std::string ContentOf(const TransactionId& related, std::optional<Amount> amount) {
  return "|" + related.ToString() + "|" + (amount ? std::to_string(amount->value()) : "all");
}

std::string ContentOf(const Post& post) {
  return ContentOf(post.header, Step::kPost) + "|" +
         std::to_string(static_cast<int>(post.purpose)) +
         (post.source == LegSource::kByRule ? "|rule" : "|explicit") + ContentOf(post.legs);
}
std::string ContentOf(const Hold& hold) {
  return ContentOf(hold.header, Step::kHold) + "|" +
         std::to_string(static_cast<int>(hold.purpose)) + "|" + std::to_string(hold.seconds) +
         ContentOf(hold.legs);
}
std::string ContentOf(const Capture& capture) {
  return ContentOf(capture.header, Step::kCapture) + ContentOf(capture.hold, capture.amount);
}
std::string ContentOf(const Void& release) {
  return ContentOf(release.header, Step::kVoid) + ContentOf(release.hold, std::nullopt);
}
std::string ContentOf(const Refund& refund) {
  return ContentOf(refund.header, Step::kRefund) + ContentOf(refund.original, refund.amount);
}
std::string ContentOf(const Reverse& reverse) {
  return ContentOf(reverse.header, Step::kReverse) + ContentOf(reverse.original, std::nullopt);
}

}  // namespace

Result NaiveLedger::Recorded(Outcome outcome, size_t entries, Timestamp now) {
  Result result;
  result.outcome = outcome;
  result.leg_count = static_cast<uint8_t>(entries);
  result.sequence = Sequence{next_};
  result.timestamp = now;
  next_ += entries;
  return result;
}

template <typename Operation>
Result NaiveLedger::Transact(const Operation& operation, Timestamp now) {
  const TransactionId id = operation.header.id;
  const std::string content = ContentOf(operation);
  const auto known = records_.find(id);
  if (known != records_.end()) {
    const Record& record = known->second;
    Result result;
    result.outcome = record.result.outcome;
    result.sequence = record.result.sequence;
    if (record.step == Step::kFence) return result;
    if (record.content != content) return Unrecorded(Outcome::kIdConflict);
    result.duplicate = true;
    return result;
  }
  Record record;
  record.content = content;
  const Outcome outcome = Decide(operation, record, now);
  if (outcome == Outcome::kOriginalUnreadable) return Unrecorded(outcome);
  // A decline for which no legs could be made takes one entry.
  record.result = Recorded(outcome, record.legs.empty() ? 1 : record.legs.size(), now);
  records_[id] = record;
  if (std::is_same_v<Operation, Hold> && outcome == Outcome::kAccepted) open_holds_.insert(id);
  if (outcome == Outcome::kAccepted) {
    const bool moved = record.step != Step::kHold && record.step != Step::kVoid;
    AddLines(record.legs, moved, record.result.sequence, now);
  }
  return record.result;
}

void NaiveLedger::AddLine(AccountId account, Sequence sequence, Timestamp now, Sum change) {
  if (!keeps_lines_) return;
  std::vector<NaiveLine>& lines = lines_[account];
  const Sum before = lines.empty() ? 0 : lines.back().balance;
  lines.push_back(
      {.sequence = sequence, .time = now, .change = change, .balance = before + change});
}

void NaiveLedger::AddLines(const std::vector<NaiveLeg>& legs, bool moved, Sequence first,
                           Timestamp now) {
  for (size_t i = 0; i < legs.size(); ++i) {
    const NaiveLeg& leg = legs[i];
    const Sequence sequence{first.value() + i};
    const Sum amount = moved ? leg.amount : 0;
    AddLine(leg.debit, sequence, now, accounts_.at(leg.debit).debit_normal ? amount : -amount);
    if (!moved) continue;
    AddLine(leg.credit, sequence, now, accounts_.at(leg.credit).debit_normal ? -amount : amount);
  }
}

Result NaiveLedger::Apply(const Command& command, Timestamp now) {
  return std::visit(
      [&](const auto& operation) -> Result {
        using Operation = std::decay_t<decltype(operation)>;
        if constexpr (requires { operation.header; })
          return Transact(operation, now);
        else if constexpr (std::is_same_v<Operation, Resolve>)
          return Answer(operation, now);
        else
          return Administer(operation, now);
      },
      command);
}

// --- transactions ---

Outcome NaiveLedger::Decide(const Post& post, Record& record, Timestamp now) {
  record.step = Step::kPost;
  record.purpose = post.purpose;
  if (post.source == LegSource::kByRule) {
    record.legs = Expand(post.purpose, post.legs[0]);
  } else {
    for (const Leg& leg : post.legs) {
      record.legs.push_back(
          {.debit = leg.debit, .credit = leg.credit, .amount = leg.amount.value()});
    }
  }
  const Outcome outcome = CheckOrganisation(record, post.header.evidence);
  return outcome == Outcome::kAccepted ? PostAll(record, now) : outcome;
}

Outcome NaiveLedger::Decide(const Hold& hold, Record& record, Timestamp now) {
  record.step = Step::kHold;
  record.purpose = hold.purpose;
  record.deadline = (now.value() + kNsOfASecond - 1) / kNsOfASecond + hold.seconds;
  for (const Leg& leg : hold.legs) {
    record.legs.push_back({.debit = leg.debit, .credit = leg.credit, .amount = leg.amount.value()});
  }
  const Outcome outcome = CheckOrganisation(record, hold.header.evidence);
  return outcome == Outcome::kAccepted ? PostAll(record, now) : outcome;
}

// Looks the hold up and copies its legs into the record.
Outcome NaiveLedger::FindHold(const TransactionId& id, const Evidence& evidence, Record& record,
                              Timestamp now) {
  const auto found = records_.find(id);
  if (found == records_.end()) return Outcome::kRelatedUnknown;
  const Record& hold = found->second;
  if (hold.step != Step::kHold || hold.result.outcome != Outcome::kAccepted) {
    return Outcome::kRelatedNotHold;
  }
  const Outcome outcome = CheckEvidence(hold.legs[0].debit.cooperative(), evidence);
  if (outcome != Outcome::kAccepted) return outcome;
  if (hold.end == HoldEnd::kCaptured) return Outcome::kHoldCaptured;
  if (hold.end == HoldEnd::kVoided) return Outcome::kHoldVoided;
  if (hold.end == HoldEnd::kExpired) return Outcome::kHoldExpired;
  if (hold.deadline <= now.value() / kNsOfASecond) return Outcome::kHoldExpired;
  record.purpose = hold.purpose;
  return Outcome::kAccepted;
}

Outcome NaiveLedger::Decide(const Capture& capture, Record& record, Timestamp now) {
  record.step = Step::kCapture;
  const Outcome outcome = FindHold(capture.hold, capture.header.evidence, record, now);
  if (outcome != Outcome::kAccepted) return outcome;
  Record& hold = records_[capture.hold];
  std::vector<NaiveLeg> legs = hold.legs;
  for (NaiveLeg& leg : legs) leg.released = leg.amount;
  if (capture.amount) {
    const Sum total = Requested(legs);
    if (capture.amount->value() > total) return Outcome::kCaptureExceedsHold;
    if (capture.amount->value() < total && legs.size() > 1) return Outcome::kCaptureNotWhole;
    if (legs.size() == 1) legs[0].amount = capture.amount->value();
  }
  record.legs = legs;
  const Outcome posted = PostAll(record, now);
  if (posted == Outcome::kAccepted) {
    hold.end = HoldEnd::kCaptured;
    open_holds_.erase(capture.hold);
  }
  return posted;
}

Outcome NaiveLedger::Decide(const Void& release, Record& record, Timestamp now) {
  record.step = Step::kVoid;
  const Outcome outcome = FindHold(release.hold, release.header.evidence, record, now);
  if (outcome != Outcome::kAccepted) return outcome;
  Record& hold = records_[release.hold];
  record.legs = hold.legs;
  for (const NaiveLeg& leg : hold.legs) Release(leg);
  hold.end = HoldEnd::kVoided;
  open_holds_.erase(release.hold);
  return Outcome::kAccepted;
}

Outcome NaiveLedger::Decide(const Refund& refund, Record& record, Timestamp now) {
  record.step = Step::kRefund;
  const auto found = records_.find(refund.original);
  if (found == records_.end()) return Outcome::kRelatedUnknown;
  Record& original = found->second;
  if (original.result.outcome != Outcome::kAccepted) return Outcome::kRelatedNotPosted;
  if (originals_are_unreadable_) return Outcome::kOriginalUnreadable;
  const Outcome evidence =
      CheckEvidence(original.legs[0].credit.cooperative(), refund.header.evidence);
  if (evidence != Outcome::kAccepted) return evidence;
  if (original.step != Step::kPost && original.step != Step::kCapture) {
    return Outcome::kRelatedNotPosted;
  }
  if (original.reversed) return Outcome::kOriginalReversed;
  const Sum left = Requested(original.legs) - original.refunded;
  const Sum amount = refund.amount ? Sum{refund.amount->value()} : left;
  if (amount > left || amount == 0) return Outcome::kRefundExceedsOriginal;
  record.purpose = original.purpose;
  record.original = refund.original;
  const std::vector<Sum> before = Share(original.legs, original.refunded);
  const std::vector<Sum> after = Share(original.legs, original.refunded + amount);
  Sum part = 0;
  for (size_t i = 0; i < original.legs.size(); ++i) {
    const NaiveLeg& leg = original.legs[i];
    if (leg.fee) continue;
    if (!leg.clearing) part = after[i] - before[i];
    if (part == 0) continue;
    record.legs.push_back(
        {.debit = leg.credit, .credit = leg.debit, .amount = part, .clearing = leg.clearing});
  }
  // A small part may leave out the first legs, and what is recorded first must fit the evidence
  // too.
  Outcome outcome = CheckEvidence(record.legs[0].debit.cooperative(), refund.header.evidence);
  if (outcome == Outcome::kAccepted) outcome = PostAll(record, now);
  if (outcome == Outcome::kAccepted) original.refunded += amount;
  return outcome;
}

Outcome NaiveLedger::Decide(const Reverse& reverse, Record& record, Timestamp now) {
  record.step = Step::kReverse;
  const auto found = records_.find(reverse.original);
  if (found == records_.end()) return Outcome::kRelatedUnknown;
  Record& original = found->second;
  if (original.result.outcome != Outcome::kAccepted) return Outcome::kRelatedNotPosted;
  if (originals_are_unreadable_) return Outcome::kOriginalUnreadable;
  // Last leg first; a clearing half stays behind the leg to which it belongs.
  std::vector<NaiveLeg> legs;
  for (size_t i = original.legs.size(); i > 0; --i) {
    const NaiveLeg& leg = original.legs[i - 1];
    const NaiveLeg mirrored{.debit = leg.credit,
                            .credit = leg.debit,
                            .amount = leg.amount,
                            .clearing = leg.clearing,
                            .fee = leg.fee};
    if (i > 1 && leg.clearing) {
      const NaiveLeg& before = original.legs[i - 2];
      legs.push_back({.debit = before.credit, .credit = before.debit, .amount = before.amount});
      legs.push_back(mirrored);
      --i;
    } else {
      legs.push_back(mirrored);
    }
  }
  const Outcome evidence = CheckEvidence(legs[0].debit.cooperative(), reverse.header.evidence);
  if (evidence != Outcome::kAccepted) return evidence;
  if (original.step != Step::kPost && original.step != Step::kCapture &&
      original.step != Step::kRefund) {
    return Outcome::kRelatedNotPosted;
  }
  if (original.reversed) return Outcome::kOriginalReversed;
  if (original.refunded > 0) return Outcome::kOriginalRefunded;
  record.purpose = original.purpose;
  record.legs = legs;
  const Outcome outcome = PostAll(record, now);
  if (outcome != Outcome::kAccepted) return outcome;
  original.reversed = true;
  if (original.original) records_[*original.original].refunded -= Requested(original.legs);
  return outcome;
}

Result NaiveLedger::Answer(const Resolve& resolve, Timestamp now) {
  const auto known = records_.find(resolve.id);
  if (known != records_.end()) {
    Result result;
    result.outcome = known->second.result.outcome;
    result.sequence = known->second.result.sequence;
    result.duplicate = true;
    return result;
  }
  if (resolve.if_unknown == Resolve::IfUnknown::kReport) return {};
  if (resolve.cooperative.value() != 0 && !cooperatives_.contains(resolve.cooperative)) {
    return Unrecorded(Outcome::kCooperativeUnknown);
  }
  Record record;
  record.step = Step::kFence;
  record.result = Recorded(Outcome::kFenced, 1, now);
  records_[resolve.id] = record;
  return record.result;
}

size_t NaiveLedger::Expire(Timestamp now) {
  // In order of the deadlines, and of one deadline in that of the sequences.
  std::map<std::pair<int64_t, Sequence>, TransactionId> due;
  for (const TransactionId& id : open_holds_) {
    const Record& hold = records_[id];
    if (hold.deadline > now.value() / kNsOfASecond) continue;
    due[{hold.deadline, hold.result.sequence}] = id;
  }
  for (const auto& [order, id] : due) {
    Record& hold = records_[id];
    for (const NaiveLeg& leg : hold.legs) Release(leg);
    hold.end = HoldEnd::kExpired;
    AddLines(hold.legs, false, Sequence{next_}, now);
    next_ += hold.legs.size();
    open_holds_.erase(id);
  }
  return due.size();
}

// --- legs ---

std::vector<NaiveLedger::NaiveLeg> NaiveLedger::Expand(Purpose purpose,
                                                       const Leg& requested) const {
  Policy policy{.mdr_basis_points = 0};
  const auto payer = cooperatives_.find(requested.debit.cooperative());
  if (payer != cooperatives_.end()) policy = payer->second.policy;
  const CooperativeId source = requested.debit.cooperative();
  const CooperativeId target = requested.credit.cooperative();
  const Sum amount = requested.amount.value();
  std::vector<NaiveLeg> legs = {
      {.debit = requested.debit, .credit = requested.credit, .amount = amount}};
  const bool sale = purpose == Purpose::kPayment || purpose == Purpose::kCashSale ||
                    purpose == Purpose::kQrisSale || purpose == Purpose::kStoreCreditSale;
  if (sale) {
    const Sum vat = RoundHalfUp(amount * policy.vat_basis_points, 10'000 + policy.vat_basis_points);
    if (vat > 0 && vat < amount) {
      legs[0].amount -= vat;
      legs.push_back({.debit = requested.debit, .credit = Own(source, 2120), .amount = vat});
    }
    const Sum mdr = RoundHalfUp(amount * policy.mdr_basis_points, 10'000);
    if (purpose == Purpose::kQrisSale && amount > policy.mdr_free_up_to.value() && mdr > 0) {
      legs.push_back(
          {.debit = Own(source, 5301), .credit = requested.debit, .amount = mdr, .fee = true});
    }
    const Sum fee = RoundHalfUp(amount * policy.platform_fee_basis_points, 10'000);
    if (fee > 0) {
      legs.push_back({.debit = Own(source, 5201),
                      .credit = Own(source, 2130, requested.credit.holder().value()),
                      .amount = fee,
                      .fee = true});
    }
  } else if (purpose == Purpose::kTransfer) {
    if (source != target) {
      legs[0].credit = Own(source, 2190);
      legs.push_back({.debit = Own(target, 1190),
                      .credit = requested.credit,
                      .amount = amount,
                      .clearing = true});
    }
    if (policy.transfer_fee.value() > 0) {
      legs.push_back({.debit = requested.debit,
                      .credit = Own(source, 4301),
                      .amount = policy.transfer_fee.value(),
                      .fee = true});
    }
  }
  return legs;
}

Outcome NaiveLedger::CheckEvidence(CooperativeId cooperative, const Evidence& evidence) const {
  if (evidence.branch.value() != 0 && !branches_.contains({cooperative, evidence.branch})) {
    return Outcome::kBranchUnknown;
  }
  if (evidence.terminal.value() == 0) return Outcome::kAccepted;
  const auto terminal = terminals_.find({cooperative, evidence.terminal});
  if (terminal == terminals_.end()) return Outcome::kTerminalUnknown;
  const bool elsewhere = evidence.branch.value() != 0 && terminal->second.first != evidence.branch;
  return elsewhere ? Outcome::kTerminalUnknown : Outcome::kAccepted;
}

Outcome NaiveLedger::CheckOrganisation(const Record& record, const Evidence& evidence) const {
  for (const NaiveLeg& leg : record.legs) {
    if (!cooperatives_.contains(leg.debit.cooperative()) ||
        !cooperatives_.contains(leg.credit.cooperative())) {
      return Outcome::kCooperativeUnknown;
    }
  }
  return CheckEvidence(record.legs[0].debit.cooperative(), evidence);
}

int64_t NaiveLedger::Day(AccountId account, Timestamp now) const {
  const int64_t zone = cooperatives_.at(account.cooperative()).zone_minutes;
  return FloorDivide(now.value() + zone * 60 * kNsOfASecond, 24 * 3600 * kNsOfASecond);
}

// All legs or none: goes back to a copy of everything.
Outcome NaiveLedger::PostAll(Record& record, Timestamp now) {
  std::map<AccountId, NaiveAccount> before;
  for (const NaiveLeg& leg : record.legs) {
    for (const AccountId id : {leg.debit, leg.credit}) {
      if (accounts_.contains(id)) before.emplace(id, accounts_[id]);
    }
  }
  Sum requested = 0;
  for (NaiveLeg& leg : record.legs) {
    if (!leg.fee && !leg.clearing) requested += leg.amount;
    Outcome outcome = CheckLeg(record, leg, now);
    // The sum of what was asked for must fit as well; a leg's own sums are among its last checks.
    const bool late = outcome == Outcome::kAccepted || outcome == Outcome::kInsufficientFunds ||
                      outcome == Outcome::kBalanceCeiling;
    if (late && requested > kMost) outcome = Outcome::kOverflow;
    if (outcome == Outcome::kAccepted) {
      leg.held_day = record.step == Step::kHold ? Day(leg.debit, now) : leg.held_day;
      outcome = PostLeg(record, leg, now);
    }
    if (outcome != Outcome::kAccepted) {
      for (const auto& [id, account] : before) accounts_[id] = account;
      return outcome;
    }
  }
  return Outcome::kAccepted;
}

Outcome NaiveLedger::CheckLeg(const Record& record, const NaiveLeg& leg, Timestamp now) const {
  if (!accounts_.contains(leg.debit)) return Outcome::kDebitAccountUnknown;
  if (!accounts_.contains(leg.credit)) return Outcome::kCreditAccountUnknown;
  const NaiveAccount& debit = accounts_.at(leg.debit);
  const NaiveAccount& credit = accounts_.at(leg.credit);
  if (debit.asset != credit.asset) return Outcome::kAssetMismatch;
  if (debit.status == AccountStatus::kClosed) return Outcome::kDebitAccountClosed;
  if (credit.status == AccountStatus::kClosed) return Outcome::kCreditAccountClosed;
  if (debit.status == AccountStatus::kFrozen) return Outcome::kDebitAccountFrozen;
  if (credit.status == AccountStatus::kFrozen) return Outcome::kCreditAccountFrozen;

  const int code = leg.debit.code().value();
  const bool reverses = record.step == Step::kReverse;
  if ((code == 3101 || code == 3102) && !reverses && record.purpose != Purpose::kMemberExit) {
    return Outcome::kDebitNotAllowed;
  }
  if (code / 1000 == 4 && !reverses && record.step != Step::kRefund &&
      record.purpose != Purpose::kClosing) {
    return Outcome::kDebitNotAllowed;
  }
  const Outcome taken = CheckTaken(record, leg, now);
  if (taken != Outcome::kAccepted) return taken;

  const bool hold = record.step == Step::kHold;
  if (hold ? debit.held + leg.amount > kMost
           : debit.debits + leg.amount > kMost || credit.credits + leg.amount > kMost) {
    return Outcome::kOverflow;
  }
  const Sum held = debit.held - leg.released;
  if (!debit.debit_normal && debit.balance() - held - leg.amount < debit.limits.floor.value()) {
    return Outcome::kInsufficientFunds;
  }
  if (!hold && credit.debit_normal && credit.balance() - leg.amount < credit.limits.floor.value()) {
    return Outcome::kInsufficientFunds;
  }
  if (debit.debit_normal && debit.balance() + held + leg.amount > debit.limits.ceiling.value()) {
    return Outcome::kBalanceCeiling;
  }
  if (!hold && !credit.debit_normal &&
      credit.balance() + leg.amount > credit.limits.ceiling.value()) {
    return Outcome::kBalanceCeiling;
  }
  return Outcome::kAccepted;
}

// The limits of a transaction and of a day, on what leaves an account.
Outcome NaiveLedger::CheckTaken(const Record& record, const NaiveLeg& leg, Timestamp now) const {
  const bool asks = record.step == Step::kPost || record.step == Step::kHold;
  if (asks && record.purpose == Purpose::kQrisSale) {
    Sum moved = 0;
    for (const NaiveLeg& other : record.legs) {
      if (!other.fee && other.debit.code() == leg.debit.code()) moved += other.amount;
    }
    if (moved > Sum{10'000'000} * 100) return Outcome::kTransactionLimit;
  }
  // Those that the leg takes from, and of each what the whole transaction and the day so far take.
  std::vector<AccountId> taken_from;
  if (asks && !accounts_.at(leg.debit).debit_normal) taken_from.push_back(leg.debit);
  const bool pays = record.step == Step::kPost || record.step == Step::kCapture;
  if (pays && accounts_.at(leg.credit).debit_normal) taken_from.push_back(leg.credit);
  // The greatest amount means no limit.
  for (const AccountId id : taken_from) {
    const NaiveAccount& account = accounts_.at(id);
    Sum at_once = 0;
    for (const NaiveLeg& other : record.legs) {
      if ((account.debit_normal ? other.credit : other.debit) == id) at_once += other.amount;
    }
    const Amount most = account.limits.per_transaction;
    if (most != kMaxAmount && at_once > most.value()) return Outcome::kTransactionLimit;
  }
  for (const AccountId id : taken_from) {
    const NaiveAccount& account = accounts_.at(id);
    const auto today = account.taken.find(Day(id, now));
    const Sum taken = today == account.taken.end() ? 0 : today->second;
    const Amount most = account.limits.per_day;
    if (most != kMaxAmount && taken + leg.amount > most.value()) return Outcome::kDailyLimit;
  }
  return Outcome::kAccepted;
}

Outcome NaiveLedger::PostLeg(const Record& record, const NaiveLeg& leg, Timestamp now) {
  NaiveAccount& debit = accounts_[leg.debit];
  NaiveAccount& credit = accounts_[leg.credit];
  const bool asks = record.step == Step::kPost || record.step == Step::kHold;
  if (asks && !debit.debit_normal) debit.taken[Day(leg.debit, now)] += leg.amount;
  if (record.step == Step::kHold) {
    debit.held += leg.amount;
    return Outcome::kAccepted;
  }
  if (leg.released > 0) {
    Release({.debit = leg.debit,
             .credit = leg.credit,
             .amount = leg.released,
             .held_day = leg.held_day});
    if (!debit.debit_normal) debit.taken[leg.held_day] += leg.amount;
  }
  debit.debits += leg.amount;
  credit.credits += leg.amount;
  const bool pays = record.step == Step::kPost || record.step == Step::kCapture;
  if (pays && credit.debit_normal) credit.taken[Day(leg.credit, now)] += leg.amount;
  return Outcome::kAccepted;
}

// Gives a hold's leg back, and to the day on which it was placed.
void NaiveLedger::Release(const NaiveLeg& leg) {
  NaiveAccount& account = accounts_[leg.debit];
  account.held -= leg.amount;
  if (!account.debit_normal) account.taken[leg.held_day] -= leg.amount;
}

Sum NaiveLedger::Requested(const std::vector<NaiveLeg>& legs) const {
  Sum sum = 0;
  for (const NaiveLeg& leg : legs) {
    if (!leg.fee && !leg.clearing) sum += leg.amount;
  }
  return sum;
}

// Leg by leg: its part of what is left, in proportion to its weight among those that are left.
std::vector<Sum> NaiveLedger::Share(const std::vector<NaiveLeg>& legs, Sum refunded) const {
  std::vector<Sum> parts(legs.size(), 0);
  Sum weight = Requested(legs);
  Sum left = refunded;
  for (size_t i = 0; i < legs.size(); ++i) {
    if (legs[i].fee || legs[i].clearing) continue;
    parts[i] = RoundHalfUp(left * legs[i].amount, weight);
    left -= parts[i];
    weight -= legs[i].amount;
  }
  return parts;
}

}  // namespace lumbung
