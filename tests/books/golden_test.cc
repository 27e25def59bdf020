// Every report of a small ledger, word for word, in both languages and all forms. After a change
// that is meant, LUMBUNG_WRITE_GOLDEN=1 writes the files anew: read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/books/collected_report.h"
#include "tests/books/tiny_village.h"

namespace lumbung::books {
namespace {

Days DaysOf(ReportKind kind) {
  const BusinessDate today = TinyVillage::Day(2);
  DayChoice choice;
  if (kind == ReportKind::kMembers || kind == ReportKind::kCash) choice.from = today;
  if (kind == ReportKind::kTrialBalance) choice.from = choice.to = TinyVillage::Day(1);
  if (kind == ReportKind::kDailyClosing) choice.date = TinyVillage::Day(1);
  return *DaysFor(kind, choice, today);
}

std::string Draw(const LedgerSource& ledger, ReportKind kind, Language language, Format format) {
  std::string text;
  const auto writer = MakeWriter(format, [&](std::string_view more) { text += more; });
  const auto verdict = WriteReport(ledger, RequestOf(kind, 7, DaysOf(kind), language), *writer);
  EXPECT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(*verdict, Verdict::kControlsHold) << text;
  return text;
}

void Compare(const std::string& name, const std::string& text) {
  const std::string path = std::string(LUMBUNG_GOLDEN_FOLDER) + "/" + name;
  if (std::getenv("LUMBUNG_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << "differs from " << path;
}

TEST(GoldenBooks, AreTheSameWordForWordInBothLanguages) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  for (const Language language : {Language::kIndonesian, Language::kEnglish}) {
    std::string all;
    for (const ReportKind kind : AllReports()) {
      all += Draw(ledger, kind, language, Format::kText) + "\n\n";
    }
    Compare(language == Language::kIndonesian ? "indonesian.txt" : "english.txt", all);
  }
}

TEST(GoldenBooks, AreTheSameInEachForm) {
  TinyVillage tiny;
  const MemoryLedger ledger(tiny.village.books);
  Compare("journal.csv", Draw(ledger, ReportKind::kJournal, Language::kIndonesian, Format::kCsv));
  Compare("daily-closing.html",
          Draw(ledger, ReportKind::kDailyClosing, Language::kIndonesian, Format::kHtml));
  Compare("cash.json", Draw(ledger, ReportKind::kCash, Language::kEnglish, Format::kJson));
}

}  // namespace
}  // namespace lumbung::books
