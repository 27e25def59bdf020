#include "bench/workload/build_transaction.h"

namespace lumbung {

v1::Transaction ByRule(v1::Kind kind, const Parties& parties) {
  v1::Transaction transaction = Explicit(kind, parties);
  transaction.set_by_rule(true);
  return transaction;
}

v1::Transaction Explicit(v1::Kind kind, const Parties& parties) {
  v1::Transaction transaction;
  transaction.set_step(v1::STEP_POST);
  transaction.set_kind(kind);
  transaction.set_debit_account(parties.payer.value());
  transaction.set_credit_account(parties.payee.value());
  transaction.set_amount(parties.amount.value());
  return transaction;
}

void AddLeg(v1::Transaction& transaction, const Parties& parties) {
  v1::Leg& leg = *transaction.add_further_legs();
  leg.set_debit_account(parties.payer.value());
  leg.set_credit_account(parties.payee.value());
  leg.set_amount(parties.amount.value());
}

v1::Transaction FollowUp(v1::Step step, TransactionId related) {
  v1::Transaction transaction;
  transaction.set_step(step);
  SetId(*transaction.mutable_related_id(), related);
  return transaction;
}

void SetId(v1::Uuid& uuid, TransactionId id) {
  uuid.set_high(id.high);
  uuid.set_low(id.low);
}

TransactionId IdOf(const v1::Uuid& uuid) { return {.high = uuid.high(), .low = uuid.low()}; }

}  // namespace lumbung
