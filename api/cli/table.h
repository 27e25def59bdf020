// A table of text for people: columns as wide as their widest cell, a header, a rule, and
// optionally a line of totals below a second rule. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lumbung::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
  // For tables that are printed row by row, before the rows to come are known.
  size_t width_min = 0;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // REQUIRES: one cell a column. Control characters in cells are replaced.
  void AddRow(std::vector<std::string> cells);
  void SetTotals(std::vector<std::string> cells);

  // The whole table, each line ended by a newline.
  std::string ToString() const;

  // The parts, for tables that are printed row by row. Widths are those of the rows added so far.
  std::string HeaderLines() const;
  // Prints the rows added since the last call, and forgets them.
  std::string TakeRowLines();

 private:
  using Row = std::vector<std::string>;

  void Widen(const Row& row);
  std::string Line(const Row& row) const;
  std::string Rule() const;

  std::vector<Column> columns_;
  std::vector<size_t> widths_;
  std::vector<Row> rows_;
  Row totals_;
};

// One thing that is told about something.
struct Field {
  std::string name;
  std::string value;
};

// One field a line, indented, the values below each other. Fields without a value are left out.
std::string FormatFields(const std::vector<Field>& fields);

}  // namespace lumbung::cli
