// What an auditor wants to look at although the ledger is sound: who gave money back, what was done
// around the ordinary rules, what a terminal's counter and clock say, what happened outside of the
// opening hours. Only evidence: nothing here makes a ledger wrong. One thread.
//
// - A terminal's counter has a gap where a number never came, and a repeat where a number came
//   again with another transaction. What comes late (an offline upload) fills its gap. Gaps are
//   kept as ranges, at most 64 a terminal; what is forgotten is counted.
// - Overrides are what the back office does around the rules of a kind: journal entries of kind
//   GENERAL, closings, limits that are not the chart's, frozen, unfrozen and closed accounts,
//   changed policies.
// - The refund rate of an operator compares with what he sold: accepted sales and bill payments,
//   and captures of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/attachment.h"
#include "engine/entry.h"
#include "storage/audit/report.h"

namespace lumbung::audit {

// Minutes of the day in the cooperative's zone; `from` included, `to` not.
struct OpeningHours {
  uint32_t from = 6 * 60;
  uint32_t to = 22 * 60;
};

class Observations {
 public:
  // What is told is of the entries after `since`; counters of terminals are followed from the
  // first.
  Observations(OpeningHours hours, Sequence since) : hours_(hours), since_(since) {}

  // A block's entries.
  void Add(Sequence first, std::span<const Entry> entries, std::span<const std::byte> attachments);
  // Sorts all of it into the report.
  void Tell(Report& report) const;

 private:
  struct Counter {
    uint32_t greatest = 0;
    uint32_t greatest_before = 0;  // at the last visit: gaps below were told then
    bool begun = false;
    std::vector<CounterRange> gaps;  // ascending
  };
  struct Terminal {
    TerminalReport report;
    Counter counter;
  };

  // A transaction: its legs, and where it stands.
  struct Seen {
    Sequence first;
    std::span<const Entry> legs;
    std::span<const std::byte> attachment;

    const Entry& entry() const { return legs[0]; }
    CooperativeId cooperative() const { return legs[0].debit_account.cooperative(); }
  };

  void AddTransaction(const Seen& seen);
  void AddFact(const Seen& seen);
  void Count(const Seen& seen, CooperativeTotals& totals);
  void FollowTerminal(const Seen& seen);
  void FollowCounter(const Seen& seen, Terminal& terminal);
  void FollowClock(const Entry& entry, TerminalReport& report) const;
  void FollowHours(const Seen& seen, CooperativeTotals& totals);
  void FollowOperator(const Seen& seen);
  void Note(NotedList& list, const Seen& seen, std::string what);
  bool IsNew(const Seen& seen) const { return seen.first > since_; }
  CooperativeTotals& Of(CooperativeId cooperative);

  const OpeningHours hours_;
  const Sequence since_;
  uint64_t accepted_ = 0;
  uint64_t declined_ = 0;
  uint64_t facts_ = 0;
  uint64_t expiries_ = 0;
  NotedList reversals_;
  NotedList refunds_;
  NotedList overrides_;
  NotedList out_of_hours_;
  std::map<CooperativeId, CooperativeTotals> cooperatives_;
  CooperativeTotals* last_cooperative_ = nullptr;  // of the transaction before
  absl::flat_hash_map<uint64_t, Terminal> terminals_;
  absl::flat_hash_map<uint64_t, OperatorReport> operators_;
};

}  // namespace lumbung::audit
