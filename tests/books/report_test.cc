// What a report shows at the edges of its period, and what it says of a ledger that is wrong.
#include "api/books/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/books/collected_report.h"
#include "tests/books/tiny_village.h"

namespace lumbung::books {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const LedgerSource& ledger, const ReportRequest& request,
                   Verdict expected = Verdict::kControlsHold) {
  std::string text;
  const auto writer = MakeTextWriter([&](std::string_view more) { text += more; });
  const auto verdict = WriteReport(ledger, request, *writer);
  EXPECT_TRUE(verdict.ok()) << verdict.status();
  if (verdict.ok()) {
    EXPECT_EQ(*verdict, expected) << text;
  }
  return text;
}

absl::Status StatusOf(const LedgerSource& ledger, const ReportRequest& request) {
  CollectedReport report;
  return WriteReport(ledger, request, report).status();
}

TEST(Reports, BeforeTheFirstEntryEverythingIsZeroAndHolds) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  const Days days{TinyVillage::Day(-10), TinyVillage::Day(-1)};
  for (const ReportKind kind : AllReports()) {
    EXPECT_THAT(TextOf(ledger, RequestOf(kind, 7, days)), HasSubstr("0,00 = 0,00")) << NameOf(kind);
  }
}

TEST(Reports, ACooperativeWithoutEntriesHasBooksOfZero) {
  Books books;
  books.Apply(OpenCooperative{.cooperative = CooperativeId{5}, .policy = {}, .name = "Kosong"});
  const MemoryLedger ledger(books);
  for (const ReportKind kind : AllReports()) {
    EXPECT_THAT(TextOf(ledger, RequestOf(kind, 5)), HasSubstr("5 Kosong")) << NameOf(kind);
  }
}

TEST(Reports, ACooperativeThatIsNotThereIsNotFound) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  for (const ReportKind kind : AllReports()) {
    EXPECT_TRUE(absl::IsNotFound(StatusOf(ledger, RequestOf(kind, 9)))) << NameOf(kind);
    EXPECT_TRUE(absl::IsNotFound(StatusOf(MemoryLedger(), RequestOf(kind, 7)))) << NameOf(kind);
  }
}

TEST(Reports, AnAccountMemberOrTillThatIsNotThereIsNotFound) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  ReportRequest request = RequestOf(ReportKind::kMembers, 7);
  request.member = HolderNumber{77};
  EXPECT_TRUE(absl::IsNotFound(StatusOf(ledger, request)));
  request = RequestOf(ReportKind::kCash, 7);
  request.till = TerminalId{9};
  EXPECT_TRUE(absl::IsNotFound(StatusOf(ledger, request)));
  request = RequestOf(ReportKind::kLedger, 7);
  request.account = AccountOf("7.2101.77");
  EXPECT_TRUE(absl::IsNotFound(StatusOf(ledger, request)));
}

TEST(Reports, ALedgerWithoutItsBeginningIsRefused) {
  Village village;
  for (uint64_t id = 1; id < 600; ++id) village.Deposit(id, "7.2101.1", 100);
  MemoryLedger ledger(village.books);
  ASSERT_GT(ledger.blocks(), 1u);
  ledger.DropFirstBlock();
  EXPECT_TRUE(absl::IsFailedPrecondition(StatusOf(ledger, RequestOf(ReportKind::kJournal, 7))));
}

TEST(Reports, ALedgerThatCanNotBeReadToItsEndMakesAReportThatSaysSo) {
  Village village;
  for (uint64_t id = 1; id < 600; ++id) village.Deposit(id, "7.2101.1", 100);
  MemoryLedger ledger(village.books);
  ledger.fails_from = Sequence{500};
  CollectedReport report;
  EXPECT_TRUE(
      absl::IsDataLoss(WriteReport(ledger, RequestOf(ReportKind::kJournal, 7), report).status()));
  EXPECT_EQ(report.abandoned, "the chain is broken");
  EXPECT_TRUE(report.end.controls.empty());
}

