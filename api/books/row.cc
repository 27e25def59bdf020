#include "api/books/row.h"

#include <algorithm>

#include "api/cli/plain_text.h"

namespace lumbung::books {

namespace {

using Magnitude = unsigned __int128;

// Also of the least number, which has no positive counterpart.
Magnitude MagnitudeOf(Sum number) {
  const auto bits = static_cast<Magnitude>(number);
  return number < 0 ? 0 - bits : bits;
}

std::string Digits(Magnitude number) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string Grouped(Magnitude number) {
  std::string digits = Digits(number);
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, '.');
  return digits;
}

std::string WithCents(std::string_view sign, const std::string& whole, char mark,
                      Magnitude magnitude) {
  const auto cents = static_cast<int>(magnitude % 100);
  std::string text{sign};
  text += whole;
  text += mark;
  text += static_cast<char>('0' + cents / 10);
  text += static_cast<char>('0' + cents % 10);
  return text;
}

std::string_view SignOf(Sum number) { return number < 0 ? "-" : ""; }

}  // namespace

std::string FormatSum(Sum minor_units) {
  const Magnitude magnitude = MagnitudeOf(minor_units);
  return WithCents(SignOf(minor_units), Grouped(magnitude / 100), ',', magnitude);
}

std::string PlainSum(Sum minor_units) {
  const Magnitude magnitude = MagnitudeOf(minor_units);
  return WithCents(SignOf(minor_units), Digits(magnitude / 100), '.', magnitude);
}

std::string DigitsOf(Sum minor_units) {
  return std::string(SignOf(minor_units)) + Digits(MagnitudeOf(minor_units));
}

std::string ToText(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kEmpty:
      return "";
    case Cell::Kind::kText:
      return cell.text;
    case Cell::Kind::kMoney:
      return FormatSum(cell.number);
    case Cell::Kind::kCount:
      return Grouped(MagnitudeOf(cell.number));
  }
  return "";
}

std::string_view NameOf(RowStyle style) {
  switch (style) {
    case RowStyle::kLine:
    case RowStyle::kSameAgain:
      return "line";
    case RowStyle::kOpening:
      return "opening";
    case RowStyle::kTotal:
      return "total";
  }
  return "";
}

void WidenTo(std::span<const Cell> row, std::vector<size_t>& widths) {
  widths.resize(std::max(widths.size(), row.size()));
  for (size_t i = 0; i < row.size(); ++i) {
    widths[i] = std::max(widths[i], cli::DisplayWidth(ToText(row[i])));
  }
}

}  // namespace lumbung::books
