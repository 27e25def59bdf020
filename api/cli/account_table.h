// Accounts as tables for people. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/cli/table.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

// All of one account, one field a line.
std::vector<Field> AccountFields(const v1::Account& account, int16_t zone_minutes);

// The four limits, `none` where there is none.
std::vector<Field> LimitFields(const v1::Limits& limits);

// What may still be taken out, or put on a debit account; `no limit` where the account has none.
std::string FormatAvailable(const v1::Account& account);

Table AccountTable();
std::vector<std::string> AccountRow(const v1::Account& account);

}  // namespace lumbung::cli
