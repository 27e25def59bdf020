#include "storage/audit/daily_sums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <random>
#include <type_traits>

namespace lumbung::audit {

static_assert(std::has_unique_object_representations_v<DailyBalance>);

DailySums::DailySums() {
  std::random_device random;
  for (uint64_t& word : key_) word = (uint64_t{random()} << 32 | random()) | 1;
}

uint64_t DailySums::HashOf(const DailyBalance& balance) const {
  const auto words = std::bit_cast<std::array<uint64_t, sizeof(balance) / 8>>(balance);
  uint64_t state = key_[0];
  for (const uint64_t word : words) {
    const unsigned __int128 product =
        static_cast<unsigned __int128>(state ^ word) * (key_[1] ^ (word << 32 | word >> 32));
    state = (static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) + key_[0];
  }
  return state;
}

void DailySums::Expect(std::span<const DailyBalance> balances) {
  for (const DailyBalance& balance : balances) {
    Sum& sum = sums_[balance.account.value()];
    sum.hashes += HashOf(balance);
    ++sum.count;
    ++expected_;
  }
}

void DailySums::Allow(std::span<const DailyBalance> balances) {
  for (const DailyBalance& balance : balances) {
    allowed_[{balance.account.value(), balance.date.value()}] = HashOf(balance);
  }
}

void DailySums::Take(const DailyBalance& stored) {
  const uint64_t hash = HashOf(stored);
  const auto allowed = allowed_.find({stored.account.value(), stored.date.value()});
  if (allowed != allowed_.end() && allowed->second == hash) return;
  Sum& sum = sums_[stored.account.value()];
  sum.hashes -= hash;
  --sum.count;
}

std::vector<AccountId> DailySums::Different() const {
  std::vector<AccountId> accounts;
  for (const auto& [account, sum] : sums_) {
    if (sum.hashes != 0 || sum.count != 0) accounts.push_back(AccountId{account});
  }
  std::ranges::sort(accounts);
  return accounts;
}

}  // namespace lumbung::audit
