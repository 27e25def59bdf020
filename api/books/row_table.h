// A section whose rows are bounded by the accounts: collected, so that its columns are as wide as
// they must be, then written. One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/books/report_writer.h"
#include "api/books/row.h"

namespace lumbung::books {

class RowTable {
 public:
  void Add(RowStyle style, Row row) {
    WidenTo(row, widths_);
    rows_.push_back({style, std::move(row)});
  }

  void Write(std::string_view heading, ReportWriter& writer) const {
    writer.BeginSection(heading, widths_);
    for (const auto& [style, row] : rows_) writer.AddRow(style, row);
    writer.EndSection();
  }

 private:
  std::vector<std::pair<RowStyle, Row>> rows_;
  std::vector<size_t> widths_;
};

}  // namespace lumbung::books
