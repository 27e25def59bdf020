// Giving back: refunds, of all or a part of what was asked for, and reversals, of everything, once.
// Apply thread only.
#pragma once

#include <optional>
#include <vector>

#include "engine/block_writer.h"
#include "engine/command.h"
#include "engine/entry.h"
#include "engine/id_record.h"
#include "engine/original_source.h"
#include "engine/posting.h"
#include "engine/request.h"
#include "engine/state_data.h"

namespace lumbung {

class Reversals {
 public:
  Reversals(State::Data& data, Posting& posting) : data_(data), posting_(posting) {
    original_.reserve(kMaxLegs);
  }

  // `original` is what is remembered of the id that the command names. ORIGINAL_UNREADABLE changes
  // nothing and writes nothing.
  Result Refund(const struct Refund& refund, std::optional<IdRecord> original,
                OriginalSource& source, Timestamp now, BlockWriter& out);
  Result Reverse(const struct Reverse& reverse, std::optional<IdRecord> original,
                 OriginalSource& source, Timestamp now, BlockWriter& out);

 private:
  // Reads the original and plans its reversal (or one leg of a refund, to show in a decline). Why
  // it can't be given back, or kAccepted.
  Outcome Read(const Header& header, const std::optional<IdRecord>& original,
               OriginalSource& source, Transaction& transaction);
  // Plans the legs of a refund of `amount` after `refunded`.
  void PlanRefund(Amount refunded, Amount amount);
  void PlanReversal();

  State::Data& data_;
  Posting& posting_;
  std::vector<Entry> original_;  // the legs of the original
};

// What was asked for in a transaction: its legs without fees and without clearing halves. Nothing
// if it does not fit into 64 bits.
std::optional<Amount> CheckedRequestedAmount(std::span<const Entry> legs);
// The same. REQUIRES: it fits, as in everything that was posted.
Amount RequestedAmount(std::span<const Entry> legs);

}  // namespace lumbung
