// A report on its way out, in one of four forms. The calls come in this order:
//
//   Begin, then for each section: BeginSection, Row …, EndSection; then End or Abandon
//
// What is written goes out as it comes, so that a report may be as long as the ledger. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/books/phrase.h"
#include "api/books/row.h"

namespace lumbung::books {

enum class Format : uint8_t { kText, kCsv, kHtml, kJson };

enum class Paper : uint8_t { kPortrait, kLandscape };

// What stands above a report.
struct ReportHead {
  std::string kind;  // as the command line spells it
  std::string title;
  uint64_t cooperative = 0;
  std::string name;       // of the cooperative, as it was stored
  std::string period;     // in words, with the zone
  std::string first_day;  // empty: from the beginning
  std::string last_day;   // empty: to the end
  std::string zone;
  Language language = Language::kIndonesian;
  Paper paper = Paper::kPortrait;
  std::vector<Column> columns;  // of every section
  size_t label = 0;             // the column that says what a row is about
};

// Two figures that must be equal.
struct Control {
  std::string text;
  Cell left;
  Cell right;
  bool holds() const { return left == right; }
};

// What stands below it.
struct ReportEnd {
  std::vector<Control> controls;
  std::vector<std::string> notes;
  std::vector<std::string> signatures;  // whose, for reports that are signed on paper
};

bool AllHold(std::span<const Control> controls);

// What everybody must see at the end of a report that is wrong.
Phrase FailedText();

class ReportWriter {
 public:
  using Output = std::function<void(std::string_view text)>;

  virtual ~ReportWriter() = default;

  virtual void Begin(const ReportHead& head) = 0;
  // `widths` are those that the columns need, if they are known already; only for the eye.
  virtual void BeginSection(std::string_view heading, std::span<const size_t> widths) = 0;
  // REQUIRES: one cell a column.
  virtual void AddRow(RowStyle style, std::span<const Cell> row) = 0;
  virtual void EndSection() = 0;
  virtual void End(const ReportEnd& end) = 0;
  // The ledger could not be read to the end: says that what was written is not the whole. May come
  // at any time after Begin.
  virtual void Abandon(std::string_view why) = 0;
};

std::unique_ptr<ReportWriter> MakeTextWriter(ReportWriter::Output output);
// RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it.
std::unique_ptr<ReportWriter> MakeCsvWriter(ReportWriter::Output output);
// One page that needs nothing else, made to be printed on A4.
std::unique_ptr<ReportWriter> MakeHtmlWriter(ReportWriter::Output output);
// One object; keys are the same in both languages.
std::unique_ptr<ReportWriter> MakeJsonWriter(ReportWriter::Output output);
std::unique_ptr<ReportWriter> MakeWriter(Format format, ReportWriter::Output output);

}  // namespace lumbung::books
