#include "storage/audit/tally.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/attachment.h"
#include "storage/block_chain.h"
#include "storage/transparency/entry_leaves.h"

namespace lumbung::audit {

namespace {

constexpr size_t kBlocksWaiting = 64;

uint64_t SignedUpTo(const KnownCheckpoints& checkpoints) {
  uint64_t size = 0;
  for (const KnownCheckpoint& known : checkpoints.all) {
    if (known.from == CheckpointFrom::kLog) size = std::max(size, known.checkpoint.size);
  }
  return size;
}

Sequence SinceOf(const Question& question) {
  return question.visit ? question.visit->standing.last : Sequence{};
}

}  // namespace

Tally::Tally(const Question& question)
    : question_(question),
      merkle_([this](unsigned height, uint64_t first, std::span<const MerkleHash> nodes) {
        if (tree_) tree_->Compare(height, first, nodes);
      }),
      ids_(question.work_folder),
      observations_(question.hours, SinceOf(question)) {
  for (const KnownCheckpoint& known : question.checkpoints.all) {
    expected_.push_back({known.checkpoint.size, known.checkpoint.root, Check::kCheckpoints,
                         known.from, known.source});
  }
  if (question.visit) {
    expected_.push_back({question.visit->standing.last.value(), question.visit->standing.root,
                         Check::kVisit, CheckpointFrom::kAuditor, "the last visit"});
  }
  std::ranges::stable_sort(expected_, {}, &Expected::size);
  if (question.tree_folder) {
    tree_.emplace(*question.tree_folder, SignedUpTo(question.checkpoints));
  }
  CompareRoots();  // of the empty tree
  thread_ = std::thread([this] { Work(); });
}

Tally::~Tally() { Finish().IgnoreError(); }

void Tally::Push(std::shared_ptr<const StoredBlock> block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return blocks_.size() < kBlocksWaiting; });
  blocks_.push_back(std::move(block));
  if (blocks_.size() == 1) changed_.notify_all();
}

absl::Status Tally::Finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  return status_;
}

void Tally::Work() {
  while (true) {
    std::shared_ptr<const StoredBlock> block;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ended_ || !blocks_.empty(); });
      if (blocks_.empty()) return;
      block = std::move(blocks_.front());
      blocks_.pop_front();
      // Whoever pushes is woken when half of the room is free: not once a block.
      if (blocks_.size() == kBlocksWaiting / 2) changed_.notify_all();
    }
    // After a failure the blocks are only taken, so that nobody waits for ever.
    if (status_.ok()) status_ = Take(*block);
  }
}

absl::Status Tally::Take(const StoredBlock& block) {
  if (blocks_done_++ == 0) first_time_ = block.entries.front().timestamp;
  last_time_ = block.entries.back().timestamp;
  TakeLeaves(block);
  if (!sums_finding_) sums_finding_ = sums_.Add(block.first, block.entries, block.attachments);
  observations_.Add(block.first, block.entries, block.attachments);
  reached_ = LastOf(block);
  if (question_.visit && reached_ == question_.visit->standing.last) CompareControlTotals();
  return TakeIds(block);
}

// Up to each size for which a root is known, and compares there.
void Tally::TakeLeaves(const StoredBlock& block) {
  leaves_.clear();
  AppendLeafHashes({block.entries, block.attachments}, leaves_);
  std::span<const MerkleHash> rest = leaves_;
  while (!rest.empty()) {
    size_t count = rest.size();
    if (next_expected_ < expected_.size()) {
      count = std::min<uint64_t>(count, expected_[next_expected_].size - merkle_.size());
    }
    merkle_.Append(rest.first(count));
    rest = rest.subspan(count);
    CompareRoots();
  }
}

void Tally::CompareRoots() {
  for (; next_expected_ < expected_.size() && expected_[next_expected_].size == merkle_.size();
       ++next_expected_) {
    const Expected& expected = expected_[next_expected_];
    if (merkle_.Root() == expected.root) {
      matched_ = expected.size;
      if (expected.from == CheckpointFrom::kAuditor) matched_own_ = expected.size;
      if (expected.check == Check::kCheckpoints) ++matched_count_;
      continue;
    }
    findings_.push_back(
        {expected.check, Sequence{AgreedFor(expected) + 1}, Sequence{expected.size},
         "the first " + std::to_string(expected.size) + " entries are not those of " +
             std::string(expected.source) + "; the newest that they agree with has " +
             std::to_string(AgreedFor(expected)) + ": history was rewritten in between"});
  }
}

