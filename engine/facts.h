// Administrative facts: cooperatives, branches, terminals, accounts, their limits and status. Facts
// have no id. They are repeatable: what is so already is accepted and records nothing; what is
// refused or declined records nothing either. Apply thread only.
#pragma once

#include "engine/block_writer.h"
#include "engine/command.h"
#include "engine/request.h"
#include "engine/state_data.h"

namespace lumbung {

class Facts {
 public:
  explicit Facts(State::Data& data) : data_(data) {}

  // A cooperative, a branch and a terminal come with their accounts of the chart, one entry each.
  Result Execute(const OpenCooperative& open, Timestamp now, BlockWriter& out);
  Result Execute(const OpenBranch& open, Timestamp now, BlockWriter& out);
  Result Execute(const OpenTerminal& open, Timestamp now, BlockWriter& out);
  Result Execute(const OpenAccount& open, Timestamp now, BlockWriter& out);
  Result Execute(const SetLimits& set, Timestamp now, BlockWriter& out);
  Result Execute(const SetStatus& set, Timestamp now, BlockWriter& out);
  Result Execute(const SetPolicy& set, Timestamp now, BlockWriter& out);

 private:
  Outcome CheckHolder(AccountId account) const;
  Outcome CheckAccount(AccountId account) const;

  State::Data& data_;
};

}  // namespace lumbung
