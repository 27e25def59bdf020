#include "api/cli/transaction_json.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/cli/format.h"
#include "api/cli/json.h"
#include "api/cli/parse.h"

namespace lumbung::cli {
namespace {

absl::Status Refuse(const std::string& field, std::string_view expected) {
  return absl::InvalidArgumentError(fmt::format("field '{}': expected {}", field, expected));
}

// Reads an integer that fits into `T`; anything else, a fraction included, is refused.
template <typename T>
absl::StatusOr<T> ReadInteger(const std::string& field, const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number <= static_cast<uint64_t>(std::numeric_limits<T>::max()))
      return static_cast<T>(number);
  } else if (value.is_number_integer() && std::numeric_limits<T>::is_signed) {
    return static_cast<T>(value.get<int64_t>());
  }
  return Refuse(field, "an integer in range");
}

template <typename T>
absl::StatusOr<T> ReadText(const std::string& field, const Json& value,
                           absl::StatusOr<T> (*parse)(std::string_view)) {
  if (!value.is_string()) return Refuse(field, "text");
  auto parsed = parse(value.get_ref<const std::string&>());
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("field '{}': {}", field, std::string(parsed.status().message())));
  }
  return parsed;
}

// Reads with `read`, hands the value to `set`, and passes on what went wrong.
template <typename T, typename Set>
absl::Status Assign(const absl::StatusOr<T>& value, Set set) {
  if (!value.ok()) return value.status();
  set(*value);
  return absl::OkStatus();
}

absl::Status ReadLegField(const std::string& field, const Json& value, v1::Leg& leg) {
  if (field == "debit_account") {
    return Assign(ReadText(field, value, ParseAccount),
                  [&](AccountId account) { leg.set_debit_account(account.value()); });
  }
  if (field == "credit_account") {
    return Assign(ReadText(field, value, ParseAccount),
                  [&](AccountId account) { leg.set_credit_account(account.value()); });
  }
  if (field == "amount") {
    return Assign(ReadInteger<int64_t>(field, value), [&](int64_t n) { leg.set_amount(n); });
  }
  return Refuse(field, "debit_account, credit_account or amount in a leg");
}

absl::Status ReadLegs(const Json& value, v1::Transaction& transaction) {
  if (!value.is_array()) return Refuse("further_legs", "an array");
  for (const Json& item : value) {
    if (!item.is_object()) return Refuse("further_legs", "objects in the array");
    v1::Leg& leg = *transaction.add_further_legs();
    for (const auto& [field, part] : item.items()) {
      const absl::Status status = ReadLegField(field, part, leg);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEvidence(const Json& value, v1::Evidence& evidence) {
  if (!value.is_object()) return Refuse("evidence", "an object");
  for (const auto& [field, part] : value.items()) {
    const auto number = ReadInteger<uint32_t>(field, part);
    if (!number.ok()) return number.status();
    if (field == "branch") {
      evidence.set_branch(*number);
    } else if (field == "terminal") {
      evidence.set_terminal(*number);
    } else if (field == "operator_id") {
      evidence.set_operator_id(*number);
    } else if (field == "device_time_s") {
      evidence.set_device_time_s(*number);
    } else if (field == "terminal_sequence") {
      evidence.set_terminal_sequence(*number);
    } else {
      return Refuse(field, "branch, terminal, operator_id, device_time_s or terminal_sequence");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadHeaderField(const std::string& field, const Json& value, v1::Transaction& t) {
  if (field == "reference") {
    return Assign(ReadInteger<uint64_t>(field, value), [&](uint64_t n) { t.set_reference(n); });
  }
  if (field == "text") {
    if (!value.is_string()) return Refuse(field, "text");
    t.set_text(value.get<std::string>());
    return absl::OkStatus();
  }
  if (field == "by_rule") {
    if (!value.is_boolean()) return Refuse(field, "true or false");
    t.set_by_rule(value.get<bool>());
    return absl::OkStatus();
  }
  if (field == "hold_seconds") {
    return Assign(ReadInteger<uint32_t>(field, value), [&](uint32_t n) { t.set_hold_seconds(n); });
  }
  if (field == "evidence") return ReadEvidence(value, *t.mutable_evidence());
  return absl::InvalidArgumentError(fmt::format("field '{}' is not known", field));
}

absl::Status ReadField(const std::string& field, const Json& value, v1::Transaction& t) {
  if (field == "id") {
    return Assign(ReadText(field, value, ParseId),
                  [&](TransactionId id) { *t.mutable_id() = ToProto(id); });
  }
  if (field == "related_id") {
    return Assign(ReadText(field, value, ParseId),
                  [&](TransactionId id) { *t.mutable_related_id() = ToProto(id); });
  }
  if (field == "step") {
    return Assign(ReadText(field, value, ParseStep), [&](v1::Step step) { t.set_step(step); });
  }
  if (field == "kind") {
    return Assign(ReadText(field, value, ParseKind), [&](v1::Kind kind) { t.set_kind(kind); });
  }
  if (field == "debit_account") {
    return Assign(ReadText(field, value, ParseAccount),
                  [&](AccountId account) { t.set_debit_account(account.value()); });
  }
  if (field == "credit_account") {
    return Assign(ReadText(field, value, ParseAccount),
                  [&](AccountId account) { t.set_credit_account(account.value()); });
  }
  if (field == "amount") {
    return Assign(ReadInteger<int64_t>(field, value), [&](int64_t n) { t.set_amount(n); });
  }
  if (field == "further_legs") return ReadLegs(value, t);
  return ReadHeaderField(field, value, t);
}

// Notes while parsing whether an object has a key twice: JSON readers differ in which they take.
class RepeatedKeys {
 public:
  bool Watch(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_objects_.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects_.pop_back();
    if (event == Json::parse_event_t::key) {
      found_ |= !open_objects_.back().insert(parsed.get<std::string>()).second;
    }
    return true;  // keep what was parsed
  }
  bool found() const { return found_; }

 private:
  std::vector<std::set<std::string>> open_objects_;
  bool found_ = false;
};

}  // namespace

absl::StatusOr<v1::Transaction> ReadTransaction(std::string_view line) {
  RepeatedKeys repeated;
  const Json json = Json::parse(
      line,
      [&repeated](int, Json::parse_event_t event, Json& parsed) {
        return repeated.Watch(event, parsed);
      },
      /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("not a JSON object");
  if (repeated.found()) return absl::InvalidArgumentError("a field stands in it twice");
  v1::Transaction transaction;
  for (const auto& [field, value] : json.items()) {
    const absl::Status status = ReadField(field, value, transaction);
    if (!status.ok()) return status;
  }
  if (!transaction.has_id()) return Refuse("id", "a UUID, made and stored before sending");
  return transaction;
}

}  // namespace lumbung::cli
