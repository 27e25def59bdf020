#include "storage/audit/visit.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "storage/transparency/base64.h"
#include "storage/transparency/synced_file.h"

namespace lumbung::audit {

namespace {

constexpr std::string_view kTitle = "lumbung-visit 1";
constexpr size_t kMostBytes = size_t{64} << 20;

absl::Status Wrong(size_t line, std::string_view expected) {
  return absl::InvalidArgumentError("line " + std::to_string(line) + " of the visit: expected " +
                                    std::string(expected));
}

// Reads a text line by line, and a line word by word.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool Next() {
    const size_t end = text_.find('\n');
    if (end == std::string_view::npos) return false;
    line_ = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    ++number_;
    return true;
  }
  std::string_view Word() {
    const size_t end = std::min(line_.find(' '), line_.size());
    const std::string_view word = line_.substr(0, end);
    line_.remove_prefix(std::min(end + 1, line_.size()));
    return word;
  }
  // As ToText writes it, without zeros in front.
  template <typename T>
  std::optional<T> Number() {
    const std::string_view word = Word();
    T value{};
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || std::to_string(value) != word) return std::nullopt;
    return value;
  }
  // The same at the line's end.
  template <typename T>
  std::optional<T> LastNumber() {
    return line_.find(' ') == std::string_view::npos ? Number<T>() : std::nullopt;
  }
  // A hash behind this name, and nothing behind it.
  bool Hash(std::string_view name, std::span<uint8_t, 32> hash) {
    if (!Next() || Word() != name) return false;
    const auto bytes = DecodeBase64(line_);
    if (!bytes || bytes->size() != hash.size()) return false;
    std::ranges::copy(std::span(reinterpret_cast<const uint8_t*>(bytes->data()), hash.size()),
                      hash.begin());
    return true;
  }
  std::string_view rest_of_line() const { return line_; }
  bool at_end() const { return text_.empty(); }
  size_t number() const { return number_; }

 private:
  std::string_view text_;
  std::string_view line_;
  size_t number_ = 0;
};

std::optional<ControlTotal> TotalIn(Lines& lines) {
  const auto number = lines.Number<uint32_t>();
  const auto debits = lines.Number<int64_t>();
  const auto credits = lines.LastNumber<int64_t>();
  if (!number || !debits || !credits) return std::nullopt;
  return ControlTotal{CooperativeId{*number}, {Amount{*debits}, Amount{*credits}}};
}

}  // namespace

std::string Visit::ToText() const {
  std::string text(kTitle);
  text += "\nentries " + std::to_string(standing.last.value());
  text += "\nroot " + EncodeBase64(std::as_bytes(std::span(standing.root)));
  text += "\nstate " + EncodeBase64(std::as_bytes(std::span(standing.state)));
  for (const ControlTotal& total : totals) {
    text += "\ncooperative " + std::to_string(total.cooperative.value()) + " " +
            std::to_string(total.turnover.debits.value()) + " " +
            std::to_string(total.turnover.credits.value());
  }
  return text + "\nend\n";
}

absl::StatusOr<Visit> Visit::Parse(std::string_view text) {
  Lines lines(text);
  Visit visit;
  if (!lines.Next() || lines.rest_of_line() != kTitle) return Wrong(1, kTitle);
  if (!lines.Next() || lines.Word() != "entries") return Wrong(2, "entries <number>");
  const auto entries = lines.LastNumber<uint64_t>();
  if (!entries) return Wrong(2, "entries <number>");
  visit.standing.last = Sequence{*entries};
  if (!lines.Hash("root", visit.standing.root)) return Wrong(3, "root <base64>");
  if (!lines.Hash("state", visit.standing.state)) return Wrong(4, "state <base64>");
  while (lines.Next()) {
    if (lines.rest_of_line() == "end" && lines.at_end()) return visit;
    const auto total = lines.Word() == "cooperative" ? TotalIn(lines) : std::nullopt;
    if (!total) return Wrong(lines.number(), "cooperative <number> <debits> <credits>");
    if (!visit.totals.empty() && visit.totals.back().cooperative >= total->cooperative) {
      return Wrong(lines.number(), "a cooperative of a higher number than the one before");
    }
    visit.totals.push_back(*total);
  }
  return Wrong(lines.number() + 1, "end");
}

absl::StatusOr<Visit> ReadVisit(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWhole(path, kMostBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<Visit> visit = Visit::Parse(*text);
  if (!visit.ok()) {
    return absl::InvalidArgumentError(path + ": " + std::string(visit.status().message()));
  }
  return visit;
}

absl::Status SaveVisit(const Visit& visit, const std::string& path) {
  return ReplaceSynced(path, visit.ToText());
}

}  // namespace lumbung::audit
