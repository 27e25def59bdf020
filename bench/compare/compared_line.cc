#include "bench/compare/compared_line.h"

#include <algorithm>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace lumbung {

namespace {

bool HasVerdict(const std::vector<ComparedLine>& lines, Verdict verdict) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const ComparedLine& line) { return line.verdict == verdict; });
}

}  // namespace

void ComparedLine::Judge(double reached) {
  ratio = reached;
  verdict = reached >= 1 ? Verdict::kMet : Verdict::kNotMet;
}

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNotRun:
      return "not run";
    case Verdict::kMet:
      return "met";
    case Verdict::kNotMet:
      return "not met";
  }
  return "";
}

int ExitCodeOf(const std::vector<ComparedLine>& lines) {
  if (HasVerdict(lines, Verdict::kNotRun)) return 2;
  return HasVerdict(lines, Verdict::kNotMet) ? 1 : 0;
}

std::string TableOf(const std::vector<ComparedLine>& lines) {
  std::string table =
      "| line | target | measured | of the target | verdict | how |\n"
      "|---|---|---|---:|---|---|\n";
  for (const ComparedLine& line : lines) {
    const bool met = line.verdict == Verdict::kMet;
    table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", line.what, line.target, line.measured,
                         line.ratio == 0 ? "" : fmt::format("{:.2f}", line.ratio),
                         met ? "met" : fmt::format("**{}**", NameOf(line.verdict)), line.how);
  }
  return table;
}

std::string JsonOf(const std::vector<ComparedLine>& lines) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const ComparedLine& line : lines) {
    json.push_back({{"key", line.key},
                    {"what", line.what},
                    {"target", line.target},
                    {"measured", line.measured},
                    {"ratio", line.ratio},
                    {"met", line.verdict == Verdict::kMet},
                    {"verdict", NameOf(line.verdict)},
                    {"how", line.how}});
  }
  return json.dump(2);
}

}  // namespace lumbung
