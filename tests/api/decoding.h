// What the tests of decoding share: good messages, and the verdict on spoiled ones.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <functional>

#include "api/server/decode.h"
#include "engine/chart.h"

namespace lumbung {

inline constexpr Timestamp kNow{1'795'000'000'000'000'000};
inline constexpr uint64_t kLow = 0x8123456789abcdef;

// A UUIDv7 made `ahead_ms` after kNow.
inline v1::Uuid IdAhead(int64_t ahead_ms) {
  v1::Uuid id;
  id.set_high(static_cast<uint64_t>(kNow.value() / 1'000'000 + ahead_ms) << 16 | 0x7001);
  id.set_low(kLow);
  return id;
}

inline uint64_t AccountOf(uint32_t cooperative, AccountCode code, uint32_t holder) {
  return AccountId::From({.cooperative = CooperativeId{cooperative},
                          .code = code,
                          .holder = HolderNumber{holder}})
      .value();
}

template <typename Message>
Verdict DecodeInto(const Message& message, Request& request) {
  request.legs.reserve(LegsOf(message));
  const DecodeContext context{.principal = {.role = Role::kOperator, .scope = {}}, .now = kNow};
  const Verdict verdict = Decode(message, context, request);
  EXPECT_EQ(request.commands.size(), 1u);
  EXPECT_EQ(request.results.size(), 1u);
  EXPECT_EQ(request.results.front().outcome,
            verdict.outcome == Outcome::kAccepted ? Outcome::kNone : verdict.outcome);
  return verdict;
}

template <typename Message>
Verdict VerdictOf(const Message& message) {
  Request request;
  return DecodeInto(message, request);
}

inline v1::Transaction Payment() {
  v1::Transaction transaction;
  *transaction.mutable_id() = IdAhead(0);
  transaction.set_kind(v1::KIND_PAYMENT);
  transaction.set_debit_account(AccountOf(7, code::kWallet, 55));
  transaction.set_credit_account(AccountOf(7, code::kSales, 2));
  transaction.set_amount(125'000);
  return transaction;
}

// One change to a good message, and the outcome and field that it must lead to.
template <typename Message>
struct Bad {
  const char* name;
  std::function<void(Message&)> spoil;
  Outcome outcome;
  const char* field;
};

template <typename Message>
void ExpectRefused(const Message& good, const Bad<Message>& bad) {
  Message message = good;
  bad.spoil(message);
  const Verdict verdict = VerdictOf(message);
  EXPECT_EQ(Name(verdict.outcome), Name(bad.outcome)) << bad.name << ": " << verdict.message;
  EXPECT_EQ(verdict.field, bad.field) << bad.name;
  EXPECT_THAT(verdict.message, ::testing::HasSubstr("expected")) << bad.name;
}

}  // namespace lumbung
