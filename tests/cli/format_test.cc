#include "api/cli/format.h"

#include <gtest/gtest.h>

namespace lumbung::cli {
namespace {

TEST(FormatMoney, WritesRupiahAsInIndonesia) {
  EXPECT_EQ(FormatMoney(Amount{0}), "Rp0,00");
  EXPECT_EQ(FormatMoney(Amount{5}), "Rp0,05");
  EXPECT_EQ(FormatMoney(Amount{100'000}), "Rp1.000,00");
  EXPECT_EQ(FormatMoney(Amount{125'000'000}), "Rp1.250.000,00");
  EXPECT_EQ(FormatMoney(Amount{-50'050}), "-Rp500,50");
  EXPECT_EQ(FormatMoney(Amount{-7}), "-Rp0,07");
}

TEST(FormatMoney, WritesTheLargestAndTheSmallestAmount) {
  EXPECT_EQ(FormatMoney(kMaxAmount), "Rp92.233.720.368.547.758,07");
  EXPECT_EQ(FormatMoney(kMinAmount), "-Rp92.233.720.368.547.758,08");
}

TEST(FormatTime, NamesTheZone) {
  const Timestamp noon_utc{1'795'435'200'000'000'000};
  EXPECT_EQ(FormatTime(noon_utc, 420), "2026-11-23 19:00:00 WIB");
  EXPECT_EQ(FormatTime(noon_utc, 480), "2026-11-23 20:00:00 WITA");
  EXPECT_EQ(FormatTime(noon_utc, 540), "2026-11-23 21:00:00 WIT");
  EXPECT_EQ(FormatTime(noon_utc, 0), "2026-11-23 12:00:00 UTC");
  EXPECT_EQ(FormatTime(noon_utc, 330), "2026-11-23 17:30:00 UTC+05:30");
  EXPECT_EQ(FormatTime(noon_utc, -210), "2026-11-23 08:30:00 UTC-03:30");
  EXPECT_EQ(FormatTime(Timestamp{noon_utc.value() + 6 * 3'600'000'000'000}, 420),
            "2026-11-24 01:00:00 WIB");
}

TEST(FormatTime, WritesNothingForNoTime) {
  EXPECT_EQ(FormatTime(Timestamp{0}, 420), "");
  EXPECT_EQ(FormatTimeUtc(Timestamp{0}), "");
}

TEST(FormatTime, WritesNanosecondsInUtcForPrograms) {
  EXPECT_EQ(FormatTimeUtc(Timestamp{1'795'435'200'000'000'042}), "2026-11-23T12:00:00.000000042Z");
}

TEST(Format, WritesDurationsCountsAndRates) {
  EXPECT_EQ(FormatDuration(3'723'000'000'000), "01:02:03");
  EXPECT_EQ(FormatDuration(90'061'000'000'000), "1 d 01:01:01");
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'234'567), "1.234.567");
  EXPECT_EQ(FormatBasisPoints(30), "0,30 %");
  EXPECT_EQ(FormatBasisPoints(1100), "11,00 %");
}

TEST(Format, NamesEnumsWithoutTheirPrefix) {
  EXPECT_EQ(NameOf(v1::OUTCOME_INSUFFICIENT_FUNDS), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(NameOf(v1::KIND_PAYMENT), "PAYMENT");
  EXPECT_EQ(NameOf(v1::ACCOUNT_STATUS_FROZEN), "FROZEN");
  EXPECT_EQ(NameOf(static_cast<v1::Outcome>(999)), "999");
}

TEST(Format, WritesAccountsAndIdsAndNothingForNone) {
  EXPECT_EQ(FormatAccount(0), "");
  v1::Uuid id;
  EXPECT_EQ(FormatId(id), "");
  id = ToProto({0x0123456789abcdef, 0x8123456789abcdef});
  EXPECT_EQ(FormatId(id), "01234567-89ab-cdef-8123-456789abcdef");
}

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth("Bentangan"), 9u);
  EXPECT_EQ(DisplayWidth("Café"), 4u);
  EXPECT_EQ(DisplayWidth("Cafe\u0301"), 4u);
  EXPECT_EQ(DisplayWidth("米倉"), 4u);
  EXPECT_EQ(DisplayWidth("≠"), 1u);
  EXPECT_EQ(DisplayWidth("🌾"), 2u);
}

TEST(DisplayWidth, SurvivesBrokenText) {
  EXPECT_EQ(DisplayWidth("a\xE2\x82"), 2u);
  EXPECT_EQ(DisplayWidth("\xFF\xFE"), 2u);
  EXPECT_EQ(DisplayWidth("\xC3("), 2u);
}

TEST(Printable, LetsNoStoredTextMoveTheCursor) {
  EXPECT_EQ(Printable("a\x1b[2Jb"), "a\uFFFD[2Jb");
  EXPECT_EQ(Printable("line\nbreak"), "line\uFFFDbreak");
  EXPECT_EQ(Printable("\u202Eevil"), "\uFFFDevil");
  EXPECT_EQ(Printable("Gerai Sembako ≠ 米"), "Gerai Sembako ≠ 米");
}

TEST(CsvCell, QuotesWhatWouldEndACellOrALine) {
  EXPECT_EQ(CsvCell("beras 5 kg"), "beras 5 kg");
  EXPECT_EQ(CsvCell("beras, \"5 kg\""), "\"beras, \"\"5 kg\"\"\"");
  EXPECT_EQ(CsvCell("a\r\nb"), "\"a\r\nb\"");
  EXPECT_EQ(CsvCell("beras; minyak"), "\"beras; minyak\"");
}

TEST(TypedCsvCell, IsNoFormulaAndOneLine) {
  for (const char* formula : {"=1+1", "+1", "-1", "@x", "  =1", "\uFF1D1"}) {
    EXPECT_EQ(TypedCsvCell(formula), std::string("'") + formula);
  }
  EXPECT_EQ(TypedCsvCell("\t=1\n"), "\uFFFD=1\uFFFD");
  EXPECT_EQ(TypedCsvCell("=1,2"), "\"'=1,2\"");
  EXPECT_EQ(TypedCsvCell("5 - 3"), "5 - 3");
}

TEST(TypedCsvCell, IsNoFormulaWhereASemicolonSeparatesCells) {
  EXPECT_EQ(TypedCsvCell("x;=1+1;"), "\"x;'=1+1;\"");
  EXPECT_EQ(TypedCsvCell("x; -1;  @y; \uFF1D1"), "\"x;' -1;'  @y;' \uFF1D1\"");
  EXPECT_EQ(TypedCsvCell("x;;+1"), "\"x;;'+1\"");
  EXPECT_EQ(TypedCsvCell("x;\"=1;\""), "\"x;'\"\"=1;\"\"\"");
  EXPECT_EQ(TypedCsvCell("x; 5 - 3"), "\"x; 5 - 3\"");
}

TEST(HtmlText, HasNoMarkupInElementsAndInQuotedAttributes) {
  EXPECT_EQ(HtmlText("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
  EXPECT_EQ(HtmlText("a\x1B[2J"), "a\uFFFD[2J");
}

}  // namespace
}  // namespace lumbung::cli
