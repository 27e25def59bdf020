// What a client asks for, kept so that it can be sent again word for word, altered on purpose, and
// given to the naive ledger. Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/account_id.h"
#include "engine/command.h"
#include "engine/transaction_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

struct Payment {
  TransactionId id;
  TransactionId related_id;  // capture, void, refund, reverse
  AccountId debit;           // of the first leg; of follow-ups: none
  AccountId credit;
  int64_t amount = 0;  // sen; capture and refund: 0 means all
  uint64_t reference = 0;
  uint32_t related = 0;  // the number of the original among the client's payments
  uint32_t hold_seconds = 0;
  Step step = Step::kPost;
  Purpose purpose = Purpose::kNone;
  LegSource source = LegSource::kExplicit;
  uint8_t leg_count = 1;  // as asked for
  uint8_t text_bytes = 0;
};

// The legs as asked for: each pays on from where the one before it paid to. Empty for follow-ups.
std::vector<Leg> LegsOf(const Payment& payment);
// The caller's reference text.
std::string TextOf(const Payment& payment);

// As the API takes it.
void Fill(const Payment& payment, v1::Transaction& transaction);
// Another content under the same id: another amount, or another reference where there is none.
Payment Altered(const Payment& payment);

// As the naive ledger takes it; `command` points into the other two.
struct KeptCommand {
  explicit KeptCommand(const Payment& payment);
  KeptCommand(const KeptCommand&) = delete;
  KeptCommand& operator=(const KeptCommand&) = delete;

  std::vector<Leg> legs;
  std::string text;
  Command command;
};

}  // namespace lumbung
