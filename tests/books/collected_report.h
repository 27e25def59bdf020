// A report kept as it was written, for tests that look at its rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/books/report.h"
#include "api/books/report_writer.h"

namespace lumbung::books {

struct CollectedSection {
  std::string heading;
  std::vector<std::pair<RowStyle, Row>> rows;

  std::vector<Row> RowsOf(RowStyle style) const {
    std::vector<Row> found;
    for (const auto& [row_style, row] : rows) {
      if (row_style == style) found.push_back(row);
    }
    return found;
  }
};

class CollectedReport final : public ReportWriter {
 public:
  void Begin(const ReportHead& written) override { head = written; }
  void BeginSection(std::string_view heading, std::span<const size_t>) override {
    sections.push_back({.heading = std::string(heading), .rows = {}});
  }
  void AddRow(RowStyle style, std::span<const Cell> row) override {
    sections.back().rows.emplace_back(style, Row(row.begin(), row.end()));
  }
  void EndSection() override {}
  void End(const ReportEnd& written) override { end = written; }
  void Abandon(std::string_view why) override { abandoned = why; }

  ReportHead head;
  std::vector<CollectedSection> sections;
  ReportEnd end;
  std::string abandoned;
};

// A request for days that are known without the zone.
inline ReportRequest RequestOf(ReportKind kind, uint32_t cooperative, const Days& days = {},
                               Language language = Language::kEnglish) {
  ReportRequest request;
  request.kind = kind;
  request.cooperative = CooperativeId{cooperative};
  request.days = [days](int16_t) { return days; };
  request.language = language;
  return request;
}

}  // namespace lumbung::books
