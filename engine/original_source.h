// Gives the state machine the legs of an earlier transaction, for refunds and reversals. Two
// implementations: the apply stage's (recent blocks, then the ledger), and a vector in tests.
#pragma once

#include <vector>

#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

class OriginalSource {
 public:
  virtual ~OriginalSource() = default;
  // Replaces `legs` by the entries of the transaction that begins at `first`, leg 0 first. False if
  // the ledger can't be read there; `legs` may be anything then.
  // REQUIRES: a transaction begins there.
  [[nodiscard]] virtual bool ReadTransaction(Sequence first, std::vector<Entry>& legs) = 0;
};

}  // namespace lumbung
