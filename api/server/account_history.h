// The part of AccountService that is about the past: balances at a moment, and statements. Runs on
// the readers' threads.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/account.h"
#include "engine/types.h"
#include "lumbung/v1/account_service.pb.h"
#include "storage/history.h"

namespace lumbung {

// The last nanosecond of a business date in the account's zone.
Timestamp CloseOf(BusinessDate date, int16_t zone_minutes);

// The moment that a request means. INVALID_ARGUMENT if it names none, or a date that is none.
absl::StatusOr<Timestamp> MomentOf(const v1::GetBalanceAtRequest& message, const Account& account);

absl::Status FillBalanceAt(const History& history, const Account& account,
                           const v1::GetBalanceAtRequest& message, v1::GetBalanceAtReply& reply);

// INVALID_ARGUMENT if the page size or the time range is out of its limits.
absl::Status FillStatement(const History& history, const Account& account,
                           const v1::GetStatementRequest& message, v1::GetStatementReply& reply);

}  // namespace lumbung
