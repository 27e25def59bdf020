#include "api/books/bookkeeper.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/business_date.h"

namespace lumbung::books {

namespace {

enum class Effect : uint8_t { kNone, kMoves, kHolds, kReleases };

Effect EffectOf(Step step) {
  switch (step) {
    case Step::kPost:
    case Step::kCapture:
    case Step::kRefund:
    case Step::kReverse:
      return Effect::kMoves;
    case Step::kHold:
      return Effect::kHolds;
    case Step::kVoid:
    case Step::kExpire:
      return Effect::kReleases;
    case Step::kNone:
    case Step::kFence:
    case Step::kFact:
      return Effect::kNone;
  }
  return Effect::kNone;
}

}  // namespace

absl::Status Bookkeeper::Read(const LedgerSource& ledger, Reader& reader) {
  reader_ = &reader;
  absl::Status status;
  const absl::Status read =
      ledger.StreamBlocks(Sequence{1}, [&](const std::shared_ptr<const StoredBlock>& block) {
        bool more = true;
        status = TakeBlock(*block, more);
        return status.ok() && more;
      });
  if (!read.ok()) return read;
  if (!status.ok()) return status;
  if (!organisation_) {
    return absl::NotFoundError(absl::StrCat("cooperative ", options_.cooperative.value(),
                                            " is not opened in this ledger, which was read up to "
                                            "entry ",
                                            last_.value()));
  }
  return absl::OkStatus();
}

absl::Status Bookkeeper::TakeBlock(const StoredBlock& block, bool& more) {
  if (last_ == kNoSequence && block.first != Sequence{1}) {
    return absl::FailedPreconditionError(
        absl::StrCat("books need the ledger from its first entry on; this one begins with entry ",
                     block.first.value()));
  }
  size_t attachments = 0;
  for (size_t i = 0; i < block.entries.size();) {
    const Entry& head = block.entries[i];
    const size_t count = head.leg_count;
    const Sequence first{block.first.value() + i};
    if (count == 0 || count > block.entries.size() - i ||
        head.attachment_length > block.attachments.size() - attachments) {
      return absl::DataLossError(absl::StrCat("the transaction at sequence ", first.value(),
                                              " goes beyond the end of its block"));
    }
    if (organisation_ && head.timestamp >= end_) {
      more = false;
      return absl::OkStatus();
    }
    absl::Status status = Take({first, block.entries.subspan(i, count),
                                block.attachments.subspan(attachments, head.attachment_length)});
    if (!status.ok()) return status;
    attachments += head.attachment_length;
    i += count;
    last_ = Sequence{first.value() + count - 1};
    last_time_ = head.timestamp;
  }
  return absl::OkStatus();
}

bool Bookkeeper::Concerns(const Entry& entry) const {
  return entry.debit_account.cooperative() == options_.cooperative ||
         entry.credit_account.cooperative() == options_.cooperative;
}

absl::Status Bookkeeper::Take(const Transaction& transaction) {
  const auto& entries = transaction.entries;
  if (std::none_of(entries.begin(), entries.end(), [&](const Entry& e) { return Concerns(e); })) {
    return absl::OkStatus();
  }
  const Entry& head = entries.front();
  const auto attachment = Attachment::Decode(transaction.attachment);
  if (!attachment) {
    return absl::DataLossError(
        absl::StrCat("the attachment of sequence ", transaction.first.value(), " can't be read"));
  }
  const Step step = head.kind.step();
  if (step == Step::kFact) return TakeFact(transaction, *attachment);
  if (!organisation_) {
    // Declined, since the cooperative is not open: an accepted one would be the ledger's fault.
    if (head.outcome == Outcome::kAccepted && step != Step::kFence) Disagree(transaction.first);
    return absl::OkStatus();
  }
  const Phase phase = head.timestamp < begin_ ? Phase::kBefore : Phase::kWithin;
  if (head.outcome != Outcome::kAccepted) {
    if (phase == Phase::kWithin) ++activity_.declined[head.outcome];
    return absl::OkStatus();
  }
  switch (EffectOf(step)) {
    case Effect::kNone:
      break;
    case Effect::kMoves:
      if (step == Step::kCapture) Release(transaction);
      TakeMovement(transaction, *attachment, phase);
      break;
    case Effect::kHolds:
      if (phase == Phase::kWithin) ++activity_.holds[step];
      TakeHold(transaction);
      break;
    case Effect::kReleases:
      if (phase == Phase::kWithin) ++activity_.holds[step];
      Release(transaction);
      break;
  }
  return absl::OkStatus();
}

absl::Status Bookkeeper::TakeFact(const Transaction& transaction, const Attachment& attachment) {
  const Entry& entry = transaction.entries.front();
  const Fact fact = entry.kind.fact();
  if (fact == Fact::kCooperativeOpened) return OpenCooperative(attachment);
  if (!organisation_) {
    Disagree(transaction.first);
  } else if (fact == Fact::kBranchOpened) {
    organisation_->branches[entry.branch.value()] = attachment.name;
  } else if (fact == Fact::kTerminalOpened) {
    organisation_->terminals[entry.terminal.value()] = {std::string(attachment.name), entry.branch};
  } else if (fact == Fact::kAccountOpened) {
    const AssetCode asset = attachment.asset.value_or(kIdr);
    if (asset == kIdr) {
      balances_.Open(entry.debit_account);
    } else {
      assets_[entry.debit_account] = asset;
    }
  }
  return absl::OkStatus();
}

absl::Status Bookkeeper::OpenCooperative(const Attachment& attachment) {
  const int16_t zone = attachment.zone_minutes.value_or(0);
  const absl::StatusOr<Days> days = options_.days(zone);
  if (!days.ok()) return days.status();
  organisation_ =
      Organisation{.name = std::string(attachment.name), .zone_minutes = zone, .days = *days};
  begin_ =
      days->first ? StartOf(*days->first, zone) : Timestamp{std::numeric_limits<int64_t>::min()};
  end_ = days->last ? StartOf(BusinessDate{days->last->value() + 1}, zone)
                    : Timestamp{std::numeric_limits<int64_t>::max()};
  return absl::OkStatus();
}

void Bookkeeper::TakeHold(const Transaction& transaction) {
  for (size_t i = 0; i < transaction.entries.size(); ++i) {
    const Entry& entry = transaction.entries[i];
    if (!Concerns(entry) || assets_.contains(entry.debit_account)) continue;
    balances_.Hold(entry.debit_account, entry.amount.value());
    open_holds_[transaction.first.value() + i] = entry.amount;
  }
}

// Each leg releases the leg of the hold in its own place, all of it: what a capture does not take
// is free again.
void Bookkeeper::Release(const Transaction& transaction) {
  for (size_t i = 0; i < transaction.entries.size(); ++i) {
    const Entry& entry = transaction.entries[i];
    if (!Concerns(entry) || assets_.contains(entry.debit_account)) continue;
    const auto held = open_holds_.find(entry.related.value() + i);
    if (held == open_holds_.end()) {
      Disagree(Sequence{transaction.first.value() + i});
      continue;
    }
    balances_.Hold(entry.debit_account, -Sum{held->second.value()});
    open_holds_.erase(held);
  }
}

void Bookkeeper::TakeMovement(const Transaction& transaction, const Attachment& attachment,
                              Phase phase) {
  const CooperativeId cooperative = options_.cooperative;
  Sum turnover = 0;
  bool booked = false;
  for (size_t i = 0; i < transaction.entries.size(); ++i) {
    const Entry& entry = transaction.entries[i];
    if (!Concerns(entry)) continue;
    if (assets_.contains(entry.debit_account) || assets_.contains(entry.credit_account)) {
      if (phase == Phase::kWithin) ++other_assets_;
      continue;
    }
    booked = true;
    const Sequence sequence{transaction.first.value() + i};
    if (entry.debit_account.cooperative() == cooperative) {
      turnover += entry.amount.value();
      PostSide({sequence, entry, Side::kDebit, entry.debit_account, entry.credit_account,
                attachment.text},
               phase);
    }
    if (entry.credit_account.cooperative() == cooperative) {
      PostSide({sequence, entry, Side::kCredit, entry.credit_account, entry.debit_account,
                attachment.text},
               phase);
    }
  }
  if (!booked || phase == Phase::kBefore) return;
  const EntryKind kind = transaction.entries.front().kind;
  Tally& tally = activity_.posted[{kind.purpose(), kind.step()}];
  ++tally.transactions;
  tally.turnover += turnover;
  reader_->OnTransactionEnd();
}

void Bookkeeper::PostSide(const Posting& posting, Phase phase) {
  const Entry& entry = posting.entry;
  const Amount recorded = posting.side == Side::kDebit ? entry.debit_balance : entry.credit_balance;
  if (!balances_.Post(posting.account, posting.side, entry.amount, phase, recorded)) {
    Disagree(posting.sequence);
  }
  if (phase == Phase::kWithin) reader_->OnPosting(posting);
}

void Bookkeeper::Disagree(Sequence sequence) {
  if (disagreement_.count++ == 0) disagreement_.first = sequence;
}

}  // namespace lumbung::books
