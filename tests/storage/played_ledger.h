// Random traffic through the rules, kept in a real ledger store: the ground of the tests of
// recovery and history.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/check.h"
#include "storage/ledger_store.h"
#include "tests/engine/rules/books.h"
#include "tests/model/random_traffic.h"

namespace lumbung {

class PlayedLedger {
 public:
  PlayedLedger(const std::string& folder, uint64_t seed) : books(size_t{1} << 18), traffic(seed) {
    auto opened = LedgerStore::Open(folder, Access::kReadWrite);
    LUMBUNG_CHECK(opened.ok());
    store = std::move(*opened);
  }

  // Applies random commands and remembers what became of each.
  void Play(int commands) {
    for (int i = 0; i < commands; ++i) {
      books.Advance(traffic.Pause());
      books.ExpireHolds();
      books.Apply(traffic.Next(books.now()));
    }
  }

  // Writes all that was applied since the last call.
  void Write() {
    const auto& blocks = books.Flush();
    std::vector<Block*> pointers;
    for (; written_ < blocks.size(); ++written_) pointers.push_back(blocks[written_].get());
    if (!pointers.empty()) LUMBUNG_CHECK(store->Append(pointers).ok());
  }

  Books books;
  RandomTraffic traffic;
  std::unique_ptr<LedgerStore> store;

 private:
  size_t written_ = 0;
};

}  // namespace lumbung
