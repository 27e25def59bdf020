#include "engine/facts.h"

#include <string>

#include "engine/attachment.h"
#include "engine/chart.h"
#include "engine/entry.h"
#include "engine/posting.h"

namespace lumbung {

namespace {

// Writes the entries of one command's facts and adds up its result.
class FactWriter {
 public:
  FactWriter(State::Data& data, Timestamp now, BlockWriter& out)
      : data_(data), now_(now), out_(out) {
    result_.outcome = Outcome::kAccepted;
  }

  // The entry of one fact about `subject`: an account, or cooperative.0.0.
  Entry& Write(Fact fact, AccountId subject, const Attachment& attachment) {
    const Sequence sequence = out_.next();
    Transaction transaction;
    transaction.kind = EntryKind::Of(fact);
    Attach(attachment, transaction);
    Entry& entry = out_.Append(1, transaction.attachment_bytes)[0];
    if (transaction.attachment_bytes != 0) attachment.Encode(out_.LastAttachment());
    Describe(transaction, 0, 1, now_, entry);
    entry.debit_account = subject;
    data_.last_sequence = sequence;
    data_.last_timestamp = now_;
    if (result_.sequence == kNoSequence) {
      result_.sequence = sequence;
      result_.timestamp = now_;
    }
    ++result_.leg_count;
    return entry;
  }
  // Where the last entry stands.
  Moment moment() const { return {.sequence = data_.last_sequence, .time = now_}; }

  void OpenAccount(AccountId account, AssetCode asset, const Limits& limits) {
    Attachment attachment;
    attachment.limits = limits;
    attachment.asset = asset;
    Write(Fact::kAccountOpened, account, attachment);
    data_.OpenAccount(account, asset, limits, moment());
  }
  // The accounts of the chart that this kind of holder has, as far as they are not open. After a
  // crash between two blocks some may be missing, and a repeat of the command opens them.
  void OpenChart(HolderKind kind, CooperativeId cooperative, HolderNumber holder) {
    for (const ChartLine& line : StandardChart()) {
      if (line.holder != kind) continue;
      const AccountId account =
          AccountId::From({.cooperative = cooperative, .code = line.code, .holder = holder});
      if (!data_.accounts.Find(account.value())) OpenAccount(account, kIdr, line.limits);
    }
  }

  const Result& result() const { return result_; }

