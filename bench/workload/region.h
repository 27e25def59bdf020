// The cooperatives that the demo sets up: KDMP Bentangan and its neighbours in the district of
// Wonosari, Klaten, Central Java. The villages are real; the numbers of their members, but for
// Bentangan's, and what they charge, are invented.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/account_id.h"
#include "engine/command.h"
#include "engine/types.h"

namespace lumbung {

inline constexpr CooperativeId kBentangan{1024};
inline constexpr size_t kMaxCooperatives = 18;  // villages of the district

struct BranchPlan {
  BranchId id;
  std::string_view name;
  uint32_t sales_percent = 0;  // of the cooperative's sales
};

struct TerminalPlan {
  TerminalId id;
  BranchId branch;
  std::string name;
};

struct CooperativePlan {
  CooperativeId id;
  std::string name;
  int32_t zone_minutes = 0;
  uint32_t members = 0;  // numbered 1 … members
  Policy policy;
  std::vector<BranchPlan> branches;
  std::vector<TerminalPlan> terminals;

  AccountId Own(AccountCode code) const;
  AccountId Of(AccountCode code, uint32_t holder) const;
};

// Which members have something special; by number, so that every run agrees.
bool IsFrozen(uint32_t member);   // the wallet is frozen: a dispute
bool IsLimited(uint32_t member);  // the wallet pays at most kMemberLimit at once: a child's
bool HasLoan(uint32_t member);    // the loan's number is the member's
inline constexpr Amount kMemberLimit{250'000 * 100};

// The first is Bentangan. REQUIRES: 1 <= cooperatives <= kMaxCooperatives.
std::vector<CooperativePlan> KlatenRegion(size_t cooperatives);

}  // namespace lumbung
