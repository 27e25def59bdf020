#include "api/cli/table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/cli/format.h"
#include "engine/check.h"

namespace lumbung::cli {
namespace {

constexpr std::string_view kGap = "  ";

std::vector<std::string> PrintableCells(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  return cells;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) {
    widths_.push_back(std::max(column.width_min, DisplayWidth(column.title)));
  }
}

void Table::AddRow(std::vector<std::string> cells) {
  LUMBUNG_CHECK(cells.size() == columns_.size());
  rows_.push_back(PrintableCells(std::move(cells)));
  Widen(rows_.back());
}

void Table::SetTotals(std::vector<std::string> cells) {
  LUMBUNG_CHECK(cells.size() == columns_.size());
  totals_ = PrintableCells(std::move(cells));
  Widen(totals_);
}

std::string Table::ToString() const {
  std::string text = HeaderLines();
  for (const Row& row : rows_) text += Line(row);
  if (!totals_.empty()) text += Rule() + Line(totals_);
  return text;
}

std::string Table::HeaderLines() const {
  Row titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  return Line(titles) + Rule();
}

std::string Table::TakeRowLines() {
  std::string text;
  for (const Row& row : rows_) text += Line(row);
  rows_.clear();
  return text;
}

void Table::Widen(const Row& row) {
  for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], DisplayWidth(row[i]));
}

std::string Table::Line(const Row& row) const {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += kGap;
    const std::string padding(widths_[i] - DisplayWidth(row[i]), ' ');
    line += columns_[i].align == Align::kRight ? padding + row[i] : row[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Table::Rule() const {
  std::string rule;
  for (size_t i = 0; i < widths_.size(); ++i) {
    if (i > 0) rule += kGap;
    for (size_t column = 0; column < widths_[i]; ++column) rule += "─";
  }
  return rule + "\n";
}

std::string FormatFields(const std::vector<Field>& fields) {
  size_t width = 0;
  for (const Field& field : fields) {
    if (!field.value.empty()) width = std::max(width, DisplayWidth(field.name));
  }
  std::string lines;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    const std::string padding(width - DisplayWidth(name), ' ');
    lines += std::string(kGap) + name + padding + std::string(kGap) + Printable(value) + "\n";
  }
  return lines;
}

}  // namespace lumbung::cli
