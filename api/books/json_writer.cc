// The report as one JSON object, a row a line:
//
//   {"report":"journal","cooperative":1024,"name":…,"title":…,"zone":…,"from":…,"to":…,
//    "sections":[{"heading":…,"rows":[
//   {"row":"line","time":…,"debit":2500000,"debit_text":"25.000,00"},
//   …]}],
//    "controls":[{"text":…,"left":…,"right":…,"holds":true}],"notes":[…],"controls_hold":true}
//
// Amounts are integer minor units and, beside them, text; what is empty is left out. A report that
// could not be finished has "incomplete" with the reason instead of the controls.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

#include "api/books/report_writer.h"

namespace lumbung::books {

namespace {

std::string JsonText(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string DayOrNull(const std::string& day) { return day.empty() ? "null" : JsonText(day); }

std::string Value(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kEmpty:
      return "null";
    case Cell::Kind::kText:
      return JsonText(cell.text);
    case Cell::Kind::kMoney:
    case Cell::Kind::kCount:
      return DigitsOf(cell.number);
  }
  return "null";
}

class JsonWriter final : public ReportWriter {
 public:
  explicit JsonWriter(Output output) : output_(std::move(output)) {}

  void Begin(const ReportHead& head) override {
    columns_ = head.columns;
    output_(fmt::format(
        "{{\"report\":{},\"cooperative\":{},\"name\":{},\"title\":{},\"period\":{},\"zone\":{},"
        "\"from\":{},\"to\":{},\"sections\":[",
        JsonText(head.kind), head.cooperative, JsonText(head.name), JsonText(head.title),
        JsonText(head.period), JsonText(head.zone), DayOrNull(head.first_day),
        DayOrNull(head.last_day)));
  }

  void BeginSection(std::string_view heading, std::span<const size_t>) override {
    output_(fmt::format("{}{{\"heading\":{},\"rows\":[", sections_++ == 0 ? "" : ",",
                        JsonText(heading)));
    rows_ = 0;
    in_section_ = true;
  }

  void AddRow(RowStyle style, std::span<const Cell> row) override {
    std::string line = fmt::format("{}\n{{\"row\":\"{}\"", rows_++ == 0 ? "" : ",", NameOf(style));
    for (size_t i = 0; i < row.size(); ++i) {
      const Cell& cell = row[i];
      if (cell.kind == Cell::Kind::kEmpty) continue;
      line += fmt::format(",\"{}\":{}", columns_[i].key, Value(cell));
      if (cell.kind == Cell::Kind::kMoney) {
        line += fmt::format(",\"{}_text\":\"{}\"", columns_[i].key, FormatSum(cell.number));
      }
    }
    output_(line + "}");
  }

  void EndSection() override {
    output_("]}");
    in_section_ = false;
  }

  void End(const ReportEnd& end) override {
    output_("],\n\"controls\":[");
    for (size_t i = 0; i < end.controls.size(); ++i) {
      const Control& control = end.controls[i];
      output_(fmt::format("{}\n{{\"text\":{},\"left\":{},\"right\":{},\"holds\":{}}}",
                          i == 0 ? "" : ",", JsonText(control.text), Value(control.left),
                          Value(control.right), control.holds()));
    }
    output_("],\n\"notes\":[");
    for (size_t i = 0; i < end.notes.size(); ++i) {
      output_(fmt::format("{}{}", i == 0 ? "" : ",", JsonText(end.notes[i])));
    }
    output_(fmt::format("],\"controls_hold\":{}}}\n", AllHold(end.controls)));
  }

  void Abandon(std::string_view why) override {
    if (in_section_) EndSection();
    output_(fmt::format("],\"incomplete\":{},\"controls_hold\":false}}\n", JsonText(why)));
  }

 private:
  Output output_;
  std::vector<Column> columns_;
  size_t sections_ = 0;
  size_t rows_ = 0;
  bool in_section_ = false;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeJsonWriter(ReportWriter::Output output) {
  return std::make_unique<JsonWriter>(std::move(output));
}

}  // namespace lumbung::books
