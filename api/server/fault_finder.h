// Gathers what is wrong with one message while it is decoded, and settles the verdict: of several
// faults the one whose outcome has the lower number, be it found here (what does not even fit into
// the engine's types) or by Validate. Used by decode*.cc only; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/server/decode.h"
#include "engine/account_id.h"
#include "engine/outcome.h"
#include "engine/request.h"
#include "engine/types.h"
#include "engine/validate.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// How a message calls what a Transaction calls debit_account, related_id and so on.
struct FieldNames {
  std::string_view kind = "kind";
  std::string_view debit = "debit_account";
  std::string_view credit = "credit_account";
  std::string_view related = "related_id";
  std::string_view seconds = "hold_seconds";
};

class FaultFinder {
 public:
  // Notes a fault, unless one with a lower number is known. `found` completes "expected …, found
  // …".
  void Note(Outcome outcome, std::string_view field, std::string_view expected,
            std::string_view found);

  // The number if it is least … most, else 0 and a fault of the account's parts.
  struct Range {
    uint32_t least;
    uint32_t most;
  };
  uint32_t Within(Range range, uint32_t number, std::string_view field);

  CooperativeId Cooperative(uint32_t number, std::string_view field);
  HolderNumber Holder(uint32_t number, std::string_view field);  // 1 … 2^26 - 1
  BranchId Branch(uint32_t number, std::string_view field);      // 1 … 65,535
  TerminalId Terminal(uint32_t number, std::string_view field);  // 1 … 65,535
  Evidence EvidenceOf(const v1::Evidence& proto);

  // Whether the principal may do what was appended, and whether all is well formed. Appends the
  // command's result. REQUIRES: the command was appended.
  Verdict Settle(const DecodeContext& context, const FieldNames& names, Request& request);

 private:
  Verdict worst_;  // kAccepted: none
};

}  // namespace lumbung
