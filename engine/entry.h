// An entry: one leg of a transaction with its outcome, or one administrative fact. 128 bytes,
// fixed, little endian, stored exactly as it stands here (storage/FORMAT.md). Its sequence is its
// place in the ledger and is not repeated inside. Plain data; immutable once its block is closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "engine/account_id.h"
#include "engine/kind.h"
#include "engine/outcome.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

// Bits of Entry::flags.
enum EntryFlag : uint16_t {
  // The legs were made by the kind's posting rule, not sent by the client.
  kFlagByRule = 1 << 0,
  // A part split off the requested amount (VAT): belongs to the leg before it.
  kFlagPart = 1 << 1,
  // The other cooperative's half of a clearing pair: same amount as the leg before it.
  kFlagClearing = 1 << 2,
  // Added on top of the requested amount (platform fee, transfer fee, MDR).
  kFlagFee = 1 << 3,
  // Capture or refund of everything that is left: the client named no amount.
  kFlagWhole = 1 << 4,
  // Of a declined transaction: the leg that made it fail.
  kFlagCause = 1 << 5,
};
// All of them: no other bit of the flags is ever set.
inline constexpr uint16_t kEntryFlags =
    kFlagByRule | kFlagPart | kFlagClearing | kFlagFee | kFlagWhole | kFlagCause;

struct Entry {
  TransactionId id;         // zero in facts
  AccountId debit_account;  // in facts: the account, or cooperative.0.0
  AccountId credit_account;
  Amount amount;         // minor units; > 0 in every leg that was sent with an amount
  Amount debit_balance;  // in the account's normal direction, after this entry
  Amount credit_balance;
  Sequence debit_previous;  // the account's previous entry, 0 for none; 0 if declined
  Sequence credit_previous;
  Timestamp timestamp;             // strictly increasing from transaction to transaction
  Sequence related;                // first entry of the hold or original; 0 if none or unknown
  uint64_t reference = 0;          // the caller's number (bill, order)
  uint32_t device_time = 0;        // evidence: the POS's clock, seconds since 1970 UTC
  BranchId branch;                 // evidence; of the cooperative of the first leg's debit account
  TerminalId terminal;             // evidence
  uint32_t terminal_sequence = 0;  // evidence: the terminal's own counter
  OperatorId operator_id;          // evidence
  EntryKind kind;
  Outcome outcome = Outcome::kNone;
  uint16_t flags = 0;
  uint8_t leg_index = 0;
  uint8_t leg_count = 0;           // 1 … 64; the same in all legs of a transaction
  uint32_t deadline = 0;           // holds: seconds since 1970 UTC; 0 otherwise
  uint16_t attachment_length = 0;  // of the attachment (attachment.h); only the first leg has one
  uint16_t reserved = 0;
};

static_assert(sizeof(Entry) == 128);
static_assert(offsetof(Entry, debit_account) == 16 && offsetof(Entry, amount) == 32);
static_assert(offsetof(Entry, debit_balance) == 40 && offsetof(Entry, debit_previous) == 56);
static_assert(offsetof(Entry, timestamp) == 72 && offsetof(Entry, related) == 80);
static_assert(offsetof(Entry, reference) == 88 && offsetof(Entry, device_time) == 96);
static_assert(offsetof(Entry, branch) == 100 && offsetof(Entry, terminal_sequence) == 104);
static_assert(offsetof(Entry, operator_id) == 108 && offsetof(Entry, kind) == 112);
static_assert(offsetof(Entry, outcome) == 114 && offsetof(Entry, flags) == 116);
static_assert(offsetof(Entry, leg_index) == 118 && offsetof(Entry, deadline) == 120);
static_assert(offsetof(Entry, attachment_length) == 124);
static_assert(std::is_trivially_copyable_v<Entry>);

}  // namespace lumbung
