#include "tests/engine/rules/books.h"

#include <algorithm>

#include "engine/chart.h"
#include "engine/check.h"

namespace lumbung {

Books::Books(size_t id_slots)
    : ids_({.slots_per_generation = id_slots}, cold_),
      machine_(state_, ids_, *this),
      open_(std::make_unique<Block>()),
      writer_(*this, *open_, Sequence{1}) {}

Block& Books::Exchange(Block&) {
  closed_.push_back(std::move(open_));
  open_ = std::make_unique<Block>();
  return *open_;
}

bool Books::ReadTransaction(Sequence first, std::vector<Entry>& legs) {
  if (ledger_is_unreadable_) return false;
  legs = Read(first);
  return true;
}

std::vector<Entry> Books::Read(Sequence first) {
  const Block* block = open_.get();
  if (first < open_->first()) {
    const auto after = std::upper_bound(
        closed_.begin(), closed_.end(), first,
        [](Sequence sequence, const auto& closed) { return sequence < closed->first(); });
    block = std::prev(after)->get();
  }
  const size_t index = first.value() - block->first().value();
  LUMBUNG_CHECK(index < block->count());
  const Entry* const begin = block->entries().data() + index;
  return {begin, begin + begin->leg_count};
}

std::vector<std::byte> Books::ReadAttachment(Sequence first) {
  Flush();
  for (const auto& block : closed_) {
    if (first < block->first() || first > block->last()) continue;
    size_t offset = 0;
    const size_t index = first.value() - block->first().value();
    for (size_t i = 0; i < index; ++i) offset += block->entries()[i].attachment_length;
    const auto bytes =
        block->attachments().subspan(offset, block->entries()[index].attachment_length);
    return {bytes.begin(), bytes.end()};
  }
  return {};
}

ColdLookup Books::LookUp(const TransactionId& id) const {
  const ColdLookup not_needed = ids_.NotNeeded();
  if (!ids_.NeedsCold(id)) return not_needed;
  ColdLookup answer;
  cold_.Find({&id, 1}, {&answer, 1});
  return answer;
}

void Books::SealIds() {
  if (!ids_.SealedUpTo()) return;
  SealedIds sealed;
  ids_.CopySealed(sealed);
  cold_.Add(sealed);
  ids_.MarkIndexed();
}

Result Books::Apply(const Command& command) {
  SealIds();
  Lookups lookups;
  std::visit(
      [&](const auto& operation) {
        if constexpr (requires { operation.header; }) lookups.id = LookUp(operation.header.id);
        if constexpr (requires { operation.if_unknown; }) lookups.id = LookUp(operation.id);
        if constexpr (requires { operation.hold; }) lookups.related = LookUp(operation.hold);
        if constexpr (requires { operation.original; }) {
          lookups.related = LookUp(operation.original);
        }
      },
      command);
  machine_.Prefetch(command);
  now_ += kPace;
  return machine_.Apply(command, lookups, now(), writer_);
}

Result Books::Resolve(TransactionId id, Resolve::IfUnknown if_unknown) {
  struct Resolve resolve;
  resolve.id = id;
  resolve.if_unknown = if_unknown;
  return Apply(resolve);
}

size_t Books::ExpireHolds() {
  now_ += kPace;
  return machine_.ExpireHolds(now(), kMaxExpiriesPerRequest, writer_);
}

Amount Books::balance(AccountId account) const {
  const Account* const found = state_.FindAccount(account);
  LUMBUNG_CHECK(found != nullptr);
  return found->balance();
}

Amount Books::held(AccountId account) const {
  const Account* const found = state_.FindAccount(account);
  LUMBUNG_CHECK(found != nullptr);
  return found->held;
}

const std::vector<std::unique_ptr<Block>>& Books::Flush() {
  writer_.Flush();
  return closed_;
}

TransactionId IdOf(uint64_t number) {
  const uint64_t mixed = number * uint64_t{0x9e3779b97f4a7c15};
  return {.high = (mixed & ~uint64_t{0xF000}) | 0x4000,
          .low = uint64_t{1} << 63 | (number & (~uint64_t{0} >> 2))};
}

AccountId AccountOf(std::string_view text) {
  const auto account = AccountId::Parse(text);
  LUMBUNG_CHECK(account.has_value());
  return *account;
}

void OpenVillage(Books& books, uint32_t number, uint32_t members, Policy policy) {
  const CooperativeId cooperative{number};
  const auto open = [&](const Command& command) {
    LUMBUNG_CHECK(books.Apply(command).outcome == Outcome::kAccepted);
  };
  open(OpenCooperative{.cooperative = cooperative, .policy = policy, .name = "Bentangan"});
  for (uint16_t i = 1; i <= 2; ++i) {
    open(OpenBranch{.cooperative = cooperative, .branch = BranchId{i}, .name = "Sembako"});
    open(OpenTerminal{.cooperative = cooperative,
                      .branch = BranchId{i},
                      .terminal = TerminalId{i},
                      .name = "Kasir"});
  }
  for (uint32_t member = 1; member <= members; ++member) {
    for (const AccountCode code :
         {code::kWallet, code::kPokok, code::kWajib, code::kShuPayable, code::kStoreCredit}) {
      open(OpenAccount{
          .account = AccountId::From(
              {.cooperative = cooperative, .code = code, .holder = HolderNumber{member}}),
          .limits = std::nullopt});
    }
  }
}

}  // namespace lumbung
