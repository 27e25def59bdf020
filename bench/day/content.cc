#include "bench/day/content.h"

#include <vector>

#include "bench/workload/build_transaction.h"
#include "engine/account_id.h"
#include "engine/types.h"

namespace lumbung {

namespace {

bool HasOwnLegs(v1::Step step) { return step == v1::STEP_POST || step == v1::STEP_HOLD; }

void AddLegText(uint64_t debit, uint64_t credit, int64_t amount, std::string& content) {
  content += ' ';
  content += AccountId{debit}.ToString();
  content += '>';
  content += AccountId{credit}.ToString();
  content += '=';
  content += std::to_string(amount);
}

// The fields that requests and entries share.
template <typename Message>
void AddSharedFields(const Message& message, std::string& content) {
  if (message.has_related_id()) content += " related=" + IdOf(message.related_id()).ToString();
  if (message.reference() != 0) content += " reference=" + std::to_string(message.reference());
  const v1::Evidence& evidence = message.evidence();
  content += " at=" + std::to_string(evidence.branch()) + "/" +
             std::to_string(evidence.terminal()) + "/" + std::to_string(evidence.operator_id());
  if (!message.text().empty()) content += " text=" + message.text();
}

std::string Heading(v1::Step step, v1::Kind kind) {
  return HasOwnLegs(step) ? v1::Step_Name(step) + " " + v1::Kind_Name(kind) : v1::Step_Name(step);
}

// How long a hold was asked for: its deadline is counted from the entry's time, rounded up.
int64_t HoldSeconds(const v1::Entry& entry) {
  const int64_t from = (entry.timestamp_ns() + kNsPerSecond - 1) / kNsPerSecond;
  return int64_t{entry.deadline_s()} - from;
}

void AddHoldSeconds(int64_t seconds, std::string& content) {
  content += " hold=" + std::to_string(seconds);
}

bool WasAskedFor(const v1::Entry& entry) { return !entry.fee() && !entry.clearing(); }

int64_t AmountAskedFor(std::span<const v1::Entry> entries) {
  int64_t amount = 0;
  for (const v1::Entry& entry : entries) {
    if (WasAskedFor(entry)) amount += entry.amount();
  }
  return amount;
}

// The one leg that a rule was asked to make these of: the parts of the price are added up, and of a
// transfer to another cooperative both ends are taken.
void AddLegOfRule(std::span<const v1::Entry> entries, std::string& content) {
  const v1::Entry& first = entries.front();
  uint64_t credit = first.credit_account();
  for (const v1::Entry& entry : entries) {
    if (entry.clearing()) credit = entry.credit_account();
  }
  AddLegText(first.debit_account(), credit, AmountAskedFor(entries), content);
}

}  // namespace

bool AmountIsOpen(const v1::Transaction& transaction) {
  return !HasOwnLegs(transaction.step()) && transaction.amount() == 0;
}

std::string ContentOf(const v1::Transaction& transaction) {
  std::string content = Heading(transaction.step(), transaction.kind());
  if (HasOwnLegs(transaction.step())) {
    AddLegText(transaction.debit_account(), transaction.credit_account(), transaction.amount(),
               content);
    for (const v1::Leg& leg : transaction.further_legs()) {
      AddLegText(leg.debit_account(), leg.credit_account(), leg.amount(), content);
    }
  } else if (!AmountIsOpen(transaction)) {
    content += " amount=" + std::to_string(transaction.amount());
  }
  if (transaction.step() == v1::STEP_HOLD) AddHoldSeconds(transaction.hold_seconds(), content);
  AddSharedFields(transaction, content);
  return content;
}

std::string ContentOf(std::span<const v1::Entry> entries, AmountIs amount) {
  const v1::Entry& first = entries.front();
  std::string content = Heading(first.step(), first.kind());
  if (HasOwnLegs(first.step())) {
    if (first.by_rule()) {
      AddLegOfRule(entries, content);
    } else {
      for (const v1::Entry& entry : entries) {
        AddLegText(entry.debit_account(), entry.credit_account(), entry.amount(), content);
      }
    }
  } else if (amount == AmountIs::kGiven) {
    content += " amount=" + std::to_string(AmountAskedFor(entries));
  }
  if (first.step() == v1::STEP_HOLD) AddHoldSeconds(HoldSeconds(first), content);
  AddSharedFields(first, content);
  return content;
}

}  // namespace lumbung
