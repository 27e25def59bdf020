// What an audit says of a sound ledger, and of single things that are wrong with it. What an
// attacker may try is in tampering_test.cc.
#include "storage/audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>

#include "engine/state_data.h"
#include "storage/audit/merkle_run.h"
#include "storage/audit/observations.h"
#include "storage/audit/spent_ids.h"
#include "storage/block_chain.h"
#include "storage/transparency/checkpoint_file.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/village.h"
#include "tests/storage/audited_folder.h"

namespace lumbung::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string FindingsOf(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += std::to_string(static_cast<int>(finding.check)) + ": " +
            std::to_string(finding.first.value()) + "-" + std::to_string(finding.last.value()) +
            " " + finding.reason + "\n";
  }
  return text;
}

Answer Audited(const AuditedFolder& folder, std::optional<Visit> visit = std::nullopt) {
  auto answer = folder.Audit(std::move(visit));
  EXPECT_TRUE(answer.ok()) << answer.status();
  return *std::move(answer);
}

TEST(Audit, ASoundLedgerPassesEveryCheck) {
  AuditedFolder folder(TestSeed());
  folder.Play(2000);
  folder.Checkpoint();
  folder.Play(1000);
  const Answer answer = Audited(folder);
  EXPECT_EQ("", FindingsOf(answer.report));
  for (const Check check : {Check::kChain, Check::kCheckpoints, Check::kRules, Check::kSums,
                            Check::kIds, Check::kTree, Check::kState, Check::kDailyBalances}) {
    EXPECT_EQ(CheckEnd::kPassed, answer.report.of(check).end)
        << static_cast<int>(check) << answer.report.of(check).note;
  }
  EXPECT_EQ(folder.played.store->last(), answer.report.standing.last);
  EXPECT_EQ(folder.played.books.state().Hash(), answer.report.standing.state);
  EXPECT_EQ(answer.report.newest_checkpoint, answer.report.entries);
  EXPECT_GT(answer.report.declined, 0);
  EXPECT_GT(answer.report.reversals.count, 0);
}

TEST(Audit, AVisitHoldsAtTheNextOneAndWhatIsNewIsTold) {
  AuditedFolder folder(TestSeed());
  folder.Play(1000);
  const Answer first = Audited(folder);
  folder.Play(300);
  const auto kept = Visit::Parse(first.visit.ToText());
  ASSERT_TRUE(kept.ok()) << kept.status();
  const Answer second = Audited(folder, *kept);
  EXPECT_EQ("", FindingsOf(second.report));
  EXPECT_EQ("root, state and control totals", second.report.of(Check::kVisit).note);
  EXPECT_EQ(first.report.standing.last, second.report.since);
  EXPECT_LT(second.report.accepted, first.report.accepted);

  Visit altered = *kept;
  altered.standing.state[7] ^= 1;
  EXPECT_THAT(FindingsOf(Audited(folder, altered).report), HasSubstr("the state at entry"));
  altered = *kept;
  altered.standing.root[7] ^= 1;
  EXPECT_THAT(FindingsOf(Audited(folder, altered).report), HasSubstr("rewritten in between"));
  altered = *kept;
  altered.totals[0].turnover.debits = Amount{altered.totals[0].turnover.debits.value() + 1};
  EXPECT_THAT(FindingsOf(Audited(folder, altered).report), HasSubstr("control totals"));
}

TEST(Audit, AVisitsTextIsReadBackOnlyAsItWasWritten) {
  Visit visit;
  visit.standing.last = Sequence{12};
  visit.totals = {{CooperativeId{7}, {Amount{5}, Amount{-5}}}};
  const std::string text = visit.ToText();
  const auto read = Visit::Parse(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(text, read->ToText());
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(Visit::Parse(text.substr(0, length)).ok()) << length;
  }
}

TEST(Audit, AVisitsTextWithAnythingElseInItIsRefusedWithItsLine) {
  Visit visit;
  visit.standing.last = Sequence{12};
  visit.totals = {{CooperativeId{7}, {Amount{5}, Amount{-5}}}, {CooperativeId{9}, {}}};
  const std::string text = visit.ToText();
  struct Spoiling {
    const char* line;
    const char* from;
    const char* to;
  };
  for (const Spoiling& spoiling :
       std::initializer_list<Spoiling>{{"line 1 ", "visit 1", "visit 1 "},
                                       {"line 2 ", "entries 12", "entries 012"},
                                       {"line 2 ", "entries 12", "entries 12 or so"},
                                       {"line 3 ", "=\nstate", "= x\nstate"},
                                       {"line 5 ", "7 5 -5", "07 5 -5"},
                                       {"line 5 ", "7 5 -5", "7 5 -5 "},
                                       {"line 6 ", "cooperative 9", "cooperative 7"},
                                       {"line 6 ", "cooperative 9", "cooperative 5"},
                                       {"line 7 ", "end\n", "end now\n"},
                                       {"line 7 ", "end\n", "end\nend\n"}}) {
    std::string spoiled = text;
    const size_t at = spoiled.find(spoiling.from);
    ASSERT_NE(at, std::string::npos) << spoiling.from;
    const auto read =
        Visit::Parse(spoiled.replace(at, std::string(spoiling.from).size(), spoiling.to));
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(spoiling.line)) << spoiled;
  }
}

