// Replies as JSON for programs. The names are stable: snake_case as in the protos, ids and accounts
// in their text form, each amount as integer minor units and, beside it, `…_text`; each time as RFC
// 3339 in UTC and, beside it, `…_ns`. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "lumbung/v1/account_service.pb.h"
#include "lumbung/v1/admin_service.pb.h"
#include "lumbung/v1/ledger_service.pb.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

using Json = nlohmann::ordered_json;  // fields stay in the order in which they are set

// Sets `key` and `key_text`.
void PutMoney(Json& json, const std::string& key, int64_t minor_units);
// Sets `key` and `key_ns`; both null for 0, which means no time.
void PutTime(Json& json, const std::string& key, int64_t nanoseconds);

Json ToJson(const v1::TransactionResult& result);
Json ToJson(const v1::Entry& entry);
Json ToJson(const v1::Account& account);
Json ToJson(const v1::Limits& limits);
Json ToJson(const v1::Policy& policy);
Json ToJson(const v1::Evidence& evidence);
Json ToJson(const v1::OpenResult& result);
Json ToJson(const v1::Cooperative& cooperative);
Json ToJson(const v1::Branch& branch);
Json ToJson(const v1::Terminal& terminal);
Json ToJson(const v1::StatementLine& line);
Json ToJson(const v1::GetTrialBalanceReply& reply);
Json ToJson(const v1::GetStatusReply& reply);

// One line. Text that is not UTF-8 is replaced, never thrown at.
std::string ToLine(const Json& json);

}  // namespace lumbung::cli
