// The forms in which a cooperative's entries are written for people and other programs: CSV, JSON
// lines, and journals for plain-text accounting (hledger, beancount). What is told to them comes
// from cooperative_book.h, in the ledger's order. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/books/phrase.h"
#include "engine/account_id.h"
#include "engine/attachment.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung::cli {

using books::Language;

// What is written about.
struct BookScope {
  CooperativeId cooperative;
  std::string name;
  int16_t zone_minutes = 0;
  std::optional<Timestamp> from;  // nothing: from the beginning
  Language language = Language::kIndonesian;
};

// An account as it stands: of its debits less its credits.
struct StandingAccount {
  AccountId id;
  AssetCode asset;
  Amount balance;
};

// One leg, or one fact.
struct BookLeg {
  Sequence sequence;
  const Entry& entry;
  std::span<const std::byte> attachment;
  AssetCode asset;
};

// A transaction or a fact; the legs that touch the cooperative, at least one.
struct BookTransaction {
  Sequence first;                // of the whole transaction
  const Attachment& attachment;  // of the whole transaction
  std::vector<BookLeg> legs;
};

// Whether the entry moved money: holds, releases, declines and facts do not.
bool MovesMoney(const Entry& entry);

// The same on the other side. Any 64 bits: a file may have been made by anyone.
inline Amount Negative(Amount amount) {
  return Amount{static_cast<int64_t>(0 - static_cast<uint64_t>(amount.value()))};
}

class BookForm {
 public:
  virtual ~BookForm() = default;
  // Each appends to `out`. Begin comes first and once, with the accounts that do not stand at 0.
  virtual void Begin(const BookScope& scope, std::span<const StandingAccount> opening,
                     std::string& out) = 0;
  virtual void Add(const BookTransaction& transaction, std::string& out) = 0;
  // With every account that was ever used, as the ledger's entries say that it stands.
  virtual void End(std::span<const StandingAccount> closing, std::string& out) = 0;
};

std::unique_ptr<BookForm> MakeCsvForm();
std::unique_ptr<BookForm> MakeJsonLinesForm();
std::unique_ptr<BookForm> MakeHledgerForm();
std::unique_ptr<BookForm> MakeBeancountForm();

}  // namespace lumbung::cli