TEST(Audit, AStoredImageThatIsNotTheLedgersIsFound) {
  AuditedFolder folder(TestSeed());
  folder.Play(1000);
  folder.Checkpoint();
  folder.Play(20);
  const RecordTable<Account>& accounts = folder.played.books.state().data().accounts;
  Account altered = accounts.at(accounts.size() / 2);
  altered.ceiling = Amount{altered.ceiling.value() - 1};
  folder.Store({.accounts = {altered}});
  EXPECT_THAT(FindingsOf(Audited(folder).report),
              HasSubstr("the stored image of account " + altered.id.ToString()));
}

// Of each kind of object. Nothing follows the checkpoint, so that nothing is carried on from them.
TEST(Audit, AStoredImageOfAnyKindThatIsNotTheLedgersIsFound) {
  AuditedFolder folder(TestSeed());
  folder.Play(1000);
  folder.Checkpoint();
  const State::Data& data = folder.played.books.state().data();
  const auto expect_found = [&](const CheckpointPart& altered, const CheckpointPart& exact,
                                const std::string& words) {
    folder.Store(altered);
    EXPECT_THAT(FindingsOf(Audited(folder).report), HasSubstr(words));
    folder.Store(exact);
  };
  ASSERT_GT(data.holds.size(), 0u);
  ASSERT_GT(data.follow_ups.size(), 0u);
  HoldRecord hold = data.holds.at(data.holds.size() / 2);
  hold.amount = Amount{hold.amount.value() + 1};
  expect_found({.holds = {hold}}, {.holds = {*data.holds.Find(KeyOf(hold))}},
               "the stored image of the hold is not");
  FollowUp follow_up = data.follow_ups.at(data.follow_ups.size() / 2);
  follow_up.refunded = Amount{follow_up.refunded.value() + 1};
  expect_found({.follow_ups = {follow_up}},
               {.follow_ups = {*data.follow_ups.Find(KeyOf(follow_up))}},
               "what is stored of its refunds and reversal is not");
  const std::string organisation = "the stored images have an organisation";
  Cooperative cooperative = data.cooperatives.at(0);
  cooperative.policy.vat_basis_points ^= 1;
  expect_found({.cooperatives = {cooperative}}, {.cooperatives = {data.cooperatives.at(0)}},
               organisation);
  Branch branch = data.branches.at(0);
  branch.name += "x";
  expect_found({.branches = {branch}}, {.branches = {data.branches.at(0)}}, organisation);
  Terminal terminal = data.terminals.at(0);
  terminal.branch = BranchId{77};
  expect_found({.terminals = {terminal}}, {.terminals = {data.terminals.at(0)}}, organisation);
  EXPECT_EQ("", FindingsOf(Audited(folder).report));
}

// Puts a wrong image in place of one of the stored daily balances, and returns it.
DailyBalance AlterADailyBalance(AuditedFolder& folder) {
  auto images = DerivedImages::Open(folder.path() + "/derived");
  EXPECT_TRUE(images.ok()) << images.status();
  std::optional<DailyBalance> altered;
  EXPECT_TRUE((*images)
                  ->ForEachDailyBalance([&](const DailyBalance& daily) {
                    if (daily.debits_posted.value() > 0) altered = daily;
                  })
                  .ok());
  LUMBUNG_CHECK(altered.has_value());
  altered->debits_posted = Amount{altered->debits_posted.value() + 1};
  folder.Store({.daily_balances = {*altered}});
  return *altered;
}

TEST(Audit, AStoredDailyBalanceThatIsNotTheLedgersIsFound) {
  AuditedFolder folder(TestSeed());
  folder.Play(1500);
  folder.Checkpoint();
  const DailyBalance altered = AlterADailyBalance(folder);
  const std::string found = FindingsOf(Audited(folder).report);
  EXPECT_THAT(found, HasSubstr("7: " + std::to_string(altered.sequence.value()) + "-"));
  EXPECT_THAT(found, HasSubstr("daily balance of account " + altered.account.ToString()));
}

