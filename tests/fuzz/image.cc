// Input: kind (1 byte) ‖ a stored value of the derived data.
// Holds: what is decoded is encoded to the same bytes, has only numbers that its type knows, and
// can be loaded into a state, hashed, listed and copied into a checkpoint.
#include "storage/image_codec.h"

#include "engine/check.h"
#include "engine/kind.h"
#include "engine/state.h"
#include "tests/fuzz/sample_ledger.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

enum Kind : uint8_t {
  kAccount,
  kHold,
  kFollowUp,
  kDailyBalance,
  kCooperative,
  kBranch,
  kTerminal,
  kIdRecord,
  kKinds,
};

void CheckContent(const Account& account) {
  LUMBUNG_CHECK(account.normal_side <= Side::kCredit);
  LUMBUNG_CHECK(account.status <= AccountStatus::kClosed);
  (void)account.balance();
}
void CheckContent(const HoldRecord& hold) {
  LUMBUNG_CHECK(hold.state <= HoldState::kExpired && hold.leg_index < hold.leg_count);
  LUMBUNG_CHECK(IsKnownPurpose(static_cast<uint32_t>(hold.purpose)));
}
void CheckContent(const FollowUp& follow_up) { LUMBUNG_CHECK(follow_up.reversed <= 1); }
void CheckContent(const DailyBalance& daily) { LUMBUNG_CHECK(daily.held.value() >= 0); }
void CheckContent(const Cooperative& cooperative) {
  LUMBUNG_CHECK(cooperative.name.size() <= kMaxNameBytes);
}
void CheckContent(const Branch& branch) { LUMBUNG_CHECK(branch.name.size() <= kMaxNameBytes); }
void CheckContent(const Terminal& terminal) {
  LUMBUNG_CHECK(terminal.name.size() <= kMaxNameBytes);
}

// An object that is alone in its state.
void LoadAlone(const CheckpointPart& part) {
  State state;
  state.Load(part);
  state.FinishLoad(Sequence{1}, Timestamp{1});
  LUMBUNG_CHECK(state.Hash() == state.Hash());
  for (const Account& account : part.accounts) {
    LUMBUNG_CHECK(state.FindAccount(account.id) != nullptr);
    LUMBUNG_CHECK(state.ListAccounts(account.id.cooperative(), AccountId{0}, 2).size() <= 1);
  }
  for (const HoldRecord& hold : part.holds) {
    LUMBUNG_CHECK(state.FindHold(hold.sequence) != nullptr);
  }
  state.BeginCheckpoint();
  CheckpointPart nothing;
  state.CollectCheckpoint(10, nothing);
  LUMBUNG_CHECK(nothing.complete && nothing.accounts.empty());
}

template <typename Image>
bool TryOne(std::string_view value, std::vector<Image> CheckpointPart::*member) {
  Image image;
  if (!DecodeImage(value, image)) return false;
  LUMBUNG_CHECK(EncodeImage(image) == value);
  CheckContent(image);
  CheckpointPart part;
  (part.*member).push_back(image);
  LoadAlone(part);
  return true;
}

bool TryIdRecord(std::string_view value) {
  IdRecord record;
  if (!DecodeIdRecord(value, record)) return false;
  const IdValue encoded = EncodeIdRecord(record);
  LUMBUNG_CHECK(std::string_view(encoded.data(), encoded.size()) == value);
  LUMBUNG_CHECK(Name(record.outcome) != "?" && !IsRefused(record.outcome));
  return true;
}

template <typename Image>
Seed SeedOf(const char* name, Kind kind, const Image& image) {
  return {name, std::string(1, static_cast<char>(kind)) + EncodeImage(image)};
}

}  // namespace

bool Try(Input input) {
  switch (input.Take<uint8_t>() % kKinds) {
    case kAccount:
      return TryOne(input.rest(), &CheckpointPart::accounts);
    case kHold:
      return TryOne(input.rest(), &CheckpointPart::holds);
    case kFollowUp:
      return TryOne(input.rest(), &CheckpointPart::follow_ups);
    case kDailyBalance:
      return TryOne(input.rest(), &CheckpointPart::daily_balances);
    case kCooperative:
      return TryOne(input.rest(), &CheckpointPart::cooperatives);
    case kBranch:
      return TryOne(input.rest(), &CheckpointPart::branches);
    case kTerminal:
      return TryOne(input.rest(), &CheckpointPart::terminals);
    default:
      return TryIdRecord(input.rest());
  }
}

std::vector<Seed> Seeds() {
  const CheckpointPart& images = SampleLedger().images;
  const IdValue id = EncodeIdRecord(
      {.sequence = Sequence{7}, .outcome = Outcome::kInsufficientFunds, .fingerprint = 42});
  return {
      SeedOf("account", kAccount, images.accounts.back()),
      SeedOf("hold", kHold, images.holds.front()),
      SeedOf("follow-up", kFollowUp, images.follow_ups.front()),
      SeedOf("daily-balance", kDailyBalance,
             DailyBalance{.account = images.accounts.front().id, .date = BusinessDate{20'000}}),
      SeedOf("cooperative", kCooperative, images.cooperatives.front()),
      SeedOf("branch", kBranch, images.branches.front()),
      SeedOf("terminal", kTerminal, images.terminals.front()),
      {"id", std::string(1, static_cast<char>(kIdRecord)) + std::string(id.data(), id.size())},
  };
}

}  // namespace lumbung::fuzz
