// The report as text for a terminal: aligned columns of plain characters.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/books/report_writer.h"
#include "api/cli/plain_text.h"

namespace lumbung::books {

namespace {

constexpr std::string_view kGap = "  ";

class TextWriter final : public ReportWriter {
 public:
  explicit TextWriter(Output output) : output_(std::move(output)) {}

  void Begin(const ReportHead& head) override {
    head_ = head;
    output_(fmt::format("{}\n{} {}\n{}\n", head.title, head.cooperative, cli::Printable(head.name),
                        head.period));
  }

  void BeginSection(std::string_view heading, std::span<const size_t> widths) override {
    widths_.clear();
    for (size_t i = 0; i < head_.columns.size(); ++i) {
      const Column& column = head_.columns[i];
      const size_t title = cli::DisplayWidth(column.title.In(head_.language));
      widths_.push_back(std::max({column.width_min, title, i < widths.size() ? widths[i] : 0}));
    }
    output_("\n");
    if (!heading.empty()) output_(cli::Printable(heading) + "\n\n");
    std::string line;
    for (size_t i = 0; i < widths_.size(); ++i) {
      AddCell(line, i, std::string(head_.columns[i].title.In(head_.language)));
    }
    Put(line);
    Rule();
  }

  void AddRow(RowStyle style, std::span<const Cell> row) override {
    if (style == RowStyle::kTotal) Rule();
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool hidden = style == RowStyle::kSameAgain && head_.columns[i].once;
      AddCell(line, i, hidden ? "" : cli::Printable(ToText(row[i])));
    }
    Put(line);
  }

  void EndSection() override {}

  void End(const ReportEnd& end) override {
    const Language language = head_.language;
    output_(fmt::format("\n{}\n", Phrase{"Kontrol", "Controls"}.In(language)));
    for (const Control& control : end.controls) {
      constexpr Phrase kHolds{"cocok", "holds"};
      constexpr Phrase kFails{"TIDAK COCOK", "FAILS"};
      output_(fmt::format("  [{}] {}: {} {} {}\n", (control.holds() ? kHolds : kFails).In(language),
                          control.text, ToText(control.left), control.holds() ? "=" : "≠",
                          ToText(control.right)));
    }
    for (const std::string& note : end.notes) output_(cli::Printable(note) + "\n");
    if (!end.signatures.empty()) {
      output_("\n");
      for (const std::string& who : end.signatures) {
        output_(fmt::format("{}: ______________________\n", who));
      }
    }
    if (!AllHold(end.controls)) output_(fmt::format("\n{}\n", FailedText().In(language)));
  }

  void Abandon(std::string_view why) override {
    constexpr Phrase kIncomplete{"TIDAK LENGKAP", "INCOMPLETE"};
    output_(fmt::format("\n{}: {}\n", kIncomplete.In(head_.language), cli::Printable(why)));
  }

 private:
  void AddCell(std::string& line, size_t column, const std::string& text) {
    if (column > 0) line += kGap;
    const size_t width = cli::DisplayWidth(text);
    const std::string padding(widths_[column] > width ? widths_[column] - width : 0, ' ');
    const bool right = head_.columns[column].alignment == Alignment::kRight;
    line += right ? padding + text : text + padding;
  }

  void Put(std::string& line) {
    ruled_ = false;
    line.erase(line.find_last_not_of(' ') + 1);
    output_(line + "\n");
  }

  // Never two in a row.
  void Rule() {
    if (std::exchange(ruled_, true)) return;
    std::string rule;
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) rule += kGap;
      for (size_t column = 0; column < widths_[i]; ++column) rule += "─";
    }
    output_(rule + "\n");
  }

  Output output_;
  ReportHead head_;
  std::vector<size_t> widths_;
  bool ruled_ = false;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeTextWriter(ReportWriter::Output output) {
  return std::make_unique<TextWriter>(std::move(output));
}

}  // namespace lumbung::books
