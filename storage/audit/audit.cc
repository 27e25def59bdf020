#include "storage/audit/audit.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "engine/limits.h"
#include "storage/audit/derived_check.h"
#include "storage/audit/tally.h"
#include "storage/block_chain.h"
#include "storage/read_ahead.h"

namespace lumbung::audit {

namespace {

constexpr auto kProgressEvery = std::chrono::seconds(1);

using SteadyClock = std::chrono::steady_clock;

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

class Audit {
 public:
  explicit Audit(const Question& question)
      : question_(question), execution_(question.ledger), tally_(question) {
    if (question.derived != nullptr && question.derived->watermark() != kNoSequence) {
      derived_.emplace(*question.derived);
    }
  }

  absl::StatusOr<Answer> Run() {
    absl::Status status = ReadAll();
    const absl::Status tallied = tally_.Finish();
    if (status.ok()) status = tallied;
    if (!status.ok()) return status;
    tally_.Tell(extent_, report_);
    status = tally_.TellIds(question_.ledger, report_);
    if (!status.ok()) return status;
    Conclude();
    report_.seconds = SecondsSince(start_);
    return Answer{.report = std::move(report_),
                  .visit = {.standing = report_.standing, .totals = tally_.ControlTotals()}};
  }

 private:
  absl::Status ReadAll();
  void Break(const absl::Status& data_loss);
  absl::Status Decide(const std::shared_ptr<const StoredBlock>& block);
  void CompareWithVisit();
  void CompareSums();
  void Conclude();
  std::string WhyNotDerived() const;
  void CheckDerived();
  void Tell();

