// The report as CSV (RFC 4180, UTF-8): one header, the same columns in every line. The first two
// tell the section and what kind of row it is:
//
//   head | line | opening | total | control ok | control FAILED | note | INCOMPLETE
//
// The head, controls, notes and what went wrong stand in the column that labels the rows.
#include <utility>

#include "api/books/report_writer.h"
#include "api/cli/plain_text.h"

namespace lumbung::books {

namespace {

std::string Field(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kEmpty:
      return "";
    case Cell::Kind::kText:
      return cli::TypedCsvCell(cell.text);
    case Cell::Kind::kMoney:
      return PlainSum(cell.number);
    case Cell::Kind::kCount:
      return DigitsOf(cell.number);
  }
  return "";
}

class CsvWriter final : public ReportWriter {
 public:
  explicit CsvWriter(Output output) : output_(std::move(output)) {}

  void Begin(const ReportHead& head) override {
    head_ = head;
    constexpr Phrase kSection{"Bagian", "Section"};
    constexpr Phrase kRow{"Baris", "Row"};
    std::string line{kSection.In(head.language)};
    line += ",";
    line += kRow.In(head.language);
    for (const Column& column : head.columns) {
      line += ",";
      line += cli::TypedCsvCell(column.title.In(head.language));
    }
    output_(line + "\r\n");
    Label("head", head.title + ", " + std::to_string(head.cooperative) + " " + head.name + ", " +
                      head.period);
  }

  void BeginSection(std::string_view heading, std::span<const size_t>) override {
    section_ = cli::TypedCsvCell(heading);
  }

  void AddRow(RowStyle style, std::span<const Cell> row) override {
    std::string line = section_;
    line += ",";
    line += NameOf(style);
    for (const Cell& cell : row) {
      line += ",";
      line += Field(cell);
    }
    output_(line + "\r\n");
  }

  void EndSection() override {}

  void End(const ReportEnd& end) override {
    section_.clear();
    for (const Control& control : end.controls) {
      Label(control.holds() ? "control ok" : "control FAILED",
            control.text + ": " + Field(control.left) + (control.holds() ? " = " : " ≠ ") +
                Field(control.right));
    }
    for (const std::string& note : end.notes) Label("note", note);
    if (!AllHold(end.controls)) Label("control FAILED", FailedText().In(head_.language));
  }

  void Abandon(std::string_view why) override {
    section_.clear();
    Label("INCOMPLETE", why);
  }

 private:
  // A line whose label says it all.
  void Label(std::string_view kind, std::string_view text) {
    std::string line = section_ + ",";
    line += kind;
    for (size_t i = 0; i < head_.columns.size(); ++i) {
      line += ",";
      if (i == head_.label) line += cli::TypedCsvCell(text);
    }
    output_(line + "\r\n");
  }

  Output output_;
  ReportHead head_;
  std::string section_;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeCsvWriter(ReportWriter::Output output) {
  return std::make_unique<CsvWriter>(std::move(output));
}

}  // namespace lumbung::books
