// Entries of the ledger as tables for people. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/cli/table.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

// The cooperative of the entry's debit account; of the credit account where there is none.
CooperativeId CooperativeOf(const v1::Entry& entry);

// `PAYMENT`, `HOLD PAYMENT`, `ACCOUNT_OPENED`: step and kind in one word or two.
std::string WhatOf(const v1::Entry& entry);

// The legs of one transaction, with the balances after them.
Table LegTable(const std::vector<v1::Entry>& legs);

// A table of many entries. Its columns are wide enough for any row, so that it can be printed as
// the entries come.
Table EntryTable();
std::vector<std::string> EntryRow(const v1::Entry& entry, int16_t zone_minutes);

// All of one entry, one field a line.
std::vector<Field> EntryFields(const v1::Entry& entry, int16_t zone_minutes);

}  // namespace lumbung::cli
