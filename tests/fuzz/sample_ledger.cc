#include "tests/fuzz/sample_ledger.h"

#include <functional>

#include "engine/check.h"
#include "tests/engine/rules/village.h"

namespace lumbung::fuzz {

namespace {

// What all ledgers begin with. Ids below 100.
void PlayBeginning(Village& village) {
  const auto accepted = [](const Result& result) {
    LUMBUNG_CHECK(result.outcome == Outcome::kAccepted);
  };
  accepted(village.Deposit(1, "7.2101.1", 1'000'000));
  accepted(village.Deposit(2, "7.2101.2", 500'000));
  accepted(village.Post(3, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 25'000)}));
  accepted(village.Hold(4, {LegOf("7.2101.1", "7.4101.1", 70'000)}, 900));
  accepted(village.Hold(5, {LegOf("7.2101.2", "7.4101.1", 300), LegOf("7.2101.2", "7.4101.2", 200)},
                        60));
  accepted(village.Refund(6, 3, 5'000));
}

using Play = std::function<void(Village&)>;
struct Following {
  std::string name;
  Play play;
};

std::vector<Following> FollowingPayments() {
  return {
      {"payment",
       [](Village& v) {
         v.text = "bon 17";
         v.evidence = {.device_time = 1, .branch = BranchId{1}, .terminal = TerminalId{1}};
         v.Post(100, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 9'500)});
       }},
      {"declined",
       [](Village& v) {
         v.Post(101, Purpose::kPayment,
                {LegOf("7.2101.3", "7.4101.1", 1), LegOf("7.2101.1", "7.4101.1", 2)});
       }},
      {"transfer",
       [](Village& v) {
         v.PostByRule(102, Purpose::kTransfer, LegOf("7.2101.1", "8.2101.2", 75'000));
       }},
      {"hold", [](Village& v) { v.Hold(103, {LegOf("7.2101.1", "7.4101.2", 40)}, 60); }},
      {"capture", [](Village& v) { v.Capture(104, 4, 60'000); }},
      {"capture-whole", [](Village& v) { v.Capture(105, 5); }},
      {"void", [](Village& v) { v.Void(106, 5); }},
      {"expiry",
       [](Village& v) {
         v.books.Advance(kDay);
         v.books.ExpireHolds();
       }},
      {"refund", [](Village& v) { v.Refund(107, 3); }},
      {"reversal", [](Village& v) { v.Reverse(108, 1); }},
      {"reversal-of-refund", [](Village& v) { v.Reverse(109, 6); }},
      {"fence", [](Village& v) { v.books.Resolve(IdOf(110), Resolve::IfUnknown::kFence); }},
  };
}

std::vector<Following> FollowingFacts() {
  const auto apply = [](const Command& command) {
    return [command](Village& v) { v.books.Apply(command); };
  };
  return {
      {"cooperative", apply(OpenCooperative{.cooperative = CooperativeId{9}, .name = "Trasan"})},
      {"branch", apply(OpenBranch{CooperativeId{7}, BranchId{3}, "Obat"})},
      {"terminal", apply(OpenTerminal{CooperativeId{7}, BranchId{1}, TerminalId{9}, "Kasir 9"})},
      {"account", apply(OpenAccount{.account = AccountOf("7.2101.77")})},
      {"limits",
       apply(SetLimits{AccountOf("7.2101.1"), Limits{.floor = Amount{0}, .per_day = Amount{5}}})},
      {"status", apply(SetStatus{AccountOf("7.2101.1"), AccountStatus::kFrozen})},
      {"policy", apply(SetPolicy{CooperativeId{7}, Policy{.vat_basis_points = 1100}})},
      {"several",
       [](Village& v) {
         for (const Following& next : FollowingPayments()) {
           if (next.name != "reversal" && next.name != "expiry") next.play(v);
         }
       }},
  };
}

SampleTransaction Played(const Following& following) {
  Village village;
  PlayBeginning(village);
  const Sequence last = village.books.state().last_sequence();
  following.play(village);
  SampleTransaction next{.name = following.name};
  for (const auto& block : village.books.Flush()) {
    std::span<const std::byte> attachments = block->attachments();
    for (size_t i = 0; i < block->count(); ++i) {
      const Entry& entry = block->entries()[i];
      const auto attachment = attachments.first(entry.attachment_length);
      attachments = attachments.subspan(entry.attachment_length);
      if (block->first().value() + i <= last.value()) continue;
      next.entries.push_back(entry);
      next.attachments.insert(next.attachments.end(), attachment.begin(), attachment.end());
    }
  }
  return next;
}

Sample Make() {
  Village village;
  PlayBeginning(village);
  State& state = village.books.state();
  Sample sample{.hash = state.Hash(),
                .last = state.last_sequence(),
                .last_timestamp = state.last_timestamp()};
  state.BeginCheckpoint();
  state.CollectCheckpoint(10'000, sample.images);
  LUMBUNG_CHECK(sample.images.complete);
  for (const auto& followings : {FollowingPayments(), FollowingFacts()}) {
    for (const Following& following : followings) sample.next.push_back(Played(following));
  }
  return sample;
}

}  // namespace

const Sample& SampleLedger() {
  static const Sample sample = Make();
  return sample;
}

}  // namespace lumbung::fuzz
