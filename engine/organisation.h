// Cooperatives, their branches and terminals, as the ledger's facts made them.
#pragma once

#include <cstdint>
#include <string>

#include "engine/command.h"
#include "engine/types.h"

namespace lumbung {

struct Cooperative {
  CooperativeId id;
  int16_t zone_minutes = 0;  // east of UTC
  Policy policy;
  std::string name;
  Sequence opened_sequence;
  Sequence changed_sequence;
  Timestamp opened_at;
};

struct Branch {
  CooperativeId cooperative;
  BranchId id;
  std::string name;
  Sequence opened_sequence;
  Timestamp opened_at;
};

struct Terminal {
  CooperativeId cooperative;
  BranchId branch;
  TerminalId id;
  std::string name;
  Sequence opened_sequence;
  Timestamp opened_at;
};

}  // namespace lumbung
