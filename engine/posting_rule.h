// The posting rules: which legs each business kind may have, and how (purpose, payer, payee,
// amount) becomes legs under a cooperative's policy. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/command.h"
#include "engine/entry.h"
#include "engine/limits.h"
#include "engine/types.h"

namespace lumbung {

// Whether an explicit leg of this purpose may move from one code to the other. kGeneral allows all.
bool LegAllowed(Purpose purpose, AccountCode debit, AccountCode credit);

// Whether the purpose may be asked for by rule (LegSource::kByRule) with these parties' codes.
// Every purpose but kGeneral and kClosing can.
bool PartiesAllowed(Purpose purpose, AccountCode payer, AccountCode payee);

// The most that one transaction of this purpose may move (QRIS: Rp10 million), or kMaxAmount.
Amount LargestAmount(Purpose purpose);

struct ExpandedLeg {
  Leg leg;
  uint16_t flags = 0;  // EntryFlag: kFlagByRule, and kFlagPart, kFlagClearing or kFlagFee
};

struct Expansion {
  std::array<ExpandedLeg, 4> legs;
  size_t count = 0;
};

// Makes the legs of a by-rule transaction. The first moves the requested amount, less a part for
// VAT if the policy has it; a transfer to another cooperative becomes a clearing pair; fees come
// last. Rounding of basis points is half up. Fees of 0 make no leg. REQUIRES: PartiesAllowed;
// requested.amount > 0.
Expansion Expand(Purpose purpose, const Leg& requested, const Policy& payer_policy);

// The share of `amount` in basis points (1/10,000), rounded half up, without overflow.
// REQUIRES: amount >= 0, basis_points <= 10,000.
Amount BasisPoints(Amount amount, uint16_t basis_points);

// Splits `total` in the proportion of `weights` by the method of largest remainder (Hamilton): the
// parts add up to the total exactly; ties go to the earlier part. Parts are written to `parts`.
// REQUIRES: total >= 0; all weights >= 0 and their sum > 0, and fits; parts.size() ==
// weights.size().
void Split(Amount total, std::span<const Amount> weights, std::span<Amount> parts);

}  // namespace lumbung
