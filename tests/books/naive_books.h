// The oracle of the books: goes through a ledger in the plainest way, and keeps every posting in a
// list that each figure is added up from anew. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/attachment.h"
#include "engine/entry.h"
#include "storage/ledger_source.h"

namespace lumbung {

struct NaivePosting {
  uint64_t sequence = 0;
  uint64_t account = 0;
  int code = 0;
  bool debit = false;
  bool closing_entry = false;
  int64_t amount = 0;
  int64_t day = 0;  // since 1970 in the cooperative's zone
};

struct NaiveBooks {
  std::vector<NaivePosting> postings;
  std::set<uint64_t> transactions;  // by their first sequence, of all postings
  std::map<uint64_t, int64_t> day_of_transaction;
  std::map<uint64_t, int64_t> opened;  // the day of each account in rupiah
  int64_t zone_minutes = 0;

  // The sum over postings that are wanted, debits less credits.
  __int128 Net(const std::function<bool(const NaivePosting&)>& wanted) const {
    __int128 net = 0;
    for (const NaivePosting& posting : postings) {
      if (wanted(posting)) net += posting.debit ? posting.amount : -posting.amount;
    }
    return net;
  }
};

inline NaiveBooks ReadNaively(const LedgerSource& ledger, uint32_t cooperative) {
  NaiveBooks books;
  const auto day_of = [&](const Entry& entry) {
    return (entry.timestamp.value() / 1'000'000'000 + books.zone_minutes * 60) / 86'400;
  };
  const auto add = [&](uint64_t sequence, const Entry& entry, AccountId account, bool debit) {
    if (account.cooperative().value() != cooperative || !books.opened.contains(account.value()))
      return;
    const int64_t day = day_of(entry);
    books.postings.push_back({sequence, account.value(), account.code().value(), debit,
                              (entry.kind.packed & 0xFF) == 30, entry.amount.value(), day});
    books.transactions.insert(sequence - entry.leg_index);
    books.day_of_transaction[sequence - entry.leg_index] = day;
  };
  const absl::Status read = ledger.StreamBlocks(Sequence{1}, [&](const auto& block) {
    size_t offset = 0;
    for (size_t i = 0; i < block->entries.size(); ++i) {
      const Entry& entry = block->entries[i];
      const auto attachment =
          Attachment::Decode(block->attachments.subspan(offset, entry.attachment_length));
      offset += entry.attachment_length;
      const int step = entry.kind.packed >> 8;
      if (step == 16) {  // a fact
        const int fact = entry.kind.packed & 0xFF;
        const bool ours = entry.debit_account.cooperative().value() == cooperative;
        if (fact == 1 && ours) books.zone_minutes = *attachment->zone_minutes;
        if (fact == 4 && ours && attachment->asset == AssetCode{360}) {
          books.opened.emplace(entry.debit_account.value(), day_of(entry));
        }
      }
      // Post, capture, refund, reverse.
      if (entry.outcome != Outcome::kAccepted) continue;
      if (step != 1 && step != 3 && step != 6 && step != 7) continue;
      add(block->first.value() + i, entry, entry.debit_account, true);
      add(block->first.value() + i, entry, entry.credit_account, false);
    }
    return true;
  });
  LUMBUNG_CHECK(read.ok());
  return books;
}

}  // namespace lumbung
