#include "api/cli/format.h"

#include <fmt/format.h>

namespace lumbung::cli {
namespace {

template <typename Enum>
std::string WithoutPrefix(const std::string& name, std::string_view prefix, Enum value) {
  if (name.empty()) return fmt::format("{}", static_cast<int>(value));
  return name.substr(prefix.size());
}

}  // namespace

std::string NameOf(v1::Kind kind) { return WithoutPrefix(v1::Kind_Name(kind), "KIND_", kind); }
std::string NameOf(v1::Step step) { return WithoutPrefix(v1::Step_Name(step), "STEP_", step); }
std::string NameOf(v1::Fact fact) { return WithoutPrefix(v1::Fact_Name(fact), "FACT_", fact); }
std::string NameOf(v1::Outcome outcome) {
  return WithoutPrefix(v1::Outcome_Name(outcome), "OUTCOME_", outcome);
}
std::string NameOf(v1::AccountStatus status) {
  return WithoutPrefix(v1::AccountStatus_Name(status), "ACCOUNT_STATUS_", status);
}

std::string FormatAccount(uint64_t packed) {
  return packed == 0 ? "" : AccountId{packed}.ToString();
}

std::string FormatId(const v1::Uuid& id) {
  const TransactionId transaction_id{id.high(), id.low()};
  return transaction_id.IsZero() ? "" : transaction_id.ToString();
}

v1::Uuid ToProto(TransactionId id) {
  v1::Uuid uuid;
  uuid.set_high(id.high);
  uuid.set_low(id.low);
  return uuid;
}

}  // namespace lumbung::cli
