// What a transaction says, in one line of text that can be made both from what a client sent and
// from what the ledger recorded; the two are equal if the ledger has what was sent. Pure functions.
#pragma once

#include <span>
#include <string>

#include "lumbung/v1/types.pb.h"

namespace lumbung {

// Whether the client left the amount to the server, as in "capture all of it".
bool AmountIsOpen(const v1::Transaction& transaction);

std::string ContentOf(const v1::Transaction& transaction);

// From the entries of one transaction, in order. With `amount_is_open` the amount is left out.
enum class AmountIs : bool { kGiven, kOpen };
std::string ContentOf(std::span<const v1::Entry> entries, AmountIs amount);

}  // namespace lumbung
