// The lines of the client's record: what was sent, before it was sent, and what was answered. One
// event a line, readable by people; each line has all that is needed to send the same transaction
// again.
//
//   sent ID step=POST kind=PAYMENT by=rule legs=1024.2101.55>1024.4101.2=3250000 reference=17
//        at=2/4/5/1790000000/12 text=gas%203%20kg
//   sent ID step=CAPTURE related=ID amount=100000
//   answered ID ACCEPTED 1234             (with the sequence; `duplicate` may follow)
//   fencing ID
//   altered ID …                          (a copy with another amount, which must be refused)
//
// Legs are DEBIT>CREDIT=AMOUNT in sen, joined by commas; `at` is the evidence: branch, terminal,
// operator, device time, terminal sequence. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/transaction_id.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

struct SentLine {
  v1::Transaction transaction;
};
struct AlteredLine {
  v1::Transaction transaction;
};
struct FencingLine {
  TransactionId id;
};
struct AnsweredLine {
  TransactionId id;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  uint64_t sequence = 0;
};

using RecordLine = std::variant<SentLine, AlteredLine, FencingLine, AnsweredLine>;

// Each with its line break.
std::string SentText(const v1::Transaction& transaction);
std::string AlteredText(const v1::Transaction& transaction);
std::string FencingText(TransactionId id);
std::string AnsweredText(TransactionId id, const v1::TransactionResult& result);

// Reads a line without its line break. Nothing if it is not one of these.
std::optional<RecordLine> ParseRecordLine(std::string_view line);

// `INSUFFICIENT_FUNDS`: the name without its prefix.
std::string_view OutcomeName(v1::Outcome outcome);

}  // namespace lumbung
