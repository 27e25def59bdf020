// What the apply thread is asked to do: one struct an operation. All views point into memory that
// the owner of the Request (request.h) keeps until the request is done. The checks that need no
// state were made before (validate.h), so a command is well formed; whether it is allowed is for
// the state machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "engine/account_id.h"
#include "engine/kind.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

// Moves an amount from a debit account to a credit account: balanced by construction.
struct Leg {
  AccountId debit;
  AccountId credit;
  Amount amount;
};

// What the POS says about itself. Recorded; never used for ordering.
struct Evidence {
  uint32_t device_time = 0;
  BranchId branch;
  TerminalId terminal;
  uint32_t terminal_sequence = 0;
  OperatorId operator_id;
};

// What every transaction has.
struct Header {
  TransactionId id;
  uint64_t reference = 0;
  Evidence evidence;
  std::string_view text;  // the caller's reference text, at most kMaxTextBytes
};

// Where the legs come from.
enum class LegSource : uint8_t {
  kExplicit,  // posted as sent
  kByRule,    // legs has one element (payer, payee, amount); the rule of the purpose makes the rest
};

struct Post {
  Header header;
  Purpose purpose = Purpose::kNone;
  LegSource source = LegSource::kExplicit;
  std::span<const Leg> legs;
};

// Reserves the legs' amounts on their debit accounts. Always explicit legs.
struct Hold {
  Header header;
  Purpose purpose = Purpose::kNone;
  std::span<const Leg> legs;
  uint32_t seconds = 0;  // from the time of applying, 1 … kMaxHoldSeconds
};

struct Capture {
  Header header;
  TransactionId hold;
  std::optional<Amount> amount;  // nothing: all of it
};

struct Void {
  Header header;
  TransactionId hold;
};

struct Refund {
  Header header;
  TransactionId original;
  std::optional<Amount> amount;  // nothing: all that was not refunded yet
};

struct Reverse {
  Header header;
  TransactionId original;
};

// Asks what became of an id; if nothing did, may spend it.
struct Resolve {
  enum class IfUnknown : uint8_t { kReport, kFence };
  TransactionId id;
  IfUnknown if_unknown = IfUnknown::kReport;
  Evidence evidence;          // recorded in a fence as it is, not compared with what is open
  CooperativeId cooperative;  // recorded in a fence, as cooperative.0.0: an open one, or 0
};

// Limits of an account in its normal direction, in minor units.
struct Limits {
  Amount floor = kMinAmount;            // the balance, less what is held, never falls below
  Amount ceiling = kMaxAmount;          // the balance never rises above
  Amount per_transaction = kMaxAmount;  // the most that one transaction may take out (decrease)
  Amount per_day = kMaxAmount;          // the most that a business day may take out
  bool operator==(const Limits&) const = default;
};

// What a cooperative charges; each 0 … 10,000 basis points, or minor units.
struct Policy {
  uint16_t vat_basis_points = 0;           // contained in a sale's price (PPN); 0 = not registered
  uint16_t platform_fee_basis_points = 0;  // of a sale, paid by the cooperative
  uint16_t mdr_basis_points = 30;          // QRIS, of a sale above the free amount
  Amount mdr_free_up_to{500'000 * 100};    // QRIS: no MDR up to this amount (UMI)
  Amount transfer_fee{0};                  // on top of a member's transfer
  bool operator==(const Policy&) const = default;
};

enum class AccountStatus : uint8_t { kOpen = 0, kFrozen = 1, kClosed = 2 };

// Administrative commands. Repeatable: opening what is open with the same content is accepted and
// records nothing; with other content the outcome is kIdConflict. A policy or limits that are not
// told are no content: they may have been set since.
struct OpenCooperative {
  CooperativeId cooperative;
  int16_t zone_minutes = 7 * 60;  // east of UTC: WIB 420, WITA 480, WIT 540
  std::optional<Policy> policy;   // nothing: that of `Policy{}`
  std::string_view name;
};
struct OpenBranch {
  CooperativeId cooperative;
  BranchId branch;
  std::string_view name;
};
struct OpenTerminal {
  CooperativeId cooperative;
  BranchId branch;
  TerminalId terminal;
  std::string_view name;
};
struct OpenAccount {
  AccountId account;
  AssetCode asset = kIdr;
  std::optional<Limits> limits;  // nothing: those of the chart
};
struct SetLimits {
  AccountId account;
  Limits limits;
};
struct SetStatus {
  AccountId account;
  AccountStatus status = AccountStatus::kOpen;
};
struct SetPolicy {
  CooperativeId cooperative;
  Policy policy;
};

using Command =
    std::variant<Post, Hold, Capture, Void, Refund, Reverse, Resolve, OpenCooperative, OpenBranch,
                 OpenTerminal, OpenAccount, SetLimits, SetStatus, SetPolicy>;

}  // namespace lumbung
