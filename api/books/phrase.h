// What the books say, in the two languages in which they are kept, and the names of what the ledger
// numbers. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/chart.h"
#include "engine/entry.h"
#include "engine/kind.h"
#include "engine/types.h"

namespace lumbung::books {

enum class Language : uint8_t { kIndonesian, kEnglish };

// The same in Indonesian and in English. Points to constants.
struct Phrase {
  std::string_view indonesian;
  std::string_view english;

  constexpr std::string_view In(Language language) const {
    return language == Language::kIndonesian ? indonesian : english;
  }
};

// `Pembayaran`, `Payment`.
Phrase NameOf(Purpose purpose);
// What a step does; empty for kPost, which does what its purpose says.
Phrase NameOf(Step step);
// `rekening dibuka`, `account opened`.
Phrase NameOf(Fact fact);
// What an account of this kind belongs to: `anggota`, `member`.
Phrase NameOf(HolderKind holder);
// Of the chart of accounts; empty for a code that is not in it.
Phrase NameOf(AccountCode code);

// What kind of transaction or fact an entry is of: `Penjualan tunai, pengembalian`.
std::string KindWords(EntryKind kind, Language language);
// What an entry is about in one line: its purpose, its step, what part of the transaction it is and
// what it follows (`Pembayaran, pengembalian, dari entri 412, bagian PPN`).
std::string DescriptionOf(const Entry& entry, Language language);
// The same of a transaction, whose first entry it takes.
std::string SubjectOf(const Entry& first, Language language);

}  // namespace lumbung::books
