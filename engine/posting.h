// Posts the legs of one transaction, all or none, and writes its entries: the inner half of the
// state machine, which knows accounts and entries but neither ids nor commands. Apply thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/attachment.h"
#include "engine/block_writer.h"
#include "engine/command.h"
#include "engine/entry.h"
#include "engine/limits.h"
#include "engine/request.h"
#include "engine/state_data.h"

namespace lumbung {

// What is the same in all entries of a transaction.
struct Transaction {
  EntryKind kind;
  TransactionId id;
  uint64_t reference = 0;
  Evidence evidence;
  Sequence related;       // first entry of the hold or original
  uint32_t deadline = 0;  // holds
  uint16_t flags = 0;     // EntryFlag, besides those of the leg
  size_t attachment_bytes = 0;
  const Attachment* attachment = nullptr;  // null if attachment_bytes is 0
};

struct PlannedLeg {
  AccountId debit;
  AccountId credit;
  Amount amount;
  uint16_t flags = 0;
  HoldRef hold;  // captures: what is released by this leg

  // Set by Posting.
  AccountRef debit_account;
  AccountRef credit_account;
};

class Posting {
 public:
  explicit Posting(State::Data& data) : data_(data) {}
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;

  // The plan of the transaction: forgets the one before.
  void Clear() { count_ = 0; }
  // REQUIRES: fewer than kMaxLegs legs. Good until the next Clear.
  PlannedLeg& Add(AccountId debit, AccountId credit, Amount amount, uint16_t flags) {
    LUMBUNG_CHECK(count_ < kMaxLegs);
    PlannedLeg& leg = legs_[count_++];
    leg.debit = debit;
    leg.credit = credit;
    leg.amount = amount;
    leg.flags = flags;
    leg.hold = {};
    return leg;
  }
  // REQUIRES: a leg.
  void SetFirstAmount(Amount amount) { legs_[0].amount = amount; }
  std::span<const PlannedLeg> legs() const { return {legs_.data(), count_}; }

  // Posts (or, for holds, reserves) the planned legs in order. The first that fails a check undoes
  // those before it, and all are recorded as declined. REQUIRES: at least one leg.
  Result Record(const Transaction& transaction, Timestamp now, BlockWriter& out);
  // Records a decline in one entry, for what could not be planned: with the accounts of the first
  // planned leg, if there is one, and the amount asked for, 0 if none was.
  Result Decline(const Transaction& transaction, Outcome outcome, Amount asked, Timestamp now,
                 BlockWriter& out);
  // Releases all legs of a hold, which then is in `state`, without posting anything.
  Result Release(const Transaction& transaction, HoldState state, Timestamp now, BlockWriter& out);

  // kAccepted if the branch and the terminal named are open in the cooperative, or none is named.
  Outcome CheckEvidence(CooperativeId cooperative, const Evidence& evidence) const;

 private:
  // Account states before a leg, to be put back.
  struct Before {
    Account debit;
    Account credit;
  };

  Outcome FindAccounts(size_t& cause);
  Outcome CheckLeg(const Transaction& transaction, const PlannedLeg& leg, Timestamp now) const;
  Outcome CheckLimits(const Transaction& transaction, const PlannedLeg& leg, Timestamp now) const;
  // Whether the transaction takes more out of the account than one may, or its leg than a day may.
  bool TakesTooMuchAtOnce(const Account& account) const;
  bool TakesTooMuchToday(const Account& account, Amount amount, Timestamp now) const;
  Outcome CheckSums(const Transaction& transaction, const PlannedLeg& leg) const;
  Outcome CheckBalances(const Transaction& transaction, const PlannedLeg& leg) const;
  void Apply(const Transaction& transaction, PlannedLeg& leg, Moment moment, Entry& entry);
  void Undo(size_t applied, size_t daily_balances);
  Result WriteDecline(std::span<Entry> entries, Outcome outcome, size_t cause, Result result);

  State::Data& data_;
  size_t count_ = 0;
  std::array<PlannedLeg, kMaxLegs> legs_;
  std::array<Before, kMaxLegs> before_;
};

// What a command's header says, without its text.
Transaction TransactionOf(Step step, Purpose purpose, const Header& header);
// REQUIRES: the attachment outlives the transaction.
void Attach(const Attachment& attachment, Transaction& transaction);

// Fills in what an entry has from its transaction.
void Describe(const Transaction& transaction, size_t index, size_t count, Timestamp now,
              Entry& entry);

}  // namespace lumbung
