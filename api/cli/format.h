// What the API knows made readable for people; plain_text.h has what needs no API. Pure functions;
// any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/cli/plain_text.h"
#include "engine/account_id.h"
#include "engine/transaction_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

// `PAYMENT`, `HOLD`, `INSUFFICIENT_FUNDS`: the names of the API without their prefix; the number
// for one that this program does not know yet.
std::string NameOf(v1::Kind kind);
std::string NameOf(v1::Step step);
std::string NameOf(v1::Fact fact);
std::string NameOf(v1::Outcome outcome);
std::string NameOf(v1::AccountStatus status);

std::string FormatAccount(uint64_t packed);
std::string FormatId(const v1::Uuid& id);
v1::Uuid ToProto(TransactionId id);

}  // namespace lumbung::cli