  const Question& question_;
  const SteadyClock::time_point start_ = SteadyClock::now();
  SteadyClock::time_point last_progress_ = start_;
  Report report_;
  ReExecution execution_;
  std::optional<DerivedCheck> derived_;
  Tally tally_;
  Sequence reached_;
  Sequence last_block_;  // its first entry
  bool deciding_ = true;
  Tally::Extent extent_ = Tally::Extent::kWhole;
};

absl::Status Audit::ReadAll() {
  ReadAhead blocks(question_.ledger, Sequence{1});
  while (std::shared_ptr<const StoredBlock> block = blocks.Next()) {
    reached_ = LastOf(*block);
    last_block_ = block->first;
    tally_.Push(block);
    if (deciding_) {
      if (absl::Status status = Decide(block); !status.ok()) return status;
    }
    Tell();
  }
  const absl::Status& status = blocks.status();
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  if (!status.ok()) Break(status);
  if (!question_.damage.ok() && question_.damage.message() != status.message()) {
    Break(question_.damage);
  }
  report_.of(Check::kChain).note =
      "read up to entry " + std::to_string(reached_.value()) + " without a gap";
  return absl::OkStatus();
}

// The ledger can't be read any further.
void Audit::Break(const absl::Status& data_loss) {
  extent_ = Tally::Extent::kBroken;
  const Sequence next{reached_.value() + 1};
  // A broken link does not tell which of its two blocks was changed.
  const bool both = IsBrokenLink(data_loss) && last_block_ != kNoSequence;
  // Where the end is damaged, how far the ledger went is not known; at least a block is lost.
  const Sequence end = question_.damage.ok() ? next : Sequence{reached_.value() + kMaxBlockEntries};
  Add(report_, {Check::kChain, both ? last_block_ : next, std::max(end, question_.ledger.last()),
                std::string(data_loss.message())});
}

absl::Status Audit::Decide(const std::shared_ptr<const StoredBlock>& block) {
  auto finding = execution_.Run(block);
  if (absl::IsDataLoss(finding.status())) {
    finding = Finding{Check::kRules, block->first, reached_,
                      "an original can't be read: " + std::string(finding.status().message())};
  }
  if (!finding.ok()) return finding.status();
  if (*finding) {
    deciding_ = false;
    Add(report_, **finding);
    return absl::OkStatus();
  }
  const std::vector<DailyBalance> balances = execution_.TakeDailyBalances();
  if (derived_ && !balances.empty()) derived_->Take(*block, balances);
  if (question_.visit && reached_ == question_.visit->standing.last) CompareWithVisit();
  return absl::OkStatus();
}

void Audit::CompareWithVisit() {
  report_.of(Check::kVisit).note = "root, state and control totals";
  if (execution_.state().Hash() == question_.visit->standing.state) return;
  Add(report_, {Check::kVisit, Sequence{1}, reached_,
                "the state at entry " + std::to_string(reached_.value()) +
                    " is not that of the last visit"});
}

void Audit::Tell() {
  if (!question_.progress) return;
  const auto now = SteadyClock::now();
  if (now - last_progress_ < kProgressEvery) return;
  last_progress_ = now;
  question_.progress({.reached = reached_,
                      .last = std::max(reached_, question_.ledger.last()),
                      .seconds = SecondsSince(start_)});
}

// The two ways of adding up meet in the end.
void Audit::CompareSums() {
  size_t rows = 0;
  tally_.sums().ForEach([&](const OwnSums::Row& row) {
    ++rows;
    const Account* const account = execution_.state().FindAccount(AccountId{row.account});
    if (account != nullptr && account->debits_posted.value() == row.debits &&
        account->credits_posted.value() == row.credits && account->asset.value() == row.asset) {
      return;
    }
    Add(report_, {Check::kSums, Sequence{1}, reached_,
                  "the sums of account " + AccountId{row.account}.ToString() +
                      " are not those that the rules come to"});
  });
  if (rows == execution_.state().account_count()) return;
  Add(report_, {Check::kSums, Sequence{1}, reached_,
                "the rules come to another number of accounts than the sums"});
}

void Audit::Conclude() {
  report_.since = question_.visit ? question_.visit->standing.last : Sequence{};
  CheckResult& visit = report_.of(Check::kVisit);
  if (visit.end == CheckEnd::kStopped) visit.note = "the ledger can't be read as far as it went";
  if (visit.end == CheckEnd::kPassed && visit.note.empty()) {
    visit.note = deciding_ ? "the root alone: the last visit ended inside of what is a block now"
                           : "the root alone: the rules came to an end before it";
  }
  if (deciding_) {
    report_.standing.state = execution_.state().Hash();
    report_.open_holds = execution_.state().open_hold_count();
    if (tally_.sums_are_whole()) CompareSums();
    CheckResult& rules = report_.of(Check::kRules);
    rules.note = "every transaction decided again, with the same bytes as result";
    if (extent_ == Tally::Extent::kBroken) Stop(report_, Check::kRules);
  }
  CheckDerived();
}

// Why the derived data are not compared; empty if they are.
std::string Audit::WhyNotDerived() const {
  if (!deciding_ || extent_ == Tally::Extent::kBroken) return "the ledger itself is not sound";
  if (question_.derived == nullptr) return std::string(question_.no_derived.message());
  if (!derived_) return "there is no checkpoint of the state yet";
  return "";
}

void Audit::CheckDerived() {
  CheckResult& state = report_.of(Check::kState);
  CheckResult& daily = report_.of(Check::kDailyBalances);
  const std::string why = WhyNotDerived();
  if (question_.derived == nullptr && !absl::IsNotFound(question_.no_derived)) {
    state = daily = {CheckEnd::kUnread, std::string(question_.no_derived.message())};
    if (absl::IsDataLoss(question_.no_derived)) {
      Add(report_, {Check::kState, Sequence{1}, std::max(reached_, Sequence{1}), state.note});
    }
    return;
  }
  if (!why.empty()) {
    state = daily = {CheckEnd::kSkipped, why};
    return;
  }
  if (question_.derived->watermark() > reached_) {
    Add(report_, {Check::kState, Sequence{reached_.value() + 1}, question_.derived->watermark(),
                  "the derived data know entries up to " +
                      std::to_string(question_.derived->watermark().value()) +
                      ", but the ledger ends before"});
    daily = {CheckEnd::kSkipped, "the derived data are not of this ledger"};
    return;
  }
  if (const absl::Status status =
          derived_->CheckState(question_.ledger, execution_.state(), report_);
      !status.ok()) {
    MarkUnread(report_, Check::kState, std::string(status.message()));
  }
  if (const absl::Status status =
          derived_->CheckDailyBalances(question_.ledger, report_, execution_.state());
      !status.ok()) {
    MarkUnread(report_, Check::kDailyBalances, std::string(status.message()));
  }
}

}  // namespace

double Progress::remaining_s() const {
  if (reached.value() == 0) return 0;
  return seconds * static_cast<double>(last.value() - reached.value()) /
         static_cast<double>(reached.value());
}

absl::StatusOr<Answer> Run(const Question& question) { return Audit(question).Run(); }

}  // namespace lumbung::audit
