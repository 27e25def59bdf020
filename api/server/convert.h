// The words that proto and engine share: ids, evidence, limits, policies, outcomes. The numbers of
// the enums are equal on both sides, which convert.cc asserts, so they are cast. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/account.h"
#include "engine/command.h"
#include "engine/organisation.h"
#include "engine/outcome.h"
#include "engine/request.h"
#include "engine/transaction_id.h"
#include "lumbung/v1/admin_service.pb.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

inline TransactionId ToId(const v1::Uuid& uuid) { return {uuid.high(), uuid.low()}; }

inline v1::Outcome ToProto(Outcome outcome) { return static_cast<v1::Outcome>(outcome); }

void Encode(const TransactionId& id, v1::Uuid* uuid);
void Encode(const Evidence& evidence, v1::Evidence* proto);
// Limits that do not limit are left absent.
void Encode(const Limits& limits, v1::Limits* proto);
void Encode(const Policy& policy, v1::Policy* proto);
void Encode(const Cooperative& cooperative, v1::Cooperative* proto);
void Encode(const Branch& branch, v1::Branch* proto);
void Encode(const Terminal& terminal, v1::Terminal* proto);
void Encode(const Account& account, v1::Account* proto);
// The field at fault of what the engine itself refuses, or none: it is the id, but not where the
// disk is at fault.
std::string_view FieldAtFault(Outcome outcome);
// Outcome, numbers, the sentence that explains a decline or a conflict, and the field at fault.
// REQUIRES: refused, if at all, by the engine.
void Encode(const Result& result, v1::TransactionResult* proto);

// An absent limit does not limit.
Limits ToLimits(const v1::Limits& proto);

// The limits of an account, as one value.
Limits LimitsOf(const Account& account);
// What can still be taken out of a credit-normal account, or put into a debit-normal one.
Amount AvailableOf(const Account& account);

}  // namespace lumbung
