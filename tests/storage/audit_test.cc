// What an audit says of a sound ledger, and of single things that are wrong with it. What an
// attacker may try is in tampering_test.cc.
#include "storage/audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/core/seed.h"
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

}  // namespace
}  // namespace lumbung::audit
