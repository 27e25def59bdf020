// The forms of a receipt (storage/transparency/receipt.h): JSON, which is the receipt itself, and a
// slip of paper, which is for people. Pure functions, safe on any text; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/transparency/receipt.h"

namespace lumbung::cli {

// One line without spaces, without its end. There is exactly one such text for a receipt. What
// people would read (id, time, accounts, amount, outcome, text) stands beside each leaf, from which
// it is taken. REQUIRES: ReadLeaf likes each leaf.
std::string ReceiptToJson(const Receipt& receipt);
// INVALID_ARGUMENT if it is anything else than what ReceiptToJson writes for some receipt, be it by
// a space; one line's end may follow.
absl::StatusOr<Receipt> ReceiptFromJson(std::string_view text);

// For a printer of 58 mm: 32 columns of ASCII; what became of it (BERHASIL only if money moved),
// its kind in words, the accounts' amounts, the time in the zone, the id and what it needs to be
// looked up. REQUIRES: as above.
std::string ReceiptSlip(const Receipt& receipt, int16_t zone_minutes);

// The receipt of the first entry alone, which is smaller: for a code on paper.
Receipt FirstEntryOf(const Receipt& receipt);

}  // namespace lumbung::cli
