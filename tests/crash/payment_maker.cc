#include "tests/crash/payment_maker.h"

#include <algorithm>

#include "engine/chart.h"

namespace lumbung {

namespace {

// Of what has been done, this much may still be captured, refunded and so on.
constexpr size_t kMostEarlier = 2'000;

}  // namespace

AccountId WalletOf(uint32_t cooperative, uint32_t holder) {
  return AccountId::From({.cooperative = CooperativeId{kFirstCooperative.value() + cooperative},
                          .code = code::kWallet,
                          .holder = HolderNumber{holder}});
}

Payment PaymentMaker::Next(uint32_t number, Timestamp now) {
  Payment payment;
  payment.id = NewId(now);
  payment.reference = uint64_t{client_} << 32 | number;
  if (random_.Chance(1'000)) payment.text_bytes = static_cast<uint8_t>(1 + random_.Below(64));
  const uint64_t drawn = random_.Below(100);
  if (drawn < 10 && !holds_.empty()) {
    payment.step = drawn < 7 ? Step::kCapture : Step::kVoid;
    MakeFollowUp(payment, Draw(holds_));
  } else if (drawn < 17 && !posts_.empty()) {
    payment.step = drawn < 14 ? Step::kRefund : Step::kReverse;
    MakeFollowUp(payment, Draw(posts_));
  } else if (drawn < 28) {
    MakeHold(payment);
    holds_.push_back({.number = number, .id = payment.id, .amount = payment.amount});
  } else {
    MakePost(payment);
    const Earlier made{.number = number, .id = payment.id, .amount = payment.amount};
    if (payment.leg_count == 1 && random_.Chance(2'000)) posts_.push_back(made);
  }
  return payment;
}

void PaymentMaker::DrawParties(Payment& payment) {
  const auto cooperative = static_cast<uint32_t>(random_.Below(kCooperatives));
  payment.debit = RandomWallet(cooperative);
  do {
    payment.credit = RandomWallet(cooperative);
  } while (payment.credit == payment.debit);
  payment.amount = RandomAmount();
  payment.purpose = Purpose::kTransfer;
}

void PaymentMaker::MakePost(Payment& payment) {
  DrawParties(payment);
  const uint64_t drawn = random_.Below(100);
  if (drawn < 12) {
    payment.purpose = Purpose::kTopUp;
    payment.source = LegSource::kByRule;
    payment.amount *= 10;
    payment.debit = AccountId::From({.cooperative = payment.credit.cooperative(),
                                     .code = code::kQrisClearing,
                                     .holder = HolderNumber{0}});
  } else if (drawn < 24) {
    payment.source = LegSource::kByRule;
    if (drawn < 18) payment.credit = WalletElsewhere(payment.debit);
  } else if (drawn < 34) {
    payment.purpose = Purpose::kGeneral;
    payment.leg_count = static_cast<uint8_t>(2 + random_.Below(4));
  } else if (random_.Chance(50)) {
    payment.debit = AccountId{payment.debit.value() + kWallets};  // not open
  }
}

void PaymentMaker::MakeHold(Payment& payment) {
  DrawParties(payment);
  payment.step = Step::kHold;
  // A few expire while the server serves, or while it is down.
  payment.hold_seconds = random_.Chance(100) ? 1 + static_cast<uint32_t>(random_.Below(3)) : 86'400;
}

void PaymentMaker::MakeFollowUp(Payment& payment, const Earlier& earlier) {
  payment.related = earlier.number;
  payment.related_id = earlier.id;
  if (payment.step == Step::kVoid || payment.step == Step::kReverse) return;
  if (random_.Chance(5'000)) payment.amount = 1 + earlier.amount / 2;
}

PaymentMaker::Earlier PaymentMaker::Draw(std::vector<Earlier>& earlier) {
  if (earlier.size() > kMostEarlier) {
    earlier.erase(earlier.begin(), earlier.begin() + kMostEarlier / 2);
  }
  const size_t place = random_.Below(earlier.size());
  const Earlier drawn = earlier[place];
  // Now and then once more: too late.
  if (random_.Chance(9'000)) {
    earlier[place] = earlier.back();
    earlier.pop_back();
  }
  return drawn;
}

// Mostly of now; some as a terminal's that was offline for hours, so that they are looked up in the
// cold index too; some without a time.
TransactionId PaymentMaker::NewId(Timestamp now) {
  const uint64_t drawn = random_.Below(100);
  if (drawn < 25) return ids_.Version4();
  // A client's clock may be ahead by almost as much as is allowed.
  if (drawn < 30) {
    const auto ahead_s = static_cast<int64_t>(random_.Below(290));
    return ids_.Version7(Timestamp{now.value() + ahead_s * 1'000'000'000});
  }
  if (drawn >= 35) return ids_.Version7(now);
  constexpr uint64_t kSecondsOfThreeDays = 72 * 3'600;
  const auto age = static_cast<int64_t>(random_.Below(kSecondsOfThreeDays)) * 1'000'000'000;
  return ids_.Version7(Timestamp{now.value() - age});
}

// Of another cooperative.
AccountId PaymentMaker::WalletElsewhere(AccountId wallet) {
  const uint32_t cooperative = wallet.cooperative().value() - kFirstCooperative.value();
  return RandomWallet((cooperative + 1) % kCooperatives);
}

AccountId PaymentMaker::RandomWallet(uint32_t cooperative) {
  return WalletOf(cooperative, 1 + static_cast<uint32_t>(random_.Below(kWallets)));
}

}  // namespace lumbung
