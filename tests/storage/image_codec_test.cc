#include "storage/image_codec.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/limits.h"

namespace lumbung {
namespace {

HoldRecord GoodHold() {
  HoldRecord hold;
  hold.sequence = Sequence{5};
  hold.amount = Amount{30};
  hold.purpose = Purpose::kPayment;
  hold.leg_count = 1;
  return hold;
}

Cooperative GoodCooperative() {
  Cooperative cooperative;
  cooperative.id = CooperativeId{7};
  cooperative.name = "Bentangan";
  return cooperative;
}

// Whether what was written of the image, spoilt, is read again.
template <typename Image>
bool IsRead(Image image, const std::function<void(Image&)>& spoil) {
  spoil(image);
  Image read;
  return DecodeImage(EncodeImage(image), read);
}

template <typename Image>
void ExpectRefused(const Image& good, const std::vector<std::function<void(Image&)>>& spoilers) {
  EXPECT_TRUE(IsRead<Image>(good, [](Image&) {}));
  for (size_t i = 0; i < spoilers.size(); ++i) {
    EXPECT_FALSE(IsRead<Image>(good, spoilers[i])) << "spoiler " << i;
  }
}

TEST(ImageCodec, RefusesAnAccountWithNumbersThatNoAccountHas) {
  ExpectRefused<Account>(
      Account{}, {[](Account& a) { a.normal_side = static_cast<Side>(2); },
                  [](Account& a) { a.status = static_cast<AccountStatus>(3); },
                  [](Account& a) { a.debits_posted = Amount{-1}; },
                  [](Account& a) { a.credits_posted = kMinAmount; },
                  [](Account& a) { a.held = Amount{-1}; }, [](Account& a) { a.reserved_16 = 1; },
                  [](Account& a) { a.reserved[0] = 1; }, [](Account& a) { a.reserved[1] = 1; }});
}

TEST(ImageCodec, RefusesAHoldWithNumbersThatNoHoldHas) {
  ExpectRefused<HoldRecord>(
      GoodHold(),
      {[](HoldRecord& h) { h.state = static_cast<HoldState>(4); },
       [](HoldRecord& h) { h.purpose = static_cast<Purpose>(200); },
       [](HoldRecord& h) { h.purpose = Purpose::kNone; },
       [](HoldRecord& h) { h.amount = Amount{0}; }, [](HoldRecord& h) { h.leg_index = 1; },
       [](HoldRecord& h) { h.leg_count = kMaxLegs + 1; }, [](HoldRecord& h) { h.reserved = 1; }});
}

TEST(ImageCodec, RefusesWhatFollowsAnOriginalAndADayThatCantBe) {
  ExpectRefused<FollowUp>(FollowUp{}, {[](FollowUp& f) { f.reversed = 2; },
                                       [](FollowUp& f) { f.refunded = Amount{-1}; },
                                       [](FollowUp& f) { f.reserved[6] = 1; }});
  ExpectRefused<DailyBalance>(
      DailyBalance{},
      {[](DailyBalance& d) { d.reserved = 1; }, [](DailyBalance& d) { d.held = Amount{-1}; },
       [](DailyBalance& d) { d.debits_posted = Amount{-1}; },
       [](DailyBalance& d) { d.credits_posted = Amount{-1}; }});
}

TEST(ImageCodec, RefusesAnOrganisationThatTheRulesLetNobodyOpen) {
  const std::string long_name(kMaxNameBytes + 1, 'x');
  ExpectRefused<Cooperative>(GoodCooperative(),
                             {[](Cooperative& c) { c.id = CooperativeId{0}; },
                              [](Cooperative& c) { c.id = CooperativeId{1u << kCooperativeBits}; },
                              [](Cooperative& c) { c.policy.vat_basis_points = 10'001; },
                              [](Cooperative& c) { c.policy.transfer_fee = Amount{-1}; },
                              [&](Cooperative& c) { c.name = long_name; }});
  ExpectRefused<Branch>(
      {.cooperative = CooperativeId{7}, .id = BranchId{2}},
      {[](Branch& b) { b.cooperative = CooperativeId{0}; }, [](Branch& b) { b.id = BranchId{0}; },
       [&](Branch& b) { b.name = long_name; }});
  ExpectRefused<Terminal>(
      {.cooperative = CooperativeId{7}, .branch = BranchId{2}, .id = TerminalId{3}},
      {[](Terminal& t) { t.cooperative = CooperativeId{0}; },
       [](Terminal& t) { t.branch = BranchId{0}; }, [](Terminal& t) { t.id = TerminalId{0}; },
       [&](Terminal& t) { t.name = long_name; }});
}

TEST(ImageCodec, RefusesASpentIdWithAnOutcomeThatIsNeverRecorded) {
  const auto is_read = [](Outcome outcome) {
    const IdValue value = EncodeIdRecord({.sequence = Sequence{7}, .outcome = outcome});
    IdRecord read;
    return DecodeIdRecord({value.data(), value.size()}, read);
  };
  EXPECT_TRUE(is_read(Outcome::kAccepted));
  EXPECT_TRUE(is_read(Outcome::kFenced));
  EXPECT_FALSE(is_read(Outcome::kNone));
  EXPECT_FALSE(is_read(Outcome::kIdConflict));
  EXPECT_FALSE(is_read(static_cast<Outcome>(299)));
}

}  // namespace
}  // namespace lumbung
