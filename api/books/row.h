// The rows of which reports are made, before they are written in one form or another. Values; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/books/phrase.h"

namespace lumbung::books {

// Sums of minor units. Wider than an Amount, since the sum of many accounts may not fit into one.
using Sum = __int128;

// `1.250.000,00`, `-500,00`: rupiah and sen, as the books of the country write them.
std::string FormatSum(Sum minor_units);
// `1250000.00`, `-500.00`: for spreadsheets.
std::string PlainSum(Sum minor_units);
// All digits of the minor units.
std::string DigitsOf(Sum minor_units);

struct Cell {
  enum class Kind : uint8_t { kEmpty, kText, kMoney, kCount };

  static Cell Empty() { return {}; }
  static Cell Text(std::string text) { return {Kind::kText, 0, std::move(text)}; }
  static Cell Text(std::string_view text) { return Text(std::string(text)); }
  static Cell Money(Sum minor_units) { return {Kind::kMoney, minor_units, {}}; }
  // A debit or credit column: nothing is shown for 0.
  static Cell MoneyIfAny(Sum minor_units) { return minor_units == 0 ? Cell{} : Money(minor_units); }
  static Cell Count(uint64_t count) { return {Kind::kCount, static_cast<Sum>(count), {}}; }

  bool operator==(const Cell&) const = default;

  Kind kind = Kind::kEmpty;
  Sum number = 0;
  std::string text = {};
};

// As people read it.
std::string ToText(const Cell& cell);

using Row = std::vector<Cell>;

// Makes each column wide enough for the row, on a terminal.
void WidenTo(std::span<const Cell> row, std::vector<size_t>& widths);

enum class RowStyle : uint8_t {
  kLine,
  kSameAgain,  // a further line of the transaction above: the columns `once` repeat it
  kOpening,
  kTotal,
};

// `line`, `opening`, `total`: for programs.
std::string_view NameOf(RowStyle style);

enum class Alignment : uint8_t { kLeft, kRight };

struct Column {
  std::string_view key;  // in JSON
  Phrase title;
  Alignment alignment = Alignment::kLeft;
  size_t width_min = 0;  // on a terminal, for reports whose rows come one by one
  bool once = false;     // left empty for the eye in rows of kSameAgain
};

}  // namespace lumbung::books