 private:
  State::Data& data_;
  Timestamp now_;
  BlockWriter& out_;
  Result result_;
};

AccountId Subject(CooperativeId cooperative) {
  return AccountId::From({.cooperative = cooperative, .code = {}, .holder = {}});
}

Result Unrecorded(Outcome outcome) {
  Result result;
  result.outcome = outcome;
  return result;
}

Limits LimitsOf(const Account& account) {
  return {.floor = account.floor,
          .ceiling = account.ceiling,
          .per_transaction = account.per_transaction,
          .per_day = account.per_day};
}

}  // namespace

Result Facts::Execute(const OpenCooperative& open, Timestamp now, BlockWriter& out) {
  FactWriter writer(data_, now, out);
  const auto known = data_.cooperatives.Find(CooperativeKey(open.cooperative));
  if (known) {
    const bool same = known->zone_minutes == open.zone_minutes && known->name == open.name &&
                      (!open.policy || *open.policy == known->policy);
    if (!same) return Unrecorded(Outcome::kIdConflict);
  } else {
    const Policy policy = open.policy.value_or(Policy{});
    Attachment attachment;
    attachment.name = open.name;
    attachment.zone_minutes = open.zone_minutes;
    attachment.policy = policy;
    writer.Write(Fact::kCooperativeOpened, Subject(open.cooperative), attachment);
    data_.OpenCooperative({.id = open.cooperative,
                           .zone_minutes = open.zone_minutes,
                           .policy = policy,
                           .name = std::string(open.name),
                           .opened_sequence = writer.moment().sequence,
                           .changed_sequence = writer.moment().sequence,
                           .opened_at = now});
  }
  writer.OpenChart(HolderKind::kCooperative, open.cooperative, HolderNumber{0});
  return writer.result();
}

Result Facts::Execute(const OpenBranch& open, Timestamp now, BlockWriter& out) {
  if (!data_.cooperatives.Find(CooperativeKey(open.cooperative))) {
    return Unrecorded(Outcome::kCooperativeUnknown);
  }
  FactWriter writer(data_, now, out);
  const auto known = data_.branches.Find(BranchKey(open.cooperative, open.branch));
  if (known) {
    if (known->name != open.name) return Unrecorded(Outcome::kIdConflict);
  } else {
    Attachment attachment;
    attachment.name = open.name;
    Entry& entry = writer.Write(Fact::kBranchOpened, Subject(open.cooperative), attachment);
    entry.branch = open.branch;
    data_.OpenBranch({.cooperative = open.cooperative,
                      .id = open.branch,
                      .name = std::string(open.name),
                      .opened_sequence = writer.moment().sequence,
                      .opened_at = now});
  }
  writer.OpenChart(HolderKind::kBranch, open.cooperative, HolderNumber{open.branch.value()});
  return writer.result();
}

Result Facts::Execute(const OpenTerminal& open, Timestamp now, BlockWriter& out) {
  if (!data_.cooperatives.Find(CooperativeKey(open.cooperative))) {
    return Unrecorded(Outcome::kCooperativeUnknown);
  }
  if (!data_.branches.Find(BranchKey(open.cooperative, open.branch))) {
    return Unrecorded(Outcome::kBranchUnknown);
  }
  FactWriter writer(data_, now, out);
  const auto known = data_.terminals.Find(TerminalKey(open.cooperative, open.terminal));
  if (known) {
    const bool same = known->branch == open.branch && known->name == open.name;
    if (!same) return Unrecorded(Outcome::kIdConflict);
  } else {
    Attachment attachment;
    attachment.name = open.name;
    Entry& entry = writer.Write(Fact::kTerminalOpened, Subject(open.cooperative), attachment);
    entry.branch = open.branch;
    entry.terminal = open.terminal;
    data_.OpenTerminal({.cooperative = open.cooperative,
                        .branch = open.branch,
                        .id = open.terminal,
                        .name = std::string(open.name),
                        .opened_sequence = writer.moment().sequence,
                        .opened_at = now});
  }
  writer.OpenChart(HolderKind::kTerminal, open.cooperative, HolderNumber{open.terminal.value()});
  return writer.result();
}

// Whether the cooperative is open, and the branch or terminal that would hold the account.
Outcome Facts::CheckHolder(AccountId account) const {
  if (!data_.cooperatives.Find(CooperativeKey(account.cooperative()))) {
    return Outcome::kCooperativeUnknown;
  }
  const uint16_t holder = static_cast<uint16_t>(account.holder().value());
  switch (FindChartLine(account.code())->holder) {
    case HolderKind::kBranch:
      return data_.branches.Find(BranchKey(account.cooperative(), BranchId{holder}))
                 ? Outcome::kAccepted
                 : Outcome::kBranchUnknown;
    case HolderKind::kTerminal:
      return data_.terminals.Find(TerminalKey(account.cooperative(), TerminalId{holder}))
                 ? Outcome::kAccepted
                 : Outcome::kTerminalUnknown;
    case HolderKind::kCooperative:
    case HolderKind::kMember:
    case HolderKind::kLoan:
      return Outcome::kAccepted;
  }
  return Outcome::kAccepted;
}

Result Facts::Execute(const OpenAccount& open, Timestamp now, BlockWriter& out) {
  FactWriter writer(data_, now, out);
  if (const AccountRef known = data_.accounts.Find(open.account.value())) {
    const bool same = known->asset == open.asset && known->status != AccountStatus::kClosed &&
                      (!open.limits || *open.limits == LimitsOf(*known));
    return same ? writer.result() : Unrecorded(Outcome::kIdConflict);
  }
  const Outcome outcome = CheckHolder(open.account);
  if (outcome != Outcome::kAccepted) return Unrecorded(outcome);
  writer.OpenAccount(open.account, open.asset,
                     open.limits.value_or(FindChartLine(open.account.code())->limits));
  return writer.result();
}

// Whether the account is open or frozen.
Outcome Facts::CheckAccount(AccountId account) const {
  if (const AccountRef known = data_.accounts.Find(account.value())) {
    return known->status == AccountStatus::kClosed ? Outcome::kDebitAccountClosed
                                                   : Outcome::kAccepted;
  }
  return data_.cooperatives.Find(CooperativeKey(account.cooperative()))
             ? Outcome::kDebitAccountUnknown
             : Outcome::kCooperativeUnknown;
}

Result Facts::Execute(const SetLimits& set, Timestamp now, BlockWriter& out) {
  const Outcome outcome = CheckAccount(set.account);
  if (outcome != Outcome::kAccepted) return Unrecorded(outcome);
  FactWriter writer(data_, now, out);
  const AccountRef account = data_.accounts.Find(set.account.value());
  if (LimitsOf(*account) == set.limits) return writer.result();
  Attachment attachment;
  attachment.limits = set.limits;
  Entry& entry = writer.Write(Fact::kAccountLimitsSet, set.account, attachment);
  entry.debit_balance = account->balance();
  entry.debit_previous = account->last_sequence;
  data_.SetAccountLimits(account, set.limits, writer.moment());
  return writer.result();
}

Result Facts::Execute(const SetStatus& set, Timestamp now, BlockWriter& out) {
  FactWriter writer(data_, now, out);
  const AccountRef account = data_.accounts.Find(set.account.value());
  if (account && account->status == set.status) return writer.result();
  const Outcome outcome = CheckAccount(set.account);
  if (outcome != Outcome::kAccepted) return Unrecorded(outcome);
  const bool empty = account->balance().value() == 0 && account->held.value() == 0;
  if (set.status == AccountStatus::kClosed && !empty) {
    return Unrecorded(Outcome::kAccountNotEmpty);
  }
  Attachment attachment;
  attachment.status = set.status;
  Entry& entry = writer.Write(Fact::kAccountStatusSet, set.account, attachment);
  entry.debit_balance = account->balance();
  entry.debit_previous = account->last_sequence;
  data_.SetAccountStatus(account, set.status, writer.moment());
  return writer.result();
}

Result Facts::Execute(const SetPolicy& set, Timestamp now, BlockWriter& out) {
  const auto cooperative = data_.cooperatives.Find(CooperativeKey(set.cooperative));
  if (!cooperative) return Unrecorded(Outcome::kCooperativeUnknown);
  FactWriter writer(data_, now, out);
  if (cooperative->policy == set.policy) return writer.result();
  Attachment attachment;
  attachment.policy = set.policy;
  writer.Write(Fact::kPolicySet, Subject(set.cooperative), attachment);
  data_.SetPolicy(set.cooperative, set.policy, writer.moment().sequence);
  return writer.result();
}

}  // namespace lumbung