// The three zones of the country: an entry at the first nanosecond of a local day is of that day,
// one a nanosecond earlier of the day before.
TEST(Reports, ADayBeginsAtMidnightOfTheCooperativesZone) {
  for (const int16_t zone : {int16_t{420}, int16_t{480}, int16_t{540}}) {
    Books books;
    const CooperativeId cooperative{5};
    books.Apply(OpenCooperative{
        .cooperative = cooperative, .zone_minutes = zone, .policy = {}, .name = "Batas"});
    const BusinessDate day = TinyVillage::Day(1);
    const int64_t midnight = int64_t{day.value()} * kDay - int64_t{zone} * 60 * kSecond;
    const Leg leg{.debit = AccountOf("5.1101.0"), .credit = AccountOf("5.2201.0")};
    int64_t amount = 1;
    for (const int64_t moment : {midnight - 1, midnight, midnight + kDay - 1, midnight + kDay}) {
      books.Advance(moment - books.now().value() - 1000);
      Leg sized = leg;
      sized.amount = Amount{amount};
      Post post;
      post.header.id = IdOf(static_cast<uint64_t>(amount));
      post.purpose = Purpose::kGeneral;
      post.legs = {&sized, 1};
      ASSERT_EQ(books.Apply(post).outcome, Outcome::kAccepted);
      ASSERT_EQ(books.now().value(), moment);
      amount *= 10;
    }
    const MemoryLedger ledger(books);
    CollectedReport report;
    ASSERT_TRUE(
        WriteReport(ledger, RequestOf(ReportKind::kTrialBalance, 5, Days{day, day}), report).ok());
    const Row row = report.sections.at(0).rows.at(0).second;
    EXPECT_EQ(row[2].number, 1) << zone;
    EXPECT_EQ(row[4].number, 110) << zone;
    EXPECT_EQ(row[6].number, 111) << zone;
  }
}

TEST(Reports, HoldsReserveAndMoveNothing) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  CollectedReport report;
  ASSERT_TRUE(WriteReport(ledger, RequestOf(ReportKind::kMembers, 7), report).ok());
  const Row& wallet = report.sections.at(0).rows.at(0).second;
  ASSERT_EQ(wallet[0].text, "7.2101.1");
  EXPECT_EQ(wallet[5].number, tiny.village.Balance("7.2101.1"));
  EXPECT_EQ(wallet[6].number, 700'000);
  EXPECT_EQ(tiny.village.Held("7.2101.1"), 700'000);
}

TEST(Reports, TheLedgerOfOneAccountOrCodeHasThatAlone) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  ReportRequest request = RequestOf(ReportKind::kLedger, 7);
  request.account = AccountOf("7.2101.2");
  CollectedReport one;
  ASSERT_TRUE(WriteReport(ledger, request, one).ok());
  ASSERT_EQ(one.sections.size(), 1u);
  EXPECT_THAT(one.sections[0].heading, HasSubstr("7.2101.2 Voluntary savings, member 2"));
  EXPECT_EQ(one.sections[0].rows.back().second[6].number, tiny.village.Balance("7.2101.2"));
  request.account.reset();
  request.code = AccountCode{2101};
  CollectedReport code;
  ASSERT_TRUE(WriteReport(ledger, request, code).ok());
  ASSERT_EQ(code.sections.size(), 1u);
  EXPECT_GT(code.sections[0].rows.size(), one.sections[0].rows.size());
}

// Each report, of a ledger that was spoiled in one place.
void ExpectFailure(const MemoryLedger& ledger, std::string_view control) {
  for (const ReportKind kind : AllReports()) {
    for (const Language language : {Language::kEnglish, Language::kIndonesian}) {
      const std::string text =
          TextOf(ledger, RequestOf(kind, 7, {}, language), Verdict::kControlFailed);
      EXPECT_THAT(text, HasSubstr(std::string(FailedText().In(language)))) << NameOf(kind);
      if (language == Language::kEnglish) {
        EXPECT_THAT(text, HasSubstr("[FAILS] " + std::string(control))) << NameOf(kind);
      }
    }
  }
}

TEST(Reports, AnAmountThatWasChangedFailsEachReport) {
  TinyVillage tiny;
  const Sequence paid =
      tiny.village.Post(40, Purpose::kDues, {LegOf("7.2101.1", "7.3102.1", 500)}).sequence;
  MemoryLedger ledger(tiny.village.books);
  ledger.At(paid).amount = Amount{501};
  ExpectFailure(ledger,
                "Entries whose balance does not follow from those before (the first: entry " +
                    std::to_string(paid.value()) + ")");
}

TEST(Reports, ARecordedBalanceThatWasChangedFailsEachReport) {
  TinyVillage tiny;
  const Sequence moved =
      tiny.village.Post(40, Purpose::kMainCashToTill, {LegOf("7.1102.1", "7.1101.0", 500)})
          .sequence;
  MemoryLedger ledger(tiny.village.books);
  ledger.At(moved).debit_balance = Amount{1};
  ExpectFailure(ledger, "Opening + movement = recorded closing");
}

TEST(Reports, ALegThatLeavesTheCooperativeFailsEachReport) {
  TinyVillage tiny;
  const Sequence paid = tiny.village.Deposit(40, "7.2101.1", 500).sequence;
  MemoryLedger ledger(tiny.village.books);
  ledger.At(paid).credit_account = AccountOf("8.2101.1");
  ExpectFailure(ledger, "Debit = credit of the movement");
  EXPECT_THAT(TextOf(ledger, RequestOf(ReportKind::kBalanceSheet, 7), Verdict::kControlFailed),
              HasSubstr("[FAILS] Assets = liabilities + equity + result"));
  EXPECT_THAT(TextOf(ledger, RequestOf(ReportKind::kTrialBalance, 7), Verdict::kControlFailed),
              HasSubstr("[FAILS] Closing balances: debit = credit"));
}

