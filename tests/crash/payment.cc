#include "tests/crash/payment.h"

#include <optional>

#include "bench/workload/build_transaction.h"
#include "engine/check.h"

namespace lumbung {

namespace {

bool HasLegs(Step step) { return step == Step::kPost || step == Step::kHold; }

std::optional<Amount> PartOf(const Payment& payment) {
  if (payment.amount == 0) return std::nullopt;
  return Amount{payment.amount};
}

Command CommandOf(const Payment& payment, const Header& header, std::span<const Leg> legs) {
  switch (payment.step) {
    case Step::kPost:
      return Post{
          .header = header, .purpose = payment.purpose, .source = payment.source, .legs = legs};
    case Step::kHold:
      return Hold{.header = header,
                  .purpose = payment.purpose,
                  .legs = legs,
                  .seconds = payment.hold_seconds};
    case Step::kCapture:
      return Capture{.header = header, .hold = payment.related_id, .amount = PartOf(payment)};
    case Step::kVoid:
      return Void{.header = header, .hold = payment.related_id};
    case Step::kRefund:
      return Refund{.header = header, .original = payment.related_id, .amount = PartOf(payment)};
    case Step::kReverse:
      return Reverse{.header = header, .original = payment.related_id};
    case Step::kNone:
    case Step::kExpire:
    case Step::kFence:
    case Step::kFact:
      break;
  }
  LUMBUNG_CHECK(false);
  return {};
}

}  // namespace

std::vector<Leg> LegsOf(const Payment& payment) {
  std::vector<Leg> legs;
  if (!HasLegs(payment.step)) return legs;
  AccountId from = payment.debit;
  AccountId to = payment.credit;
  int64_t amount = payment.amount;
  for (uint8_t leg = 0; leg < payment.leg_count; ++leg) {
    legs.push_back({.debit = from, .credit = to, .amount = Amount{amount}});
    std::swap(from, to);
    amount = 1 + amount / 2;
  }
  return legs;
}

std::string TextOf(const Payment& payment) {
  std::string text;
  for (uint8_t i = 0; i < payment.text_bytes; ++i) {
    text.push_back(static_cast<char>('a' + (payment.reference + i) % 26));
  }
  return text;
}

void Fill(const Payment& payment, v1::Transaction& transaction) {
  SetId(*transaction.mutable_id(), payment.id);
  transaction.set_step(static_cast<v1::Step>(payment.step));
  transaction.set_kind(static_cast<v1::Kind>(payment.purpose));
  transaction.set_amount(payment.amount);
  transaction.set_by_rule(payment.source == LegSource::kByRule);
  transaction.set_hold_seconds(payment.hold_seconds);
  transaction.set_reference(payment.reference);
  transaction.set_text(TextOf(payment));
  if (!HasLegs(payment.step)) {
    SetId(*transaction.mutable_related_id(), payment.related_id);
    return;
  }
  transaction.set_debit_account(payment.debit.value());
  transaction.set_credit_account(payment.credit.value());
  const std::vector<Leg> legs = LegsOf(payment);
  for (size_t i = 1; i < legs.size(); ++i) {
    AddLeg(transaction,
           {.payer = legs[i].debit, .payee = legs[i].credit, .amount = legs[i].amount});
  }
}

Payment Altered(const Payment& payment) {
  Payment altered = payment;
  if (payment.step == Step::kVoid || payment.step == Step::kReverse) {
    ++altered.reference;
  } else {
    ++altered.amount;
  }
  return altered;
}

KeptCommand::KeptCommand(const Payment& payment) : legs(LegsOf(payment)), text(TextOf(payment)) {
  const Header header{.id = payment.id, .reference = payment.reference, .text = text};
  command = CommandOf(payment, header, legs);
}

}  // namespace lumbung
