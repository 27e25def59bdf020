// What became of a transaction. One enum in the order in which the checks are made: of several
// faults the one with the lower number is reported. The numbers are frozen: they are stored, sent
// and documented (engine/README.md has the table). Three groups:
//
//   1          accepted            recorded, posted
//   100 … 199  refused             not recorded, the id stays free
//   200 … 299  declined            recorded without postings, the id is spent
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lumbung {

enum class Outcome : uint16_t {
  kNone = 0,
  kAccepted = 1,

  // Refused before the ring: what the client sent can't be meant by anyone.
  kIdMissing = 100,           // no id, or the zero UUID
  kIdMalformed = 101,         // not a UUID of RFC 9562
  kIdFromTheFuture = 102,     // a UUIDv7 made more than 5 minutes in the server's future
  kKindUnknown = 103,         // no such business kind
  kTextTooLong = 104,         // over 64 bytes of reference text
  kLegsMissing = 105,         // neither a leg nor parties
  kTooManyLegs = 106,         // over 64 legs
  kAccountMalformed = 107,    // a part is 0 or out of range, or the code is not in the chart
  kSameAccount = 108,         // a leg's debit account is its credit account
  kAmountNotPositive = 109,   // zero or negative
  kCooperativesMixed = 110,   // a leg between two cooperatives, outside of a transfer by rule
  kLegNotOfKind = 111,        // the kind's posting rule has no such leg
  kHoldSecondsInvalid = 112,  // a hold without a duration, or one over 30 days
  kRelatedMissing = 113,      // capture, void, refund or reversal without the original's id
  kRelatedIsItself = 114,     // the original's id is the transaction's own
  kNotPermitted = 115,        // the principal may not do this
  kSettingInvalid = 116,      // a name, zone, basis points or limit out of its range
  kFieldNotOfStep = 117,      // a field is set that the step has no use for
  kIdConflict = 190,          // the id was used before, with other content
  kOriginalUnreadable = 191,  // the disk does not give back the original's entries

  // Declined by the state of the books: recorded, and the id's outcome for ever.
  kFenced = 200,              // the id was fenced by a Resolve
  kCooperativeUnknown = 201,  // not opened
  kBranchUnknown = 202,       // the branch in the evidence is not opened
  kTerminalUnknown = 203,     // the terminal in the evidence is not opened, or not at that branch
  kRelatedUnknown = 204,      // no transaction has the id of the original
  kRelatedNotHold = 205,      // capture or void of something that is not an accepted hold
  kRelatedNotPosted = 206,    // refund or reversal of something that posted nothing
  kHoldCaptured = 207,        // the hold was captured before
  kHoldVoided = 208,          // the hold was voided before
  kHoldExpired = 209,         // the hold's deadline has passed
  kCaptureExceedsHold = 210,  // more than was held
  kCaptureNotWhole = 211,     // part of a hold of several legs
  kOriginalReversed = 212,    // refund or reversal of a reversed original
  kOriginalRefunded = 213,    // reversal of an original that has refunds
  kRefundExceedsOriginal = 214,  // all refunds together would exceed it
  kDebitAccountUnknown = 220,
  kCreditAccountUnknown = 221,
  kAssetMismatch = 222,  // the accounts of a leg are of different assets
  kDebitAccountClosed = 223,
  kCreditAccountClosed = 224,
  kDebitAccountFrozen = 225,
  kCreditAccountFrozen = 226,
  kDebitNotAllowed = 227,    // share capital of an active member; sales outside of a refund
  kTransactionLimit = 228,   // over the account's or the kind's limit of one transaction
  kDailyLimit = 229,         // over the account's limit of one business day
  kOverflow = 230,           // a sum would not fit into 64 bits
  kInsufficientFunds = 231,  // the account would fall below its floor, holds counted
  kBalanceCeiling = 232,     // the account would rise above its ceiling
  kAccountNotEmpty = 233,    // closing an account that has a balance or a hold
};

constexpr bool IsRefused(Outcome outcome) {
  return static_cast<uint16_t>(outcome) >= 100 && static_cast<uint16_t>(outcome) < 200;
}
constexpr bool IsDeclined(Outcome outcome) {
  return static_cast<uint16_t>(outcome) >= 200 && static_cast<uint16_t>(outcome) < 300;
}

// All outcomes but kNone, in order.
std::span<const Outcome> AllOutcomes();
// `INSUFFICIENT_FUNDS`: the name of the API without its prefix; "?" for a number not of the enum.
std::string_view Name(Outcome outcome);
// One sentence in plain English for the person who asks why; empty for a number not of the enum.
std::string_view Explain(Outcome outcome);

}  // namespace lumbung
