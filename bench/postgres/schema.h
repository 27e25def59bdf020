// The books in PostgreSQL: tables, and functions that decide a payment as Lumbung does.
//
//   pay(id, debit, credit, amount) → outcome
//   pay_batch(ids, debits, credits, amounts) → outcomes, in the order of the arrays
//
// Outcomes have Lumbung's numbers (engine/outcome.h). A repeat of an id gets the first outcome with
// a minus sign; a repeat with other content 190, and nothing is recorded. A decline is recorded and
// spends the id. 108 and 109 are recorded nowhere.
//
// One table is the register of ids and the journal: its row has the content of the payment, so that
// a repeat is compared with the content itself, and debit and credit side by side, so that the
// books balance by construction. A second table would only cost PostgreSQL time.
//
// Locks: first the ids in ascending order, then the accounts in ascending order. So no two calls
// wait for each other.
#pragma once

#include <cstdint>
#include <string>

namespace lumbung {

// Tables and functions, in SQL.
extern const char kPostgresSchema[];

// Opens accounts 1 … `count`, without limits, as the load does with Lumbung's wallets.
std::string OpenAccountsSql(uint32_t count);

// Answers with one row: the number of accounts whose balance is not what the payments recorded say,
// the sum of all balances, the number of accepted payments and the sum of their amounts.
extern const char kPostgresSums[];

}  // namespace lumbung
