// Input: mode (1 byte: even, the block is sealed anew; odd, it is taken as it stands), then
//   even: entry count (2 bytes) ‖ entries ‖ attachments, that follow the ledger below
//   odd:  a whole block of sequence 1
// Holds: a block that is verified is sealed to the same bytes. What the replay takes leaves books
// that balance, with holds that add up; what it refuses it refuses as DATA_LOSS of an entry of the
// block. Nothing else ends it.
#include "storage/block_codec.h"

#include <map>
#include <memory>

#include "engine/check.h"
#include "engine/kind.h"
#include "engine/replay.h"
#include "engine/state_data.h"
#include "tests/fuzz/sample_ledger.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

// No id has left the window.
class NothingCold final : public ColdIndex {
 public:
  void Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const override {
    for (size_t i = 0; i < ids.size(); ++i) answers[i].answer = ColdLookup::Answer::kAbsent;
  }
  uint64_t generations() const override { return 0; }
};

// The state that the sample ledger leads to. Made anew only if the last input has changed it.
class StateAtHand {
 public:
  State& Clean() {
    if (state_ == nullptr || state_->Hash() != SampleLedger().hash) {
      state_ = std::make_unique<State>();
      state_->Load(SampleLedger().images);
      state_->FinishLoad(SampleLedger().last, SampleLedger().last_timestamp);
      LUMBUNG_CHECK(state_->Hash() == SampleLedger().hash);
    }
    return *state_;
  }

 private:
  std::unique_ptr<State> state_;
};

void CheckBooks(const State& state) {
  const State::Data& data = state.data();
  __int128 debits = 0;
  __int128 credits = 0;
  std::map<uint64_t, __int128> held;
  size_t open = 0;
  for (size_t i = 0; i < data.holds.size(); ++i) {
    const HoldRecord& hold = data.holds.at(i);
    if (hold.state != HoldState::kOpen) continue;
    held[hold.debit.value()] += hold.amount.value();
    if (hold.leg_index == 0) ++open;
  }
  for (size_t i = 0; i < data.accounts.size(); ++i) {
    const Account& account = data.accounts.at(i);
    debits += account.debits_posted.value();
    credits += account.credits_posted.value();
    LUMBUNG_CHECK(account.debits_posted.value() >= 0 && account.credits_posted.value() >= 0);
    LUMBUNG_CHECK(account.held.value() == held[account.id.value()]);
  }
  LUMBUNG_CHECK(debits == credits);
  LUMBUNG_CHECK(open == state.open_hold_count());
  for (size_t i = 0; i < data.follow_ups.size(); ++i) {
    LUMBUNG_CHECK(data.follow_ups.at(i).refunded.value() >= 0);
  }
}

void CheckRefusal(const absl::Status& status, Sequence first, Sequence last) {
  LUMBUNG_CHECK(absl::IsDataLoss(status));
  constexpr std::string_view kBegin = "entry ";
  const std::string message(status.message());
  LUMBUNG_CHECK(message.starts_with(kBegin));
  const uint64_t named = std::stoull(message.substr(kBegin.size()));
  LUMBUNG_CHECK(named >= first.value() && named <= last.value() + 1);
}

// Whether the entries follow the sample ledger.
bool ReplayAfterSample(const BlockView& view) {
  static StateAtHand at_hand;
  static const NothingCold cold;
  State& state = at_hand.Clean();
  const Sequence before = SampleLedger().last;
  IdWindow ids({.slots_per_generation = 1024}, cold);
  Replay replay(state, ids, before, before);
  const absl::Status status = replay.Apply(view.first, view.entries, view.attachments);
  if (!status.ok()) {
    CheckRefusal(status, view.first, view.last());
    return false;
  }
  LUMBUNG_CHECK(state.last_sequence() == view.last());
  CheckBooks(state);
  return true;
}

// Puts the parts into a block, as far as they fit.
void Fill(Block& block, std::string_view entries, std::string_view attachments) {
  const size_t count = entries.size() / sizeof(Entry);
  const std::span<Entry> room = block.Append(count, attachments.size());
  if (count > 0) std::memcpy(static_cast<void*>(room.data()), entries.data(), entries.size());
  if (!attachments.empty()) {
    std::memcpy(block.LastAttachment().data(), attachments.data(), attachments.size());
  }
  block.Close();
}

bool TrySealed(Input input) {
  const size_t count = std::min<size_t>(input.Take<uint16_t>(), kMaxBlockEntries);
  const std::string_view entries =
      input.TakeBytes(std::min(count, input.rest().size() / sizeof(Entry)) * sizeof(Entry));
  if (entries.empty()) return false;
  static Block block;
  block.Reset(Sequence{SampleLedger().last.value() + 1});
  Fill(block, entries, input.TakeBytes(kMaxBlockAttachmentBytes));
  SealBlock(block, kGenesisHash);
  const auto view = VerifyBlock(block.Bytes(), block.first());
  if (!view.ok()) {
    LUMBUNG_CHECK(absl::IsDataLoss(view.status()));
    return false;
  }
  return ReplayAfterSample(*view);
}

bool TryAsItStands(std::string_view text) {
  std::vector<uint64_t> aligned(text.size() / sizeof(uint64_t) + 1);
  std::memcpy(aligned.data(), text.data(), text.size());
  const auto bytes = std::as_bytes(std::span(aligned)).first(text.size());
  const auto view = VerifyBlock(bytes, Sequence{1});
  if (!view.ok()) {
    LUMBUNG_CHECK(absl::IsDataLoss(view.status()));
    return false;
  }
  Block block;
  block.Reset(Sequence{1});
  Fill(block, text.substr(Block::kHeaderBytes, view->entries.size_bytes()),
       text.substr(Block::kHeaderBytes + view->entries.size_bytes()));
  LUMBUNG_CHECK(SealBlock(block, view->previous_hash) == view->hash);
  LUMBUNG_CHECK(std::ranges::equal(block.Bytes(), bytes));
  return true;
}

std::string TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Seed WholeBlock() {
  Block block;
  block.Reset(Sequence{1});
  Fill(block, TextOf(std::as_bytes(std::span(SampleLedger().next.front().entries))),
       TextOf(SampleLedger().next.front().attachments));
  SealBlock(block, kGenesisHash);
  return {"whole-block", std::string(1, '\1') + TextOf(block.Bytes())};
}

}  // namespace

bool Try(Input input) {
  const bool sealed_anew = input.Take<uint8_t>() % 2 == 0;
  return sealed_anew ? TrySealed(input) : TryAsItStands(input.rest());
}

std::vector<Seed> Seeds() {
  std::vector<Seed> seeds = {WholeBlock()};
  for (const SampleTransaction& next : SampleLedger().next) {
    const auto count = static_cast<uint16_t>(next.entries.size());
    seeds.push_back({next.name, std::string(1, '\0') + TextOf(std::as_bytes(std::span(&count, 1))) +
                                    TextOf(std::as_bytes(std::span(next.entries))) +
                                    TextOf(next.attachments)});
  }
  return seeds;
}

}  // namespace lumbung::fuzz
