#include "api/server/fault_finder.h"

#include "absl/strings/str_cat.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint32_t kMost16 = 65535;

// Validate speaks of a Transaction; the parties' methods have other names for its fields.
std::string ApiField(const std::string& field, const FieldNames& names) {
  if (field == "kind") return std::string(names.kind);
  if (field == "debit_account") return std::string(names.debit);
  if (field == "credit_account") return std::string(names.credit);
  if (field == "related_id") return std::string(names.related);
  if (field == "hold_seconds") return std::string(names.seconds);
  return field;
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