std::vector<ControlTotal> Tally::ControlTotals() const {
  std::map<uint32_t, ControlTotal> totals;
  sums_.ForEach([&](const OwnSums::Row& row) {
    const AccountId account{row.account};
    ControlTotal& total = totals[account.cooperative().value()];
    total.cooperative = account.cooperative();
    const auto wrapped = [](Amount sum, int64_t more) {
      return Amount{
          static_cast<int64_t>(static_cast<uint64_t>(sum.value()) + static_cast<uint64_t>(more))};
    };
    total.turnover.debits = wrapped(total.turnover.debits, row.debits);
    total.turnover.credits = wrapped(total.turnover.credits, row.credits);
  });
  std::vector<ControlTotal> sorted;
  for (const auto& [number, total] : totals) sorted.push_back(total);
  return sorted;
}

void Tally::CompareControlTotals() {
  if (sums_finding_) return;
  const std::vector<ControlTotal> now = ControlTotals();
  for (const ControlTotal& then : question_.visit->totals) {
    if (std::ranges::find(now, then) != now.end()) continue;
    findings_.push_back({Check::kVisit, Sequence{1}, reached_,
                         "the control totals of cooperative " +
                             std::to_string(then.cooperative.value()) +
                             " are not those of the last visit"});
  }
  if (now.size() != question_.visit->totals.size()) {
    findings_.push_back({Check::kVisit, Sequence{1}, reached_,
                         "there are other cooperatives than at the last visit"});
  }
}

