#include "api/server/entry_filter.h"

#include <algorithm>
#include <limits>

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

}  // namespace

EntryFilter::EntryFilter(const v1::EntryFilter& proto)
    : cooperatives_(SetOf(proto.cooperatives())),
      accounts_(SetOf(proto.accounts())),
      branches_(SetOf(proto.branches())),
      terminals_(SetOf(proto.terminals())),
      kinds_(SetOf(proto.kinds())),
      steps_(SetOf(proto.steps())),
      outcomes_(SetOf(proto.outcomes())),
      from_(proto.from_ns()),
      to_(proto.to_ns() == 0 ? std::numeric_limits<int64_t>::max() : proto.to_ns()) {}

bool EntryFilter::Matches(const Entry& entry) const {
  if (entry.timestamp < from_ || entry.timestamp >= to_) return false;
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
