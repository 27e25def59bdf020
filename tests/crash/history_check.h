// Compares the whole ledger with the records of all clients, and with the rules:
//  - each acknowledged transaction is in the ledger once, at the sequence, with the outcome, the
//    time and the content of its acknowledgement; and nothing is in it that nobody sent;
//  - the naive ledger, given the same transactions in the order of the sequences, comes to the same
//    outcomes, sequences and balances (replayed here, entry by entry);
//  - what was asked for after another's answer has the higher sequence (real-time order, as Jepsen
//    checks it);
//  - the balances that the server gives are those of the naive ledger, and those of the wallets are
//    the sums of what the clients' records say.
// Not thread-safe. The records must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lumbung/v1/types.pb.h"
#include "tests/crash/findings.h"
#include "tests/crash/record.h"
#include "tests/model/naive_ledger.h"

namespace lumbung {

class HistoryCheck {
 public:
  HistoryCheck(const std::vector<const Record*>& records, Findings& findings);

  // The ledger's entries, from the first on.
  void Take(const v1::Entry& entry);
  // All accounts as the server has them now. To be called behind the last entry.
  void Finish(const std::vector<v1::Account>& accounts);

  uint64_t entries() const { return next_sequence_ - 1; }
  uint64_t confirmed() const { return confirmed_; }  // transactions in ledger and record alike
  uint64_t expired() const { return expired_; }

 private:
  struct Acknowledged {
    const Record* record = nullptr;  // whose it is
    const Sent* sent = nullptr;
  };
  struct Place {
    const Sent* sent = nullptr;
    bool seen = false;
  };

  void TakeFact(const v1::Entry& entry);
  void TakeExpiry(const v1::Entry& first);
  void TakeTransaction();
  void CompareWithRecord(const Sent& sent);
  void CompareContent(const Sent& sent);
  void CompareWithModel(const Sent& sent);
  void CompareBalances();
  void CheckAllAreThere();
  std::vector<Acknowledged> InOrderOfSequences() const;
  void CheckOrder(const std::vector<Acknowledged>& all);
  void CheckAccounts(const std::vector<v1::Account>& accounts,
                     const std::vector<Acknowledged>& all);
  std::map<AccountId, __int128> SumsOfTheRecords(const std::vector<Acknowledged>& all) const;
  void Differs(Findings::Sort sort, const std::string& how);

  const std::vector<const Record*> records_;
  Findings& findings_;
  absl::flat_hash_map<TransactionId, Place> places_;
  NaiveLedger model_;
  std::vector<v1::Entry> open_;  // of the transaction that is being read
  uint64_t next_sequence_ = 1;
  uint64_t model_next_ = 1;  // behind what the model has recorded
  int64_t last_timestamp_ns_ = 0;
  size_t model_expired_ = 0;  // holds that the model ended and the ledger has not named yet
  uint64_t confirmed_ = 0;
  uint64_t expired_ = 0;
};

}  // namespace lumbung
