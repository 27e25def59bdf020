#include "storage/audit/own_sums.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace lumbung::audit {

namespace {

// storage/FORMAT.md, by its numbers.
constexpr unsigned kPost = 1;
constexpr unsigned kCapture = 3;
constexpr unsigned kRefund = 6;
constexpr unsigned kReverse = 7;
constexpr unsigned kFact = 16;
constexpr unsigned kAccountOpened = 4;
constexpr unsigned kAccepted = 1;
constexpr unsigned kAssetTag = 5;

constexpr size_t kAhead = 16;  // entries whose rows are asked for while others are added

bool StandsOnDebitSide(uint64_t account) {
  const uint64_t code = account >> 26 & 0x3FFF;
  return code / 1000 == 1 || code / 1000 == 5;
}

int64_t BalanceOf(const OwnSums::Row& row) {
  const int64_t net = row.debits - row.credits;
  return StandsOnDebitSide(row.account) ? net : -net;
}

// The asset that an opening's attachment names; 0 if it names none.
uint32_t AssetIn(std::span<const std::byte> attachment) {
  while (attachment.size() >= 2) {
    const auto tag = static_cast<unsigned>(attachment[0]);
    const auto length = static_cast<size_t>(attachment[1]);
    if (attachment.size() < 2 + length) return 0;
    if (tag == kAssetTag && length == 2) {
      return static_cast<uint32_t>(attachment[2]) | static_cast<uint32_t>(attachment[3]) << 8;
    }
    attachment = attachment.subspan(2 + length);
  }
  return 0;
}

std::string Differs(const char* side, int64_t sum, Amount recorded) {
  return std::string("the balance of the ") + side + " account: the amounts before it add up to " +
         std::to_string(sum) + ", the entry says " + std::to_string(recorded.value());
}

}  // namespace

bool MovesMoney(const Entry& entry) {
  const unsigned step = entry.kind.packed >> 8;
  return static_cast<unsigned>(entry.outcome) == kAccepted &&
         (step == kPost || step == kCapture || step == kRefund || step == kReverse);
}

size_t OwnSums::PlaceOf(uint64_t account) const {
  // The upper bits of a product depend on all of the number.
  const uint64_t mixed = (account ^ account >> 29) * uint64_t{0x9e3779b97f4a7c15};
  return static_cast<size_t>(static_cast<unsigned __int128>(mixed) * rows_.size() >> 64);
}

OwnSums::Row& OwnSums::Find(uint64_t account) {
  for (size_t i = PlaceOf(account);; i = i + 1 == rows_.size() ? 0 : i + 1) {
    Row& row = rows_[i];
    if (row.account == account || row.account == 0) return row;
  }
}

void OwnSums::Open(uint64_t account, uint32_t asset) {
  if (3 * (size_ + 1) > 2 * rows_.size()) Grow();
  Row& row = Find(account);
  if (row.account == 0) ++size_;
  row.account = account;
  row.asset = asset;
}

void OwnSums::Grow() {
  Rows old(rows_.size() * 2);
  std::swap(old, rows_);
  for (const Row& row : old) {
    if (row.account != 0) Find(row.account) = row;
  }
}

std::optional<std::string> OwnSums::AddOne(const Entry& entry) {
  const uint64_t debit_id = entry.debit_account.value();
  const uint64_t credit_id = entry.credit_account.value();
  Row& debit = Find(debit_id);
  Row& credit = Find(credit_id);
  if (MovesMoney(entry)) {
    if (debit.account == 0 || credit.account == 0 || debit.asset == 0 || credit.asset == 0) {
      return "it moves money of an account that was never opened";
    }
    if (debit.asset != credit.asset) return "it moves money from one asset to another";
    if (entry.amount.value() <= 0) return "it moves an amount that is not above 0";
    if (__builtin_add_overflow(debit.debits, entry.amount.value(), &debit.debits) ||
        __builtin_add_overflow(credit.credits, entry.amount.value(), &credit.credits)) {
      return "a sum that does not fit into 64 bits";
    }
  }
  const int64_t debit_sum = debit.account == 0 ? 0 : BalanceOf(debit);
  const int64_t credit_sum = credit.account == 0 ? 0 : BalanceOf(credit);
  if (debit_sum != entry.debit_balance.value()) {
    return Differs("debit", debit_sum, entry.debit_balance);
  }
  if (credit_sum != entry.credit_balance.value()) {
    return Differs("credit", credit_sum, entry.credit_balance);
  }
  return std::nullopt;
}

std::optional<Finding> OwnSums::Add(Sequence first, std::span<const Entry> entries,
                                    std::span<const std::byte> attachments) {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i + kAhead < entries.size()) {
      const Entry& later = entries[i + kAhead];
      __builtin_prefetch(&rows_[PlaceOf(later.debit_account.value())], 1);
      __builtin_prefetch(&rows_[PlaceOf(later.credit_account.value())], 1);
    }
    const Entry& entry = entries[i];
    const size_t length = std::min<size_t>(entry.attachment_length, attachments.size());
    if (const auto wrong = AddOne(entry)) {
      const Sequence at{first.value() + i};
      return Finding{Check::kSums, at, at, *wrong};
    }
    if (entry.kind.packed == (kFact << 8 | kAccountOpened)) {
      Open(entry.debit_account.value(), AssetIn(attachments.first(length)));
    }
    attachments = attachments.subspan(length);
  }
  return std::nullopt;
}

void OwnSums::ForEach(const std::function<void(const Row& row)>& visit) const {
  for (const Row& row : rows_) {
    if (row.account != 0) visit(row);
  }
}

}  // namespace lumbung::audit
