// The chain of an account's entries: each names the one before it on the account's side. Pure
// functions; any thread.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/account_id.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

// An entry of an account's statement.
struct StatementLine {
  Sequence sequence;
  Entry entry;
  std::vector<std::byte> attachment;
  Amount balance;  // of the account, after the entry, in its normal direction
};

// The account's place in an entry: its balance after it, and where its chain leads.
struct ChainLink {
  Amount balance;
  Sequence previous;  // 0: this is the account's first
};

// DATA_LOSS if the entry does not name the account.
absl::StatusOr<ChainLink> LinkOf(AccountId account, Sequence sequence, const Entry& entry);

// Whether the account's chain leads through the entry. One that it only names (a decline, or the
// credit side of a hold) is no link of it.
bool IsLink(AccountId account, const Entry& entry);

}  // namespace lumbung