// A ledger of which no single block can be read, as on a disk that begins to fail.
class StreamedAlone final : public LedgerSource {
 public:
  explicit StreamedAlone(const LedgerSource& whole) : whole_(whole) {}
  Sequence last() const override { return whole_.last(); }
  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override {
    return whole_.StreamBlocks(from, visit);
  }
  absl::StatusOr<std::shared_ptr<const StoredBlock>> ReadBlock(Sequence) const override {
    return absl::UnavailableError("input/output error");
  }

 private:
  const LedgerSource& whole_;
};

TEST(Audit, ADailyBalanceThatIsWrongIsFoundAlsoIfItsEntryCantBeRead) {
  AuditedFolder folder(TestSeed());
  folder.Play(1500);
  folder.Checkpoint();
  const DailyBalance altered = AlterADailyBalance(folder);
  auto opened = OpenDataFolder(folder.path(), std::nullopt);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const StreamedAlone ledger(*opened->ledger);
  const Question whole = AuditedFolder::Question(*opened);
  const auto answer = audit::Run({.ledger = ledger,
                                  .checkpoints = whole.checkpoints,
                                  .derived = whole.derived,
                                  .work_folder = whole.work_folder});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(FindingsOf(answer->report), HasSubstr("of account " + altered.account.ToString() +
                                                    " the daily balances are not"));
  const CheckResult& daily = answer->report.of(Check::kDailyBalances);
  EXPECT_EQ(CheckEnd::kFailed, daily.end);
  EXPECT_EQ("input/output error", daily.note);
}

// Most watermarks stand inside of a block.
TEST(Audit, ADailyBalanceThatIsMissingIsFoundInTheBlockOfTheWatermarkToo) {
  for (const bool lose : {false, true}) {
    AuditedFolder folder(TestSeed());
    folder.Play(500);
    folder.Checkpoint();
    Books& books = folder.played.books;
    books.Advance(kDay);
    folder.played.Play(20);
    std::vector<DailyBalance> made;
    if (lose) made = books.state().TakeDailyBalances();
    folder.Checkpoint();
    const Sequence watermark = books.state().last_sequence();
    folder.Play(20);
    ASSERT_GT(LastOf(**folder.played.store->ReadBlock(watermark)), watermark);
    ASSERT_EQ(lose, !made.empty());
    const std::string found = FindingsOf(Audited(folder).report);
    EXPECT_EQ(lose, !found.empty()) << found;
    for (const DailyBalance& lost : made) {
      EXPECT_THAT(found, HasSubstr("of account " + lost.account.ToString() +
                                   " a daily balance is missing"));
    }
  }
}

TEST(Audit, DerivedDataThatAreDamagedAreAFinding) {
  AuditedFolder folder(TestSeed());
  folder.Play(300);
  folder.Checkpoint();
  folder.CloseDerived();
  for (const auto& file : std::filesystem::directory_iterator(folder.path() + "/derived")) {
    if (file.path().filename().string().starts_with("MANIFEST")) {
      std::filesystem::resize_file(file.path(), 10);
    }
  }
  const Report report = Audited(folder).report;
  EXPECT_EQ(CheckEnd::kFailed, report.of(Check::kState).end) << report.of(Check::kState).note;
  EXPECT_EQ(CheckEnd::kUnread, report.of(Check::kDailyBalances).end);
  EXPECT_EQ(CheckEnd::kPassed, report.of(Check::kRules).end);
  EXPECT_FALSE(report.sound());
}

TEST(Audit, DerivedDataThatCouldNotBeReadLeaveTheLedgerSoundButNotAllWell) {
  AuditedFolder folder(TestSeed());
  folder.Play(100);
  auto opened = OpenDataFolder(folder.path(), std::nullopt);
  ASSERT_TRUE(opened.ok()) << opened.status();
  opened->derived.reset();
  opened->no_derived = absl::UnavailableError("no permission");
  const auto answer = audit::Run(AuditedFolder::Question(*opened));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(CheckEnd::kUnread, answer->report.of(Check::kState).end);
  EXPECT_EQ("no permission", answer->report.of(Check::kState).note);
  EXPECT_TRUE(answer->report.sound());
  EXPECT_FALSE(answer->report.all_well());
}

// A record of the log's file.
std::string RecordOf(const std::string& note) {
  return "checkpoint " + std::to_string(note.size()) + "\n" + note;
}

