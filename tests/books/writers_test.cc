// The forms in which reports are written, fed with text that means harm; and the spool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "api/books/report_writer.h"
#include "api/books/row_spool.h"
#include "tests/engine/core/seed.h"

namespace lumbung::books {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Write(Format format, const std::string& name, const Row& row,
                  const ReportEnd& end = {}) {
  std::string text;
  const auto writer = MakeWriter(format, [&](std::string_view more) { text += more; });
  ReportHead head;
  head.kind = "journal";
  head.title = "Title";
  head.cooperative = 7;
  head.name = name;
  head.period = "period";
  head.language = Language::kEnglish;
  head.columns = {{.key = "what", .title = {"Apa", "What"}},
                  {.key = "amount", .title = {"Jumlah", "Amount"}}};
  writer->Begin(head);
  writer->BeginSection(name, {});
  writer->AddRow(RowStyle::kLine, row);
  writer->EndSection();
  writer->End(end);
  return text;
}

TEST(Writers, CsvNeverHasAFormula) {
  for (const std::string begin : {"=", "+", "-", "@", " =", "\uFF1D"}) {
    const std::string csv =
        Write(Format::kCsv, "name", {Cell::Text(begin + "1+1"), Cell::Money(-5)});
    EXPECT_THAT(csv, HasSubstr("\r\nname,line,'")) << begin;
    EXPECT_THAT(csv, HasSubstr(",-0.05\r\n")) << "a negative amount is a number";
  }
  for (const std::string hidden : {"\t=1", "\r=1", "\n=1"}) {
    EXPECT_THAT(Write(Format::kCsv, "name", {Cell::Text(hidden), {}}),
                HasSubstr("\r\nname,line,\uFFFD=1,"))
        << "control characters are replaced";
  }
  const std::string harmless =
      Write(Format::kCsv, "name", {Cell::Text(std::string("a=1")), Cell::Money(5)});
  EXPECT_THAT(harmless, HasSubstr("\r\nname,line,a=1,0.05\r\n"));
}

TEST(Writers, CsvQuotesWhatNeedsIt) {
  const std::string csv =
      Write(Format::kCsv, "a,b", {Cell::Text(std::string("say \"x\", y")), Cell::Count(7)});
  EXPECT_THAT(csv, HasSubstr("\r\n\"a,b\",line,\"say \"\"x\"\", y\",7\r\n"));
  EXPECT_EQ(csv.find('\n'), csv.find("\r\n") + 1);
}

TEST(Writers, HtmlNeverHasMarkupOfStoredText) {
  const std::string html =
      Write(Format::kHtml, "<script>alert('x')</script>",
            {Cell::Text(std::string("\"><img src=x onerror=y>&")), Cell::Money(1)});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, HasSubstr("&quot;&gt;&lt;img src=x onerror=y&gt;&amp;"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
}

TEST(Writers, TextNeverMovesTheCursor) {
  const std::string text =
      Write(Format::kText, "a\x1b[2J", {Cell::Text(std::string("b\x1b[1A\n\u202E")), {}});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\u202E")));
}

TEST(Writers, JsonIsWellFormedWithAnyText) {
  ReportEnd end;
  end.controls = {{"a = b", Cell::Money(1), Cell::Money(2)}};
  end.notes = {"one", "two \"quoted\""};
  const auto json =
      nlohmann::json::parse(Write(Format::kJson, "quote \" and \xff",
                                  {Cell::Text(std::string("b\n\\")), Cell::Money(-125)}, end));
  EXPECT_EQ(json["sections"][0]["rows"][0]["what"], "b\n\\");
  EXPECT_EQ(json["sections"][0]["rows"][0]["amount"], -125);
  EXPECT_EQ(json["sections"][0]["rows"][0]["amount_text"], "-1,25");
  EXPECT_EQ(json["controls"][0]["holds"], false);
  EXPECT_EQ(json["controls_hold"], false);
  EXPECT_EQ(json["notes"][1], "two \"quoted\"");
}

TEST(Writers, EachFormSaysThatAReportIsIncomplete) {
  for (const Format format : {Format::kText, Format::kCsv, Format::kHtml, Format::kJson}) {
    std::string text;
    const auto writer = MakeWriter(format, [&](std::string_view more) { text += more; });
    ReportHead head;
    head.language = Language::kEnglish;
    head.columns = {{.key = "what", .title = {"Apa", "What"}}};
    writer->Begin(head);
    writer->BeginSection("section", {});
    writer->AddRow(RowStyle::kLine, Row{Cell::Count(1)});
    writer->Abandon("entry 17 is damaged");
    EXPECT_THAT(text, HasSubstr("entry 17 is damaged"));
    EXPECT_THAT(text, ::testing::AnyOf(HasSubstr("INCOMPLETE"), HasSubstr("incomplete")));
    if (format == Format::kJson) {
      EXPECT_EQ(nlohmann::json::parse(text)["controls_hold"], false);
    }
  }
}

TEST(Writers, EachFormSaysThatAControlFailed) {
  ReportEnd end;
  end.controls = {{"a = b", Cell::Money(1), Cell::Money(2)}};
  for (const Format format : {Format::kText, Format::kCsv, Format::kHtml}) {
    EXPECT_THAT(Write(format, "name", Row(2), end),
                HasSubstr(std::string(FailedText().In(Language::kEnglish))));
  }
}

TEST(Sums, AreWrittenAsTheBooksOfTheCountryWriteThem) {
  EXPECT_EQ(FormatSum(0), "0,00");
  EXPECT_EQ(FormatSum(-5), "-0,05");
  EXPECT_EQ(FormatSum(123'456'789), "1.234.567,89");
  EXPECT_EQ(PlainSum(-123'456'789), "-1234567.89");
  const Sum most = Sum{std::numeric_limits<int64_t>::max()} * 100;
  EXPECT_EQ(FormatSum(most), "9.223.372.036.854.775.807,00");
  EXPECT_EQ(DigitsOf(-most), "-922337203685477580700");
}

TEST(Spool, GivesEachSectionsRowsBackInOrderFromMemoryOrFile) {
  std::mt19937_64 random(TestSeed());
  for (const size_t buffer : {size_t{0}, size_t{3'000}, RowSpool::kBufferBytes}) {
    RowSpool spool(buffer);
    std::map<uint64_t, std::vector<Row>> expected;
    for (uint64_t i = 0; i < 2'000; ++i) {
      const uint64_t section = random() % 5;
      const Row row{Cell::Count(i), Cell::Text(std::string(random() % 40, 'x')),
                    Cell::Money(-static_cast<Sum>(i) << 70), Cell::Empty()};
      expected[section].push_back(row);
      spool.Append(section, i % 2 == 0 ? RowStyle::kLine : RowStyle::kTotal, row);
    }
    EXPECT_EQ(spool.spilled_bytes() > 0, buffer < RowSpool::kBufferBytes);
    for (const auto& [section, rows] : expected) {
      std::vector<Row> found;
      ASSERT_TRUE(spool
                      .ForEach(section,
                               [&](RowStyle style, const Row& row) {
                                 found.push_back(row);
                                 EXPECT_EQ(style == RowStyle::kLine, row[0].number % 2 == 0);
                               })
                      .ok());
      EXPECT_TRUE(found == rows);
      EXPECT_EQ(spool.WidthsOf(section).size(), 4u);
    }
    EXPECT_TRUE(spool.WidthsOf(77).empty());
  }
}

}  // namespace
}  // namespace lumbung::books
