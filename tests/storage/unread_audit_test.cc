// What an audit says where something is closed to the auditor, or can't be read: neither that it is
// not there, nor that anything is wrong with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "storage/audit/audit.h"
#include "storage/audit/data_folder.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/audited_folder.h"
#include "tests/storage/modes_hold.h"

namespace lumbung::audit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Takes all permissions from a file or folder, and gives them back.
class Closed {
 public:
  explicit Closed(std::string path) : path_(std::move(path)), before_(fs::status(path_)) {
    fs::permissions(path_, fs::perms::none);
  }
  ~Closed() { fs::permissions(path_, before_.permissions()); }
  Closed(const Closed&) = delete;
  Closed& operator=(const Closed&) = delete;

 private:
  const std::string path_;
  const fs::file_status before_;
  const ModesHold modes_hold_;
};

void Fill(AuditedFolder& folder) {
  folder.Play(500);
  folder.Checkpoint();
  folder.Play(200);
  folder.CloseDerived();
}

void ExpectEnds(const Report& report, CheckEnd end, const std::vector<Check>& of) {
  EXPECT_TRUE(report.sound()) << report.findings[0].reason;
  for (size_t i = 0; i < kChecks; ++i) {
    const auto check = static_cast<Check>(i);
    if (check == Check::kVisit) continue;
    EXPECT_EQ(std::ranges::find(of, check) == of.end() ? CheckEnd::kPassed : end,
              report.of(check).end)
        << i << report.of(check).note;
  }
}

TEST(UnreadAudit, WhatIsClosedToTheAuditorWasNotReadAndIsNoFinding) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  const std::vector<Check> of_log = {Check::kCheckpoints, Check::kTree};
  const std::vector<Check> of_derived = {Check::kState, Check::kDailyBalances};
  const std::pair<std::string, std::vector<Check>> cases[] = {
      {"/transparency", of_log},
      {"/transparency/checkpoints", of_log},
      {"/transparency/public-key", of_log},
      {"/transparency/tree", {Check::kTree}},
      {"/transparency/tree/level-0", {Check::kTree}},
      {"/transparency/tree/level-1", {Check::kTree}},
      {"/derived", of_derived},
      {"/derived/CURRENT", of_derived}};
  for (const auto& [part, checks] : cases) {
    SCOPED_TRACE(part);
    const Closed closed(folder.path() + part);
    const auto answer = folder.Audit();
    ASSERT_TRUE(answer.ok()) << answer.status();
    ExpectEnds(answer->report, CheckEnd::kUnread, checks);
    EXPECT_FALSE(answer->report.all_well());
    for (const Check check : checks) {
      EXPECT_THAT(answer->report.of(check).note, HasSubstr("Permission denied"));
    }
  }
  EXPECT_TRUE(folder.Audit()->report.all_well());
}

TEST(UnreadAudit, NoSingleFileThatIsClosedIsTakenForDamageOrForAllWell) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  for (const auto& file : fs::directory_iterator(folder.path() + "/derived")) {
    const std::string name = file.path().filename();
    if (!name.ends_with(".sst") && !name.ends_with(".log") && !name.starts_with("MANIFEST")) {
      continue;
    }
    const Closed closed(file.path());
    const auto answer = folder.Audit();
    ASSERT_TRUE(answer.ok()) << name << answer.status();
    EXPECT_TRUE(answer->report.sound()) << name << answer->report.findings[0].reason;
    EXPECT_FALSE(answer->report.complete()) << name;
  }
}

TEST(UnreadAudit, ALedgerThatIsClosedIsNotTakenForNone) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  for (const char* const part : {"", "/ledger", "/ledger/CURRENT"}) {
    const Closed closed(folder.path() + part);
    const absl::Status status = folder.Audit().status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << part << status;
    EXPECT_THAT(status.message(), HasSubstr("Permission denied"));
  }
}

TEST(UnreadAudit, AClosedFileOfCheckpointsLacksNoneThatTheAuditorKept) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  const std::string log = folder.path() + "/transparency/checkpoints";
  fs::copy_file(log, folder.Path("kept"));
  const auto own = ReadCheckpoints(folder.Path("kept"), CheckpointFrom::kAuditor, std::nullopt);
  ASSERT_TRUE(own.ok()) << own.status();
  const auto findings_of = [&] {
    auto opened = OpenDataFolder(folder.path(), std::nullopt);
    EXPECT_TRUE(opened.ok()) << opened.status();
    Join(*own, LogsAre::kAll, opened->checkpoints);
    const auto answer = audit::Run(AuditedFolder::Question(*opened));
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->report.entries, answer->report.newest_checkpoint);
    return answer->report.finding_count;
  };
  {
    const Closed closed(log);
    EXPECT_EQ(0, findings_of());
  }
  fs::remove(log);
  EXPECT_EQ(own->all.size(), findings_of());  // where there is no file, they were removed
}

TEST(UnreadAudit, ALevelOfTheTreeThatCantBeReadLacksNoHash) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  const std::string level = folder.path() + "/transparency/tree/level-0";
  fs::remove(level);
  fs::create_directory(level);  // opened, and no byte can be read of it
  const auto answer = folder.Audit();
  ASSERT_TRUE(answer.ok()) << answer.status();
  ExpectEnds(answer->report, CheckEnd::kUnread, {Check::kTree});
  EXPECT_THAT(answer->report.of(Check::kTree).note, HasSubstr("reading " + level));
}

TEST(UnreadAudit, WhatIsNotThereIsNothingToLookAtAndAllIsWell) {
  AuditedFolder folder(TestSeed());
  Fill(folder);
  fs::remove_all(folder.path() + "/derived");
  fs::remove_all(folder.path() + "/transparency");
  const auto answer = folder.Audit();
  ASSERT_TRUE(answer.ok()) << answer.status();
  ExpectEnds(answer->report, CheckEnd::kSkipped,
             {Check::kCheckpoints, Check::kTree, Check::kState, Check::kDailyBalances});
  EXPECT_TRUE(answer->report.all_well());
}

}  // namespace
}  // namespace lumbung::audit