TEST(Audit, CheckpointsAreReadToTheirEndPastDamageOfAnyLength) {
  AuditedFolder folder(TestSeed());
  folder.Play(50);
  const std::string good = *NewestCheckpoint(folder.path() + "/transparency/checkpoints");
  std::string text;
  while (text.size() < 2'500'000) text += RecordOf(good);
  const size_t damage_at = text.size();
  text += "checkpoint x" + std::string(3'000'000, '\n') + "checkpoint\n";
  const size_t cut_at = damage_at + (text.size() - damage_at) + RecordOf(good).size();
  text += RecordOf(good) + RecordOf(good).substr(0, 50);
  std::ofstream(folder.Path("long"), std::ios::binary) << text;
  const auto read =
      ReadCheckpoints(folder.Path("long"), CheckpointFrom::kLog, /*key=*/std::nullopt);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(damage_at / RecordOf(good).size() + 1, read->all.size());
  ASSERT_EQ(1, read->findings.size());
  EXPECT_THAT(read->findings[0].reason,
              HasSubstr("byte " + std::to_string(damage_at) + ": a damaged record"));
  ASSERT_EQ(1, read->notes.size());
  EXPECT_THAT(read->notes[0], HasSubstr("byte " + std::to_string(cut_at) + ": a record that"));
}

TEST(Audit, DamageOfTheLastCheckpointIsAFindingAndItsTornEndIsNot) {
  AuditedFolder folder(TestSeed());
  folder.Play(50);
  const std::string log = folder.path() + "/transparency/";
  const std::string good = RecordOf(*NewestCheckpoint(log + "checkpoints"));
  std::ifstream key_file(log + "public-key");
  std::string key_line;
  std::getline(key_file, key_line);
  const auto key = VerifierKey::Parse(key_line);
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string path = folder.Path("last");
  const auto read = [&](const std::string& last) {
    std::ofstream(path, std::ios::binary) << good << last;
    const auto known = ReadCheckpoints(path, CheckpointFrom::kLog, *key);
    EXPECT_TRUE(known.ok()) << known.status();
    return *known;
  };
  for (size_t i = 0; i < good.size(); ++i) {
    const KnownCheckpoints torn = read(good.substr(0, i));
    EXPECT_THAT(torn.findings, IsEmpty()) << i;
    EXPECT_EQ(i == 0 ? 0 : 1, torn.notes.size()) << i;
    EXPECT_THAT(read(good.substr(0, i) + std::string(good.size() - i, '\0')).findings, IsEmpty())
        << i;
    EXPECT_THAT(read(std::string(i + 1, '\0') + good.substr(i + 1)).findings, IsEmpty()) << i;
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(read(damaged).findings.empty()) << i;
  }
}

// After a backup was put back, say: what is missing of it follows from the ledger.
TEST(Audit, ATreeThatIsBeingRebuiltIsNotReadAndNoFinding) {
  AuditedFolder folder(TestSeed());
  folder.Play(500);
  const std::string transparency = folder.path() + "/transparency";
  ASSERT_TRUE(TransparencyLog::DropTree(transparency).ok());
  const auto open = [&] {
    return TransparencyLog::Open({.folder = transparency}, *folder.played.store, {});
  };
  ASSERT_TRUE(open().ok());  // as if it were killed then
  const auto meanwhile = folder.Audit();
  ASSERT_TRUE(meanwhile.ok()) << meanwhile.status();
  EXPECT_TRUE(meanwhile->report.sound());
  EXPECT_EQ(CheckEnd::kUnread, meanwhile->report.of(Check::kTree).end);
  // As a drop leaves it that is cut short: levels go one after the other, the mark last.
  std::filesystem::remove(transparency + "/tree/level-0");
  EXPECT_TRUE(folder.Audit()->report.sound());
  const auto log = open();
  ASSERT_TRUE((*log)->RunOnce().ok());
  const auto afterwards = folder.Audit();
  ASSERT_TRUE(afterwards.ok()) << afterwards.status();
  EXPECT_EQ(CheckEnd::kPassed, afterwards->report.of(Check::kTree).end);
}

TEST(Audit, AFileOfCheckpointsThatIsAllDamagedEndsAfterSomeFindings) {
  TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "checkpoint x\n";
  std::ofstream(folder.Path("bad"), std::ios::binary) << text;
  const auto read = ReadCheckpoints(folder.Path("bad"), CheckpointFrom::kLog, std::nullopt);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(kMostFindings + 1, read->findings.size());
  EXPECT_THAT(read->findings.back().reason, HasSubstr("the rest was not read"));
}