TEST(Reports, MoneyOnSuspenseFailsTheDailyClosingAlone) {
  TinyVillage tiny;
  tiny.village.Post(40, Purpose::kGeneral, {LegOf("7.1101.0", "7.2199.0", 500)});
  const MemoryLedger ledger(tiny.village.books);
  const Days today{TinyVillage::Day(2), TinyVillage::Day(2)};
  EXPECT_THAT(
      TextOf(ledger, RequestOf(ReportKind::kDailyClosing, 7, today), Verdict::kControlFailed),
      HasSubstr("[FAILS] Suspense (2199) is empty at the day's end: 5,00 ≠ 0,00"));
  EXPECT_THAT(TextOf(ledger, RequestOf(ReportKind::kTrialBalance, 7)), Not(HasSubstr("FAILS")));
}

TEST(Reports, OtherAssetsAreLeftOutAndThatIsSaid) {
  TinyVillage tiny;
  const std::string before =
      TextOf(MemoryLedger(tiny.village.books), RequestOf(ReportKind::kTrialBalance, 7));
  Books& books = tiny.village.books;
  for (const char* const account : {"7.2101.9", "7.3102.9"}) {
    books.Apply(
        OpenAccount{.account = AccountOf(account), .asset = AssetCode{840}, .limits = Limits{}});
  }
  tiny.village.Post(40, Purpose::kDues, {LegOf("7.2101.9", "7.3102.9", 500)});
  const std::string after = TextOf(MemoryLedger(books), RequestOf(ReportKind::kTrialBalance, 7));
  EXPECT_THAT(after, HasSubstr("Left out: 1 entries in other assets than rupiah."));
  EXPECT_EQ(before.substr(0, before.find("Read up to")), after.substr(0, after.find("Read up to")));
  const auto of = [&](int day) {
    const Days days{TinyVillage::Day(day), TinyVillage::Day(day)};
    return TextOf(MemoryLedger(books), RequestOf(ReportKind::kTrialBalance, 7, days));
  };
  EXPECT_THAT(of(2), HasSubstr("Left out: 1 entries"));
  EXPECT_THAT(of(1), Not(HasSubstr("Left out"))) << "the period ends before";
  EXPECT_THAT(of(3), Not(HasSubstr("Left out"))) << "the period begins after";
}

TEST(Reports, TheDaysOfAReportFollowFromItsKind) {
  const BusinessDate today = TinyVillage::Day(0);  // 2026-11-24
  const BusinessDate new_year{today.value() - 327};
  DayChoice one;
  one.date = TinyVillage::Day(-1);
  const auto days = [&](ReportKind kind, const DayChoice& choice) {
    return *DaysFor(kind, choice, today);
  };
  EXPECT_EQ(days(ReportKind::kJournal, {}).first, std::nullopt);
  EXPECT_EQ(days(ReportKind::kJournal, one).first, one.date);
  EXPECT_EQ(days(ReportKind::kCash, one).last, one.date);
  EXPECT_EQ(days(ReportKind::kTrialBalance, one).first, std::nullopt);
  EXPECT_EQ(days(ReportKind::kTrialBalance, one).last, one.date);
  EXPECT_EQ(days(ReportKind::kBalanceSheet, {}).last, std::nullopt);
  EXPECT_EQ(days(ReportKind::kDailyClosing, {}).first, today);
  EXPECT_EQ(days(ReportKind::kDailyClosing, one).last, one.date);
  EXPECT_EQ(days(ReportKind::kResult, {}).first, new_year);
  EXPECT_EQ(days(ReportKind::kResult, {}).last, today);
  EXPECT_EQ(days(ReportKind::kResult, one).first, new_year);
  EXPECT_EQ(days(ReportKind::kResult, one).last, one.date);

  DayChoice range;
  range.from = TinyVillage::Day(-2);
  range.to = TinyVillage::Day(-1);
  EXPECT_EQ(days(ReportKind::kResult, range).first, range.from);
  for (const ReportKind kind : {ReportKind::kBalanceSheet, ReportKind::kDailyClosing}) {
    EXPECT_TRUE(absl::IsInvalidArgument(DaysFor(kind, range, today).status()));
  }
  DayChoice both = range;
  both.date = one.date;
  EXPECT_TRUE(absl::IsInvalidArgument(DaysFor(ReportKind::kJournal, both, today).status()));
  std::swap(range.from, range.to);
  EXPECT_TRUE(absl::IsInvalidArgument(DaysFor(ReportKind::kJournal, range, today).status()));
}

}  // namespace
}  // namespace lumbung::books
