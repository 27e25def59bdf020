// Short ways to write down a transaction of the API. Pure functions.
#pragma once

#include "engine/account_id.h"
#include "engine/transaction_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// Who pays whom how much.
struct Parties {
  AccountId payer;
  AccountId payee;
  Amount amount;
};

// A post whose legs the kind's posting rule makes.
v1::Transaction ByRule(v1::Kind kind, const Parties& parties);
// A post of exactly this leg, and of those added later.
v1::Transaction Explicit(v1::Kind kind, const Parties& parties);
void AddLeg(v1::Transaction& transaction, const Parties& parties);
// Capture, void, refund or reversal of an earlier one; as a whole, unless an amount is set.
v1::Transaction FollowUp(v1::Step step, TransactionId related);

void SetId(v1::Uuid& uuid, TransactionId id);
TransactionId IdOf(const v1::Uuid& uuid);

}  // namespace lumbung
