#include "storage/audit/entry_difference.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace lumbung::audit {

namespace {

bool SameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string Text(Outcome outcome) { return std::string(Name(outcome)); }
std::string Text(AccountId account) { return account.ToString(); }
std::string Text(const TransactionId& id) { return id.ToString(); }
std::string Text(EntryKind kind) { return std::to_string(kind.packed); }
template <typename Tag, typename Rep>
std::string Text(Strong<Tag, Rep> number) {
  return std::to_string(number.value());
}
std::string Text(uint64_t number) { return std::to_string(number); }

// The first of an entry's fields that differs, in the order in which a reader asks for them.
class Fields {
 public:
  Fields(const Entry& recorded, const Entry& expected) : recorded_(recorded), expected_(expected) {}

  template <typename T>
  Fields& Compare(const char* name, T Entry::*field) {
    if (!reason_.empty() || recorded_.*field == expected_.*field) return *this;
    reason_ = std::string(name) + ": by the rules " + Text(expected_.*field) +
              ", the ledger says " + Text(recorded_.*field);
    return *this;
  }
  std::string reason() const { return reason_.empty() ? "reserved bytes that are not 0" : reason_; }

 private:
  const Entry& recorded_;
  const Entry& expected_;
  std::string reason_;
};

std::string DifferentField(const Entry& recorded, const Entry& expected) {
  return Fields(recorded, expected)
      .Compare("the outcome", &Entry::outcome)
      .Compare("the debit account", &Entry::debit_account)
      .Compare("the credit account", &Entry::credit_account)
      .Compare("the amount", &Entry::amount)
      .Compare("the balance of the debit account", &Entry::debit_balance)
      .Compare("the balance of the credit account", &Entry::credit_balance)
      .Compare("the previous entry of the debit account", &Entry::debit_previous)
      .Compare("the previous entry of the credit account", &Entry::credit_previous)
      .Compare("the hold or original", &Entry::related)
      .Compare("the flags", &Entry::flags)
      .Compare("the deadline", &Entry::deadline)
      .Compare("the id", &Entry::id)
      .Compare("the kind", &Entry::kind)
      .Compare("the time", &Entry::timestamp)
      .Compare("the reference", &Entry::reference)
      .Compare("the device's time", &Entry::device_time)
      .Compare("the branch", &Entry::branch)
      .Compare("the terminal", &Entry::terminal)
      .Compare("the terminal's counter", &Entry::terminal_sequence)
      .Compare("the operator", &Entry::operator_id)
      .Compare("the number of the leg", &Entry::leg_index)
      .Compare("the number of legs", &Entry::leg_count)
      .Compare("the length of the attachment", &Entry::attachment_length)
      .reason();
}

}  // namespace

bool IsSame(const Written& recorded, const Written& expected) {
  return SameBytes(std::as_bytes(recorded.entries), std::as_bytes(expected.entries)) &&
         SameBytes(recorded.attachment, expected.attachment);
}

Difference Describe(const Written& recorded, const Written& expected) {
  if (expected.entries.empty()) return {0, "by the rules nothing is recorded for it"};
  const size_t legs = std::min(recorded.entries.size(), expected.entries.size());
  for (size_t leg = 0; leg < legs; ++leg) {
    const auto one = recorded.entries.subspan(leg, 1);
    const auto other = expected.entries.subspan(leg, 1);
    if (SameBytes(std::as_bytes(one), std::as_bytes(other))) continue;
    // A number of legs shows in each of them; what stands behind says more.
    if (recorded.entries.size() == expected.entries.size() || one[0].outcome != other[0].outcome ||
        one[0].amount != other[0].amount) {
      return {leg, DifferentField(one[0], other[0])};
    }
  }
  if (recorded.entries.size() != expected.entries.size()) {
    return {0, "by the rules it has " + std::to_string(expected.entries.size()) +
                   " legs, the ledger has " + std::to_string(recorded.entries.size())};
  }
  return {0, "the attachment is not the one that the rules write"};
}

}  // namespace lumbung::audit
