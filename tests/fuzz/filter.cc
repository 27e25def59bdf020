// Input: length of a message (2 bytes) ‖ the message EntryFilter ‖ an entry (128 bytes).
// Holds: what is refused names a field of the filter. What is taken matches the entries that the
// message says: each of its conditions, looked at one by one.
#include "api/server/entry_filter.h"

#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include "engine/check.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

template <typename Numbers>
bool Allows(const Numbers& numbers, std::initializer_list<uint64_t> any_of) {
  if (numbers.empty()) return true;
  for (const auto number : numbers) {
    for (const uint64_t one : any_of) {
      if (static_cast<uint64_t>(number) == one) return true;
    }
  }
  return false;
}

bool NaivelyMatches(const v1::EntryFilter& filter, const Entry& entry) {
  const int64_t time = entry.timestamp.value();
  const bool fact = entry.kind.step() == Step::kFact;
  const auto number = [](auto value) { return static_cast<uint64_t>(value); };
  return time >= filter.from_ns() && (filter.to_ns() == 0 || time < filter.to_ns()) &&
         Allows(filter.cooperatives(), {entry.debit_account.cooperative().value(),
                                        entry.credit_account.cooperative().value()}) &&
         Allows(filter.accounts(), {entry.debit_account.value(), entry.credit_account.value()}) &&
         Allows(filter.branches(), {entry.branch.value()}) &&
         Allows(filter.terminals(), {entry.terminal.value()}) &&
         Allows(filter.kinds(), {fact ? 0 : number(entry.kind.purpose())}) &&
         Allows(filter.steps(), {number(entry.kind.step())}) &&
         Allows(filter.outcomes(), {number(entry.outcome)});
}

Seed SeedOf(const char* name, const v1::EntryFilter& filter, const Entry& entry) {
  const std::string message = filter.SerializeAsString();
  const auto size = static_cast<uint16_t>(message.size());
  std::string bytes(reinterpret_cast<const char*>(&size), sizeof size);
  bytes += message;
  bytes.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  return {name, bytes};
}

}  // namespace

bool Try(Input input) {
  static const bool silent = [] {
    google::protobuf::SetLogHandler(nullptr);
    return true;
  }();
  LUMBUNG_CHECK(silent);
  const std::string_view message = input.TakeBytes(input.Take<uint16_t>());
  v1::EntryFilter filter;
  if (!filter.ParseFromArray(message.data(), static_cast<int>(message.size()))) return false;
  if (const absl::Status status = CheckFilter(filter); !status.ok()) {
    constexpr std::string_view kBegin = "filter.";
    const std::string text(status.message());
    LUMBUNG_CHECK(absl::IsInvalidArgument(status) && text.starts_with(kBegin));
    const std::string field = text.substr(kBegin.size(), text.find_first_of("[:") - kBegin.size());
    LUMBUNG_CHECK(v1::EntryFilter::descriptor()->FindFieldByName(field) != nullptr);
    LUMBUNG_CHECK(text.find(": expected ") != std::string::npos);
    return false;
  }
  const auto entry = input.Take<Entry>();
  LUMBUNG_CHECK(EntryFilter(filter).Matches(entry) == NaivelyMatches(filter, entry));
  return true;
}

std::vector<Seed> Seeds() {
  Entry entry;
  entry.debit_account = *AccountId::Parse("1024.2101.55");
  entry.credit_account = *AccountId::Parse("1024.4101.2");
  entry.timestamp = Timestamp{1'790'000'000'000'000'000};
  entry.branch = BranchId{2};
  entry.kind = EntryKind::Of(Step::kPost, Purpose::kPayment);
  entry.outcome = Outcome::kAccepted;
  v1::EntryFilter places;
  places.add_cooperatives(1024);
  places.add_accounts(entry.debit_account.value());
  places.add_branches(2);
  places.add_terminals(0);
  v1::EntryFilter names;
  names.add_kinds(v1::KIND_PAYMENT);
  names.add_steps(v1::STEP_POST);
  names.add_outcomes(v1::OUTCOME_ACCEPTED);
  names.add_outcomes(v1::OUTCOME_INSUFFICIENT_FUNDS);
  v1::EntryFilter times;
  times.set_from_ns(entry.timestamp.value());
  times.set_to_ns(entry.timestamp.value() + 1);
  return {SeedOf("all", {}, entry), SeedOf("places", places, entry), SeedOf("names", names, entry),
          SeedOf("times", times, entry)};
}

}  // namespace lumbung::fuzz
