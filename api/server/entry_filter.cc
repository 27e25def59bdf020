#include "api/server/entry_filter.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

std::vector<uint64_t> Sorted(std::vector<uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

template <typename Numbers>
std::vector<uint64_t> SetOf(const Numbers& numbers) {
  return Sorted(std::vector<uint64_t>(numbers.begin(), numbers.end()));
}

bool Allows(const std::vector<uint64_t>& set, uint64_t number) {
  return set.empty() || std::binary_search(set.begin(), set.end(), number);
}

bool AllowsEither(const std::vector<uint64_t>& set, uint64_t a, uint64_t b) {
  return Allows(set, a) || Allows(set, b);
}

template <typename Number>
absl::Status BadElement(std::string_view field, int index, std::string_view expected,
                        Number found) {
  return absl::InvalidArgumentError(absl::StrCat("filter.", std::string(field), "[", index,
                                                 "]: expected ", std::string(expected), ", found ",
                                                 found));
}

// Of numbers that are 1 to `most`, or 0 where an entry names none.
template <typename Numbers>
absl::Status CheckNumbers(const Numbers& numbers, std::string_view field, uint64_t least,
                          uint64_t most) {
  for (int i = 0; i < numbers.size(); ++i) {
    const uint64_t number = numbers.Get(i);
    if (number < least || number > most) {
      return BadElement(field, i, absl::StrCat(least, " to ", most), number);
    }
  }
  return absl::OkStatus();
}

template <typename Numbers>
absl::Status CheckNames(const Numbers& numbers, std::string_view field, bool (*known)(int)) {
  for (int i = 0; i < numbers.size(); ++i) {
    if (!known(numbers.Get(i))) {
      return BadElement(field, i, "a number of the enum", static_cast<int>(numbers.Get(i)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckFilter(const v1::EntryFilter& proto) {
  constexpr uint64_t kMostCooperative = (uint64_t{1} << kCooperativeBits) - 1;
  absl::Status status = CheckNumbers(proto.cooperatives(), "cooperatives", 1, kMostCooperative);
  if (status.ok()) status = CheckNumbers(proto.accounts(), "accounts", 1, UINT64_MAX);
  if (status.ok()) status = CheckNumbers(proto.branches(), "branches", 0, UINT16_MAX);
  if (status.ok()) status = CheckNumbers(proto.terminals(), "terminals", 0, UINT16_MAX);
  if (status.ok()) status = CheckNames(proto.kinds(), "kinds", v1::Kind_IsValid);
  if (status.ok()) status = CheckNames(proto.steps(), "steps", v1::Step_IsValid);
  if (status.ok()) status = CheckNames(proto.outcomes(), "outcomes", v1::Outcome_IsValid);
  if (status.ok() && proto.to_ns() != 0 && proto.from_ns() > proto.to_ns()) {
    status = absl::InvalidArgumentError(
        "filter.from_ns: expected a moment before filter.to_ns, found a later one");
  }
  return status;
}

EntryFilter::EntryFilter(const v1::EntryFilter& proto)
    : cooperatives_(SetOf(proto.cooperatives())),
      accounts_(SetOf(proto.accounts())),
      branches_(SetOf(proto.branches())),
      terminals_(SetOf(proto.terminals())),
      kinds_(SetOf(proto.kinds())),
      steps_(SetOf(proto.steps())),
      outcomes_(SetOf(proto.outcomes())),
      from_(proto.from_ns()) {
  if (proto.to_ns() != 0) to_ = Timestamp{proto.to_ns()};
}

bool EntryFilter::Matches(const Entry& entry) const {
  if (entry.timestamp < from_ || EndsBefore(entry)) return false;
  if (!AllowsEither(cooperatives_, entry.debit_account.cooperative().value(),
                    entry.credit_account.cooperative().value())) {
    return false;
  }
  if (!AllowsEither(accounts_, entry.debit_account.value(), entry.credit_account.value())) {
    return false;
  }
  const bool fact = entry.kind.step() == Step::kFact;
  return Allows(branches_, entry.branch.value()) && Allows(terminals_, entry.terminal.value()) &&
         Allows(kinds_, fact ? 0 : static_cast<uint64_t>(entry.kind.purpose())) &&
         Allows(steps_, static_cast<uint64_t>(entry.kind.step())) &&
         Allows(outcomes_, static_cast<uint64_t>(entry.outcome));
}

}  // namespace lumbung
