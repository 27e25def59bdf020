#include "api/server/fault_finder.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint32_t kMost16 = 65535;

// `legs[3].debit` is `further_legs[2].debit_account` in the API, and `legs[0].debit` is the
// message's own debit account; what names no leg is translated by its last part.
std::string ApiField(std::string_view field, const FieldNames& names) {
  constexpr std::string_view kLegs = "legs[";
  const size_t legs = field.find(kLegs);
  size_t leg = 0;
  if (legs != std::string_view::npos) {
    const char* const begin = field.data() + legs + kLegs.size();
    std::from_chars(begin, field.data() + field.size(), leg);
  }
  const size_t dot = field.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? field : field.substr(dot + 1);
  if (leg > 0) {
    const std::string_view part = last.starts_with("debit")    ? "debit_account"
                                  : last.starts_with("credit") ? "credit_account"
                                  : last.starts_with("amount") ? "amount"
                                                               : "";
    std::string named = absl::StrCat("further_legs[", leg - 1, "]");
    if (!part.empty()) absl::StrAppend(&named, ".", std::string(part));
    return named;
  }
  if (last.starts_with("debit") || last.starts_with("legs[0]")) return std::string(names.debit);
  if (last.starts_with("credit")) return std::string(names.credit);
  if (last == "amount") return std::string(names.amount);
  if (last == "kind" || last == "purpose") return std::string(names.kind);
  if (last == "related" || last == "related_id" || last == "hold" || last == "original") {
    return std::string(names.related);
  }
  if (last == "seconds" || last == "hold_seconds") return std::string(names.seconds);
  if (last == "legs") return "further_legs";
  return std::string(last);
}

}  // namespace

void FaultFinder::Note(Outcome outcome, std::string_view field, std::string_view expected,
                       std::string_view found) {
  if (worst_.outcome != Outcome::kAccepted && worst_.outcome <= outcome) return;
  worst_.outcome = outcome;
  worst_.field = std::string(field);
  worst_.message = absl::StrCat("expected ", std::string(expected), ", found ", std::string(found));
}

uint32_t FaultFinder::Within(Range range, uint32_t number, std::string_view field) {
  if (number >= range.least && number <= range.most) [[likely]] {
    return number;
  }
  Note(Outcome::kAccountMalformed, field,
       absl::StrCat("a number from ", range.least, " to ", range.most), std::to_string(number));
  return 0;
}

CooperativeId FaultFinder::Cooperative(uint32_t number, std::string_view field) {
  return CooperativeId{Within({1, (1u << kCooperativeBits) - 1}, number, field)};
}

HolderNumber FaultFinder::Holder(uint32_t number, std::string_view field) {
  return HolderNumber{Within({1, (1u << kHolderBits) - 1}, number, field)};
}

BranchId FaultFinder::Branch(uint32_t number, std::string_view field) {
  return BranchId{static_cast<uint16_t>(Within({1, kMost16}, number, field))};
}

TerminalId FaultFinder::Terminal(uint32_t number, std::string_view field) {
  return TerminalId{static_cast<uint16_t>(Within({1, kMost16}, number, field))};
}

Evidence FaultFinder::EvidenceOf(const v1::Evidence& proto) {
  const uint32_t branch = Within({0, kMost16}, proto.branch(), "evidence.branch");
  const uint32_t terminal = Within({0, kMost16}, proto.terminal(), "evidence.terminal");
  return {.device_time = proto.device_time_s(),
          .branch = BranchId{static_cast<uint16_t>(branch)},
          .terminal = TerminalId{static_cast<uint16_t>(terminal)},
          .terminal_sequence = proto.terminal_sequence(),
          .operator_id = OperatorId{proto.operator_id()}};
}

Verdict FaultFinder::Settle(const DecodeContext& context, const FieldNames& names,
                            Request& request) {
  const Command& command = request.commands.back();
  Verdict verdict = lumbung::Validate(command, context.now);
  if (verdict.outcome != Outcome::kAccepted) verdict.field = ApiField(verdict.field, names);
  if (worst_.outcome != Outcome::kAccepted &&
      (verdict.outcome == Outcome::kAccepted || worst_.outcome <= verdict.outcome)) {
    verdict = std::move(worst_);
  }
  if (verdict.outcome == Outcome::kAccepted &&
      Authorise(context.principal, command) == Permission::kDenied) {
    verdict = {.outcome = Outcome::kNotPermitted,
               .field = "",
               .message = std::string(Explain(Outcome::kNotPermitted))};
  }
  Result& result = request.results.emplace_back();
  if (verdict.outcome != Outcome::kAccepted) result.outcome = verdict.outcome;
  return verdict;
}

}  // namespace lumbung