TEST(Audit, CheckpointsThatCantBeReadAreNotTakenForNone) {
  const auto read = ReadCheckpoints(testing::TempDir(), CheckpointFrom::kLog, /*key=*/std::nullopt);
  EXPECT_TRUE(absl::IsUnavailable(read.status())) << read.status();
}

TEST(Audit, AnIdSpentTwiceIsFoundHoweverFarApart) {
  constexpr uint64_t kIds = 1'200'000;  // more than stay in memory
  const auto id_of = [](uint64_t number) { return IdOf(number == kIds - 3 ? 5 : number); };
  SpentIds ids(testing::TempDir());
  for (uint64_t i = 1; i <= kIds; ++i) ASSERT_TRUE(ids.Add(id_of(i), Sequence{i}).ok());
  ASSERT_TRUE(ids.Probe(IdOf(77), Sequence{kIds / 2}).ok());   // was there
  ASSERT_TRUE(ids.Probe(IdOf(77), Sequence{50}).ok());         // not yet
  ASSERT_TRUE(ids.Probe(IdOf(kIds + 9), Sequence{700}).ok());  // never came
  const auto found = ids.Finish([&](Sequence sequence, SpentIds::Which which) {
    return absl::StatusOr<TransactionId>(
        which == SpentIds::Which::kAskedFor ? IdOf(77) : id_of(sequence.value()));
  });
  ASSERT_TRUE(found.ok()) << found.status();
  std::vector<uint64_t> sequences;
  for (const Finding& finding : *found) sequences.push_back(finding.first.value());
  EXPECT_THAT(sequences, testing::UnorderedElementsAre(kIds - 3, kIds / 2));
}

TEST(Audit, TheTreeThatGrowsByRunsHasTheRootOfTheWhole) {
  std::vector<MerkleHash> leaves(1000);
  for (size_t i = 0; i < leaves.size(); ++i) leaves[i] = LeafHash(std::vector<std::byte>(i % 50));
  MerkleRun run(nullptr);
  for (size_t begin = 0, length = 1; begin < leaves.size(); begin += length) {
    length = std::min(leaves.size() - begin, begin * 7 % 90 + 1);
    run.Append(std::span(leaves).subspan(begin, length));
    const auto root = RootOf(run.size(), [&](NodePlace place) -> absl::StatusOr<MerkleHash> {
      const size_t size = size_t{1} << place.height;
      const auto first = leaves.begin() + static_cast<std::ptrdiff_t>(place.index * size);
      return RootOfComplete({first, first + static_cast<std::ptrdiff_t>(size)});
    });
    ASSERT_EQ(*root, run.Root()) << run.size();
  }
}

// Payments at terminal 1 with these numbers of its counter.
TerminalReport TerminalAfter(std::vector<uint32_t> counter, uint32_t device_time = 0) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000'000);
  uint64_t id = 2;
  for (const uint32_t number : counter) {
    village.evidence = {
        .device_time = device_time, .terminal = TerminalId{1}, .terminal_sequence = number};
    village.Post(id++, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 10)});
  }
  Observations observations({}, Sequence{});
  for (const auto& block : village.books.Flush()) {
    observations.Add(block->first(), block->entries(), block->attachments());
  }
  Report report;
  observations.Tell(report);
  return report.terminals.empty() ? TerminalReport{} : report.terminals[0];
}

TEST(Observations, AGapIsToldUnlessItIsFilledLater) {
  EXPECT_EQ(0, TerminalAfter({5, 6, 7}).missing);
  const TerminalReport gap = TerminalAfter({5, 6, 10, 8});
  EXPECT_EQ(2, gap.missing);  // 7 and 9
  ASSERT_EQ(2, gap.gaps.size());
  EXPECT_EQ(7, gap.gaps[0].first);
  EXPECT_EQ(9, gap.gaps[1].last);
  EXPECT_EQ(0, TerminalAfter({5, 8, 7, 6}).missing);
}

TEST(Observations, ANumberThatComesAgainIsTold) {
  const TerminalReport report = TerminalAfter({5, 6, 6, 7, 5});
  EXPECT_EQ(2, report.repeats);
  EXPECT_NE(kNoSequence, report.first_repeat);
}

TEST(Observations, AClockIsToldThatIsMoreThanFiveMinutesOff) {
  const auto noon = static_cast<uint32_t>(kNoon.value() / kSecond);
  EXPECT_EQ(0, TerminalAfter({1, 2}, noon + 299).clock_ahead);
  EXPECT_EQ(2, TerminalAfter({1, 2}, noon + 400).clock_ahead);
  EXPECT_GE(TerminalAfter({1, 2}, noon - 4000).most_behind_s, 4000);
}

}  // namespace
}  // namespace lumbung::audit