absl::Status Tally::TakeIds(const StoredBlock& block) {
  std::span<const std::byte> attachments = block.attachments;
  for (size_t i = 0; i < block.entries.size(); ++i) {
    const Entry& entry = block.entries[i];
    const auto attachment = attachments.first(entry.attachment_length);
    attachments = attachments.subspan(entry.attachment_length);
    if (entry.leg_index != 0 || entry.id.IsZero()) continue;
    const Sequence sequence{block.first.value() + i};
    absl::Status status = ids_.Add(entry.id, sequence);
    if (status.ok() && entry.outcome == Outcome::kRelatedUnknown) {
      const auto decoded = Attachment::Decode(attachment);
      if (decoded && decoded->related) status = ids_.Probe(*decoded->related, sequence);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// --- after the end ---

void Tally::Tell(Extent extent, Report& report) {
  report.standing.last = reached_;
  report.standing.root = merkle_.Root();
  report.entries = reached_.value();
  report.blocks = blocks_done_;
  report.first_time = first_time_;
  report.last_time = last_time_;
  report.accounts = sums_.accounts();
  observations_.Tell(report);
  for (const Finding& finding : question_.checkpoints.findings) Add(report, finding);
  for (const std::string& note : question_.checkpoints.notes) report.notes.push_back(note);
  for (const Finding& finding : findings_) Add(report, finding);
  TellCheckpoints(extent, report);
  if (sums_finding_) Add(report, *sums_finding_);
  TellTotals(report);
  TellTree(report);
  if (extent == Extent::kWhole) return;
  for (const Check check : {Check::kTree, Check::kSums, Check::kIds}) Stop(report, check);
}

void Tally::TellTree(Report& report) const {
  CheckResult& tree = report.of(Check::kTree);
  if (!tree_ || (!tree_->any() && tree_->unread().ok())) {
    tree = {CheckEnd::kSkipped, "there is no stored tree"};
    return;
  }
  if (tree_->IsBeingRebuilt()) {
    tree = {CheckEnd::kUnread, "the server makes it anew, or was cut short while it did"};
    return;
  }
  tree.note = std::to_string(tree_->compared()) + " stored hashes compared";
  for (const Finding& finding : tree_->findings()) Add(report, finding);
  const absl::Status& log = question_.checkpoints.unread;
  if (!log.ok()) {
    MarkUnread(report, Check::kTree,
               "how far it is signed can't be told: " + std::string(log.message()));
  } else if (!tree_->unread().ok()) {
    MarkUnread(report, Check::kTree, tree.note + ", " + std::string(tree_->unread().message()));
  }
}

void Tally::TellCheckpoints(Extent extent, Report& report) {
  report.newest_checkpoint = matched_;
  if (question_.checkpoints.all.empty() && question_.checkpoints.findings.empty()) {
    report.of(Check::kCheckpoints) = {CheckEnd::kSkipped, "no checkpoint is known"};
  } else {
    report.of(Check::kCheckpoints).note = std::to_string(matched_count_) + " of " +
                                          std::to_string(question_.checkpoints.all.size()) +
                                          " checkpoints have the ledger's root";
  }
  if (const absl::Status& unread = question_.checkpoints.unread; !unread.ok()) {
    MarkUnread(report, Check::kCheckpoints, std::string(unread.message()));
  }
  if (!question_.visit)
    report.of(Check::kVisit) = {CheckEnd::kSkipped, "no earlier visit is named"};
  if (extent == Extent::kBroken) {
    for (size_t i = next_expected_; i < expected_.size(); ++i) Stop(report, expected_[i].check);
    return;
  }
  for (; next_expected_ < expected_.size(); ++next_expected_) {
    const Expected& expected = expected_[next_expected_];
    Add(report, {expected.check, Sequence{AgreedFor(expected) + 1}, Sequence{expected.size},
                 "the ledger ends at entry " + std::to_string(reached_.value()) + ", but " +
                     std::string(expected.source) + " has " + std::to_string(expected.size) +
                     " entries; the newest that it agrees with has " +
                     std::to_string(AgreedFor(expected))});
  }
}

// By code; and each cooperative must be balanced in each asset.
void Tally::TellTotals(Report& report) const {
  struct Wide {
    __int128 debits = 0;
    __int128 credits = 0;
  };
  std::map<uint64_t, Wide> balance;                         // by cooperative and asset
  std::map<std::pair<uint64_t, uint32_t>, CodeTotals> all;  // by cooperative and code, asset
  sums_.ForEach([&](const OwnSums::Row& row) {
    const AccountId account{row.account};
    const uint64_t cooperative = account.cooperative().value();
    Wide& wide = balance[cooperative << 32 | row.asset];
    wide.debits += row.debits;
    wide.credits += row.credits;
    CodeTotals& totals = all[{cooperative << 16 | account.code().value(), row.asset}];
    totals.code = account.code();
    totals.asset = AssetCode{static_cast<uint16_t>(row.asset)};
    ++totals.accounts;
    const auto saturated = [](Amount sum, int64_t more) {
      return CheckedAdd(sum, Amount{more}).value_or(kMaxAmount);
    };
    totals.turnover.debits = saturated(totals.turnover.debits, row.debits);
    totals.turnover.credits = saturated(totals.turnover.credits, row.credits);
  });
  for (const auto& [key, wide] : balance) {
    if (wide.debits == wide.credits) continue;
    Add(report, {Check::kSums, Sequence{1}, reached_,
                 "the debits and credits of cooperative " + std::to_string(key >> 32) +
                     " don't balance in asset " + std::to_string(key & 0xFFFF)});
  }
  for (CooperativeTotals& cooperative : report.cooperatives) {
    const uint64_t key = uint64_t{cooperative.id.value()} << 16;
    for (auto it = all.lower_bound({key, 0}); it != all.end() && it->first.first >> 16 == key >> 16;
         ++it) {
      cooperative.codes.push_back(it->second);
    }
  }
  if (!sums_finding_) {
    report.of(Check::kSums).note = std::to_string(sums_.accounts()) + " accounts of " +
                                   std::to_string(balance.size()) +
                                   " cooperatives and assets, each balanced";
  }
}

absl::Status Tally::TellIds(const LedgerSource& ledger, Report& report) {
  const auto read_id = [&](Sequence sequence,
                           SpentIds::Which which) -> absl::StatusOr<TransactionId> {
    const auto block = ledger.ReadBlock(sequence);
    if (!block.ok()) return block.status();
    const size_t index = sequence.value() - (*block)->first.value();
    const Entry& entry = (*block)->entries[index];
    if (which == SpentIds::Which::kSpent) return entry.id;
    size_t offset = 0;
    for (size_t i = 0; i < index; ++i) offset += (*block)->entries[i].attachment_length;
    const auto decoded =
        Attachment::Decode((*block)->attachments.subspan(offset, entry.attachment_length));
    return decoded && decoded->related ? *decoded->related : TransactionId{};
  };
  auto findings = ids_.Finish(read_id);
  if (!findings.ok()) return findings.status();
  for (Finding& finding : *findings) Add(report, std::move(finding));
  if (findings->empty()) {
    report.of(Check::kIds).note = std::to_string(ids_.ids()) + " ids, each spent once";
  }
  return absl::OkStatus();
}

}  // namespace lumbung::audit
