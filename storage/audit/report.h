// What an audit found: plain data, made by Audit (audit.h) and shown by the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/account_id.h"
#include "engine/kind.h"
#include "engine/outcome.h"
#include "engine/state.h"
#include "engine/transaction_id.h"
#include "engine/types.h"
#include "storage/transparency/merkle.h"

namespace lumbung::audit {

// The checks, in the order in which they are told. README.md says what each of them proves.
enum class Check : uint8_t {
  kChain,          // formats, block hashes, chain, contiguity: as the ledger's source reads them
  kCheckpoints,    // the Merkle root over all entries against every known checkpoint
  kRules,          // each transaction decided again, and compared byte for byte
  kSums,           // sums that share no code with the engine
  kIds,            // no id is spent twice, however far apart
  kTree,           // the stored hashes of the Merkle tree
  kState,          // the stored images of the state
  kDailyBalances,  // the stored daily balances
  kVisit,          // what the auditor's own file of the last visit says
};
inline constexpr size_t kChecks = 9;

// Something that is not as it should be, in the entries `first` to `last`.
struct Finding {
  Check check = Check::kChain;
  Sequence first;
  Sequence last;
  std::string reason;
};

enum class CheckEnd : uint8_t {
  kPassed,
  kFailed,   // it has findings
  kSkipped,  // there was nothing to check; the note says why
  kUnread,   // there was, but it could not be read; the note says why
  kStopped,  // it passed until another finding made it pointless; the note says where
};

struct CheckResult {
  CheckEnd end = CheckEnd::kPassed;
  std::string note;  // what was compared, or why it was not
};

// Moved on a cooperative's accounts in one asset, or on those of one code.
struct Turnover {
  Amount debits;
  Amount credits;
};

struct CodeTotals {
  AccountCode code;
  AssetCode asset;
  uint64_t accounts = 0;
  Turnover turnover;
};

struct CooperativeTotals {
  CooperativeId id;
  std::string name;
  int16_t zone_minutes = 0;
  // All of the ledger.
  std::vector<CodeTotals> codes;  // in order of code; at 0 too
  // What is new since the last visit, or all without one.
  uint64_t accepted = 0;  // transactions
  uint64_t declined = 0;
  Turnover turnover;              // debits and credits, of all assets together
  uint64_t at_terminals_out = 0;  // transactions of a terminal outside of the opening hours
  uint64_t others_out = 0;        // the same of none: back office and backend
};

// An entry worth a look. Lists of them are cut; counts are not.
struct Noted {
  Sequence sequence;
  Timestamp time;
  CooperativeId cooperative;
  OperatorId operator_id;
  Amount amount;
  std::string what;
};
struct NotedList {
  uint64_t count = 0;
  std::vector<Noted> first;  // at most kMostNoted
};
inline constexpr size_t kMostNoted = 50;

struct CounterRange {
  uint32_t first = 0;
  uint32_t last = 0;
};

struct TerminalReport {
  CooperativeId cooperative;
  TerminalId terminal;
  uint64_t transactions = 0;
  // Its own counter.
  uint64_t missing = 0;            // numbers that never came
  std::vector<CounterRange> gaps;  // the first of them
  uint64_t repeats = 0;            // numbers that came again, with another transaction
  Sequence first_repeat;           // 0: none
  uint64_t gaps_forgotten = 0;     // ranges that were too many to be kept
  // Its clock, where it was more than 5 minutes from the server's.
  uint64_t clock_behind = 0;  // or the transaction was sent late
  uint64_t clock_ahead = 0;
  int64_t most_behind_s = 0;
  int64_t most_ahead_s = 0;
};

struct OperatorReport {
  CooperativeId cooperative;
  OperatorId operator_id;
  uint64_t sales = 0;  // accepted, and captures
  Amount sold;
  uint64_t refunds = 0;
  Amount refunded;
  uint64_t reversals = 0;
  Amount reversed;
};

// What the auditor takes home, to begin from at his next visit (visit.h).
struct Standing {
  Sequence last;
  MerkleHash root{};
  StateHash state{};
};

struct Report {
  std::vector<Finding> findings;  // in order of their first entries, at most kMostFindings
  uint64_t finding_count = 0;
  CheckResult checks[kChecks];
  std::vector<std::string> notes;

  Standing standing;  // state is zero where the rules were not checked to the end
  Sequence since;     // entries after it are new; 0: all
  uint64_t entries = 0;
  uint64_t blocks = 0;
  uint64_t accepted = 0;  // transactions
  uint64_t declined = 0;
  uint64_t facts = 0;
  uint64_t expiries = 0;
  uint64_t accounts = 0;
  uint64_t open_holds = 0;
  Timestamp first_time;
  Timestamp last_time;
  uint64_t newest_checkpoint = 0;  // size of the newest that matched
  double seconds = 0;

  std::vector<CooperativeTotals> cooperatives;  // in order of number
  NotedList reversals;
  NotedList refunds;
  NotedList overrides;
  NotedList out_of_hours;
  std::vector<TerminalReport> terminals;  // those with something to say
  std::vector<OperatorReport> operators;  // those with refunds or reversals

  // Nothing was found. What was not checked is in checks and notes.
  bool sound() const { return finding_count == 0; }
  // All that is there could be read.
  bool complete() const;
  bool all_well() const { return sound() && complete(); }
  CheckResult& of(Check check) { return checks[static_cast<size_t>(check)]; }
  const CheckResult& of(Check check) const { return checks[static_cast<size_t>(check)]; }
};
inline constexpr size_t kMostFindings = 100;

// Adds a finding, and marks its check as failed.
void Add(Report& report, Finding finding);
// Marks a check as stopped, if it passed until there.
void Stop(Report& report, Check check);
// Marks a check as not read, for this reason. What it found before stays, and it has failed then.
void MarkUnread(Report& report, Check check, std::string reason);

}  // namespace lumbung::audit
