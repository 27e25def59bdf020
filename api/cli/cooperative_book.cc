#include "api/cli/cooperative_book.h"

#include <fmt/format.h>
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "api/cli/moment.h"
#include "engine/chart.h"

namespace lumbung::cli {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;

class Book {
 public:
  Book(const BookRequest& request, BookForm& form,
       const std::function<absl::Status(std::string_view)>& write)
      : request_(request), form_(form), write_(write), now_(Now()) {}

  // False at the end of the period, or if something failed.
  bool Take(const StoredBlock& block);
  absl::Status Finish();

 private:
  struct Standing {
    AssetCode asset = kIdr;
    Amount balance;
    bool used = false;
  };

  bool TakeTransaction(Sequence first, std::span<const Entry> entries,
                       std::span<const std::byte> attachment);
  void Open(const Entry& entry, const Attachment& attachment);
  void Begin();
  bool IsOurs(AccountId account) const { return account.cooperative() == request_.cooperative; }
  AssetCode AssetOf(AccountId account) const;
  void Post(AccountId account, Amount in_normal_direction);
  std::vector<StandingAccount> Accounts(bool all) const;

  const BookRequest& request_;
  BookForm& form_;
  const std::function<absl::Status(std::string_view)>& write_;
  const Timestamp now_;

  std::optional<BookScope> scope_;  // once the cooperative is open
  Timestamp until_{std::numeric_limits<int64_t>::max()};
  absl::flat_hash_map<AccountId, Standing> accounts_;
  bool begun_ = false;
  std::string piece_;
  absl::Status failed_;  // of an attachment or of writing
};

bool Book::Take(const StoredBlock& block) {
  size_t offset = 0;
  for (size_t i = 0; i < block.entries.size(); i += block.entries[i].leg_count) {
    const Entry& entry = block.entries[i];
    const auto attachment = block.attachments.subspan(offset, entry.attachment_length);
    offset += entry.attachment_length;
    const Sequence first{block.first.value() + i};
    if (!TakeTransaction(first, block.entries.subspan(i, entry.leg_count), attachment)) {
      return false;
    }
  }
  if (piece_.size() >= kPieceBytes) {
    failed_ = write_(piece_);
    piece_.clear();
  }
  return failed_.ok();
}

bool Book::TakeTransaction(Sequence first, std::span<const Entry> entries,
                           std::span<const std::byte> attachment) {
  const auto ours = [this](const Entry& entry) {
    return IsOurs(entry.debit_account) || IsOurs(entry.credit_account);
  };
  if (std::none_of(entries.begin(), entries.end(), ours)) return true;
  const std::optional<Attachment> read = Attachment::Decode(attachment);
  if (!read) {
    failed_ = absl::DataLossError(
        fmt::format("the attachment of sequence {} can't be read", first.value()));
    return false;
  }
  const Attachment& decoded = *read;
  const Entry& leader = entries[0];
  if (leader.kind.step() == Step::kFact) Open(leader, decoded);
  if (!failed_.ok()) return false;
  if (scope_ && leader.timestamp >= until_) return false;
  const bool within = scope_ && (!scope_->from || leader.timestamp >= *scope_->from);
  if (within && !begun_) Begin();
  BookTransaction transaction{.first = first, .attachment = decoded, .legs = {}};
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    if (!ours(entry)) continue;
    transaction.legs.push_back({.sequence = Sequence{first.value() + i},
                                .entry = entry,
                                .attachment = i == 0 ? attachment : attachment.first(0),
                                .asset = AssetOf(entry.debit_account)});
    if (!MovesMoney(entry)) continue;
    Post(entry.debit_account, entry.debit_balance);
    Post(entry.credit_account, entry.credit_balance);
  }
  if (within) form_.Add(transaction, piece_);
  return true;
}

// What the facts say about the cooperative and its accounts.
void Book::Open(const Entry& entry, const Attachment& attachment) {
  if (entry.kind.fact() == Fact::kAccountOpened && attachment.asset) {
    accounts_[entry.debit_account].asset = *attachment.asset;
  }
  if (entry.kind.fact() != Fact::kCooperativeOpened || scope_) return;
  scope_ = {.cooperative = request_.cooperative,
            .name = std::string(attachment.name),
            .zone_minutes = attachment.zone_minutes.value_or(0),
            .from = std::nullopt,
            .language = request_.language};
  if (request_.since) {
    scope_->from = ToMoment(*request_.since, DayEdge::kStart, scope_->zone_minutes, now_);
  }
  if (request_.until) {
    until_ = ToMoment(*request_.until, DayEdge::kEnd, scope_->zone_minutes, now_);
  }
  if (scope_->from && request_.until && *scope_->from > until_) {
    failed_ =
        absl::InvalidArgumentError("--since: expected a moment before --until, found a later one");
  }
}

void Book::Begin() {
  form_.Begin(*scope_, Accounts(false), piece_);
  begun_ = true;
}

AssetCode Book::AssetOf(AccountId account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? kIdr : found->second.asset;
}

void Book::Post(AccountId account, Amount in_normal_direction) {
  if (!IsOurs(account)) return;
  const ChartLine* const line = FindChartLine(account.code());
  const bool credit = line != nullptr && line->normal_side == Side::kCredit;
  Standing& standing = accounts_[account];
  standing.balance = credit ? Negative(in_normal_direction) : in_normal_direction;
  standing.used = true;
}

// In order of their ids.
std::vector<StandingAccount> Book::Accounts(bool all) const {
  std::vector<StandingAccount> accounts;
  for (const auto& [id, standing] : accounts_) {
    if (!standing.used || (!all && standing.balance == Amount{0})) continue;
    accounts.push_back({.id = id, .asset = standing.asset, .balance = standing.balance});
  }
  std::sort(accounts.begin(), accounts.end(),
            [](const StandingAccount& a, const StandingAccount& b) { return a.id < b.id; });
  return accounts;
}

absl::Status Book::Finish() {
  if (!failed_.ok()) return failed_;
  if (!scope_) {
    return absl::NotFoundError(
        fmt::format("cooperative {} is not in this ledger", request_.cooperative.value()));
  }
  if (!begun_) Begin();
  form_.End(Accounts(true), piece_);
  return write_(piece_);
}

}  // namespace

bool MovesMoney(const Entry& entry) {
  return entry.outcome == Outcome::kAccepted && lumbung::MovesMoney(entry.kind.step());
}

absl::Status WriteBook(const LedgerSource& source, const BookRequest& request, BookForm& form,
                       const std::function<absl::Status(std::string_view)>& write) {
  Book book(request, form, write);
  const absl::Status read = source.StreamBlocks(
      Sequence{1},
      [&](const std::shared_ptr<const StoredBlock>& block) { return book.Take(*block); });
  if (!read.ok()) return read;
  return book.Finish();
}

}  // namespace lumbung::cli
