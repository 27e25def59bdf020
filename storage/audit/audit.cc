#include "storage/audit/audit.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

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
    if (status.ok()) status = Conclude();
    if (!status.ok()) return status;
    report_.seconds = SecondsSince(start_);
    return Answer{.report = std::move(report_),
                  .visit = {.standing = report_.standing, .totals = tally_.ControlTotals()}};
  }

 private:
  absl::Status ReadAll();
  absl::Status Decide(const std::shared_ptr<const StoredBlock>& block);
  void CompareWithVisit();
  void CompareSums();
  absl::Status Conclude();
  absl::Status CheckDerived();
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
  const Sequence next{reached_.value() + 1};
  if (!status.ok()) {
    extent_ = Tally::Extent::kBroken;
    // A broken link does not tell which of its two blocks was changed.
    const std::string message(status.message());
    const bool link = message.find("chain is broken") != std::string::npos;
    const Sequence first = link && last_block_ != kNoSequence ? last_block_ : next;
    Add(report_, {Check::kChain, first, std::max(next, question_.ledger.last()), message});
  }
  report_.of(Check::kChain).note =
      "read up to entry " + std::to_string(reached_.value()) + " without a gap";
  return absl::OkStatus();
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
  if (derived_ && !balances.empty()) derived_->Take(reached_, balances);
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

absl::Status Audit::Conclude() {
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
  return CheckDerived();
}

absl::Status Audit::CheckDerived() {
  CheckResult& state = report_.of(Check::kState);
  CheckResult& daily = report_.of(Check::kDailyBalances);
  std::string why;
  if (question_.derived == nullptr) why = "there are no derived data";
  if (question_.derived != nullptr && !derived_) why = "there is no checkpoint of the state yet";
  if (!deciding_ || extent_ == Tally::Extent::kBroken) why = "the ledger itself is not sound";
  if (derived_ && why.empty() && question_.derived->watermark() > reached_) {
    Add(report_, {Check::kState, Sequence{reached_.value() + 1}, question_.derived->watermark(),
                  "the derived data know entries up to " +
                      std::to_string(question_.derived->watermark().value()) +
                      ", but the ledger ends before"});
    daily = {CheckEnd::kSkipped, "the derived data are not of this ledger"};
    return absl::OkStatus();
  }
  if (!why.empty()) {
    state = daily = {CheckEnd::kSkipped, why};
    return absl::OkStatus();
  }
  if (absl::Status status = derived_->CheckState(question_.ledger, execution_.state(), report_);
      !status.ok()) {
    state = {CheckEnd::kSkipped, std::string(status.message())};
  }
  if (absl::Status status =
          derived_->CheckDailyBalances(question_.ledger, report_, execution_.state());
      !status.ok()) {
    daily = {CheckEnd::kSkipped, std::string(status.message())};
  }
  return absl::OkStatus();
}

}  // namespace

double Progress::remaining_s() const {
  if (reached.value() == 0) return 0;
  return seconds * static_cast<double>(last.value() - reached.value()) /
         static_cast<double>(reached.value());
}

absl::StatusOr<Answer> Run(const Question& question) { return Audit(question).Run(); }

}  // namespace lumbung::audit
