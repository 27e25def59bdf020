// The rules once more, as plainly as they can be said: maps, copies, 128-bit sums, the whole
// content of each transaction kept and compared. Written from engine/README.md and the headers;
// shares only the value types and the chart of accounts with the engine. The oracle of the model
// test.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/account.h"
#include "engine/command.h"
#include "engine/kind.h"
#include "engine/outcome.h"
#include "engine/request.h"
#include "engine/types.h"

namespace lumbung {

// What leaves no entry.
Result Unrecorded(Outcome outcome);

class NaiveLedger {
 public:
  using Sum = __int128;

  struct NaiveAccount {
    Sum debits = 0;
    Sum credits = 0;
    Sum held = 0;
    bool debit_normal = false;
    AssetCode asset;
    AccountStatus status = AccountStatus::kOpen;
    Limits limits;
    std::map<int64_t, Sum> taken;  // by day

    Sum balance() const { return debit_normal ? debits - credits : credits - debits; }
  };

  // An entry in an account's statement: it stands there if it moved the account's money, or held or
  // released it, or opened or changed the account. A decline does not, nor a hold at who may be
  // paid by it.
  struct NaiveLine {
    Sequence sequence;
    Timestamp time;
    Sum change = 0;   // in the account's normal direction
    Sum balance = 0;  // after it
  };
  enum class Lines { kForgotten, kKept };

  explicit NaiveLedger(Lines lines = Lines::kForgotten) : keeps_lines_(lines == Lines::kKept) {}

  Result Apply(const Command& command, Timestamp now);
  // Ends all holds whose deadline has come; returns how many.
  size_t Expire(Timestamp now);
  // From now on the disk gives originals back, or not.
  void MakeOriginalsUnreadable(bool unreadable) { originals_are_unreadable_ = unreadable; }

  // The sequence that the next entry would get.
  Sequence next() const { return Sequence{next_}; }
  const std::map<AccountId, NaiveAccount>& accounts() const { return accounts_; }
  // The account's statement, oldest first. REQUIRES: they are kept, and it is open.
  const std::vector<NaiveLine>& lines(AccountId account) const { return lines_.at(account); }

 private:
  struct NaiveLeg {
    AccountId debit;
    AccountId credit;
    Sum amount = 0;
    bool clearing = false;
    bool fee = false;
    Sum released = 0;      // of a hold
    int64_t held_day = 0;  // on which it was placed
  };
  struct NaiveCooperative {
    int16_t zone_minutes = 0;
    Policy policy;
    std::string name;
  };
  enum class HoldEnd { kNone, kCaptured, kVoided, kExpired };
  // A recorded transaction.
  struct Record {
    Result result;
    std::string content;
    Step step = Step::kNone;
    Purpose purpose = Purpose::kNone;
    std::vector<NaiveLeg> legs;
    // Holds.
    int64_t deadline = 0;
    HoldEnd end = HoldEnd::kNone;
    // Originals and refunds.
    Sum refunded = 0;
    bool reversed = false;
    std::optional<TransactionId> original;
  };

  Result Spend(const Header& header, Step step, const std::string& content, Timestamp now,
               Record record);
  Outcome Decide(const Post& post, Record& record, Timestamp now);
  Outcome Decide(const Hold& hold, Record& record, Timestamp now);
  Outcome Decide(const Capture& capture, Record& record, Timestamp now);
  Outcome Decide(const Void& release, Record& record, Timestamp now);
  Outcome Decide(const Refund& refund, Record& record, Timestamp now);
  Outcome Decide(const Reverse& reverse, Record& record, Timestamp now);
  Result Answer(const Resolve& resolve, Timestamp now);
  template <typename Operation>
  Result Transact(const Operation& operation, Timestamp now);

  Result Administer(const OpenCooperative& open, Timestamp now);
  Result Administer(const OpenBranch& open, Timestamp now);
  Result Administer(const OpenTerminal& open, Timestamp now);
  Result Administer(const OpenAccount& open, Timestamp now);
  Result Administer(const SetLimits& set, Timestamp now);
  Result Administer(const SetStatus& set, Timestamp now);
  Result Administer(const SetPolicy& set, Timestamp now);

  std::vector<NaiveLeg> Expand(Purpose purpose, const Leg& requested) const;
  Outcome CheckOrganisation(const Record& record, const Evidence& evidence) const;
  Outcome CheckEvidence(CooperativeId cooperative, const Evidence& evidence) const;
  Outcome FindHold(const TransactionId& id, const Evidence& evidence, Record& record,
                   Timestamp now);
  Outcome PostAll(Record& record, Timestamp now);
  Outcome PostLeg(const Record& record, const NaiveLeg& leg, Timestamp now);
  Outcome CheckLeg(const Record& record, const NaiveLeg& leg, Timestamp now) const;
  Outcome CheckTaken(const Record& record, const NaiveLeg& leg, Timestamp now) const;
  int64_t Day(AccountId account, Timestamp now) const;
  void Release(const NaiveLeg& leg);
  Sum Requested(const std::vector<NaiveLeg>& legs) const;
  std::vector<Sum> Share(const std::vector<NaiveLeg>& legs, Sum refunded) const;
  int OpenAccounts(int holder_kind, CooperativeId cooperative, uint32_t holder, Timestamp now);
  Result Recorded(Outcome outcome, size_t entries, Timestamp now);
  void AddLine(AccountId account, Sequence sequence, Timestamp now, Sum change);
  // Of both sides of what `legs`, from sequence `first` on, moved, or of the debit sides alone.
  void AddLines(const std::vector<NaiveLeg>& legs, bool moved, Sequence first, Timestamp now);

  bool keeps_lines_;
  bool originals_are_unreadable_ = false;
  std::map<AccountId, NaiveAccount> accounts_;
  std::map<CooperativeId, NaiveCooperative> cooperatives_;
  std::map<std::pair<CooperativeId, BranchId>, std::string> branches_;
  std::map<std::pair<CooperativeId, TerminalId>, std::pair<BranchId, std::string>> terminals_;
  std::map<TransactionId, Record> records_;
  std::map<AccountId, std::vector<NaiveLine>> lines_;
  std::set<TransactionId> open_holds_;
  uint64_t next_ = 1;
};

}  // namespace lumbung
