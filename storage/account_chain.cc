#include "storage/account_chain.h"

#include <string>

namespace lumbung {

absl::StatusOr<ChainLink> LinkOf(AccountId account, Sequence sequence, const Entry& entry) {
  if (entry.debit_account == account) return ChainLink{entry.debit_balance, entry.debit_previous};
  if (entry.credit_account == account) {
    return ChainLink{entry.credit_balance, entry.credit_previous};
  }
  return absl::DataLossError("the chain of account " + account.ToString() + " leads to sequence " +
                             std::to_string(sequence.value()) + ", which does not name it");
}

bool IsLink(AccountId account, const Entry& entry) {
  if (entry.outcome != Outcome::kAccepted) return false;
  if (entry.debit_account == account) return true;
  const Step step = entry.kind.step();
  const bool reserves = step == Step::kHold || step == Step::kVoid || step == Step::kExpire;
  return entry.credit_account == account && !reserves;
}

}  // namespace lumbung
