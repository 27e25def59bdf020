// A village of two members for sentences about money: cooperative 7 with branches, tills and
// members, and short ways to say what happens. REQUIRES: nothing; each test makes its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/outcome.h"
#include "tests/engine/rules/books.h"

namespace lumbung {

inline Leg LegOf(std::string_view debit, std::string_view credit, int64_t amount) {
  return {.debit = AccountOf(debit), .credit = AccountOf(credit), .amount = Amount{amount}};
}

class Village {
 public:
  explicit Village(Policy policy = FreePolicy()) {
    OpenVillage(books, 7, 3, policy);
    OpenVillage(books, 8, 2, policy);
  }

  static Policy FreePolicy() {
    Policy policy;
    policy.mdr_basis_points = 0;
    return policy;
  }

  // Each takes the number of its id (IdOf).
  Result Post(uint64_t id, Purpose purpose, std::vector<Leg> legs) {
    struct Post post;
    post.header = HeaderOf(id);
    post.purpose = purpose;
    post.legs = legs;
    return books.Apply(post);
  }
  Result PostByRule(uint64_t id, Purpose purpose, const Leg& leg) {
    struct Post post;
    post.header = HeaderOf(id);
    post.purpose = purpose;
    post.source = LegSource::kByRule;
    post.legs = {&leg, 1};
    return books.Apply(post);
  }
  // Cash into a member's wallet.
  Result Deposit(uint64_t id, std::string_view wallet, int64_t amount) {
    return Post(id, Purpose::kGeneral, {LegOf("7.1102.1", wallet, amount)});
  }
  Result Hold(uint64_t id, std::vector<Leg> legs, uint32_t seconds) {
    struct Hold hold;
    hold.header = HeaderOf(id);
    hold.purpose = Purpose::kPayment;
    hold.legs = legs;
    hold.seconds = seconds;
    return books.Apply(hold);
  }
  Result Capture(uint64_t id, uint64_t hold, std::optional<int64_t> amount = std::nullopt) {
    struct Capture capture;
    capture.header = HeaderOf(id);
    capture.hold = IdOf(hold);
    if (amount) capture.amount = Amount{*amount};
    return books.Apply(capture);
  }
  Result Void(uint64_t id, uint64_t hold) {
    struct Void release;
    release.header = HeaderOf(id);
    release.hold = IdOf(hold);
    return books.Apply(release);
  }
  Result Refund(uint64_t id, uint64_t original, std::optional<int64_t> amount = std::nullopt) {
    struct Refund refund;
    refund.header = HeaderOf(id);
    refund.original = IdOf(original);
    if (amount) refund.amount = Amount{*amount};
    return books.Apply(refund);
  }
  Result Reverse(uint64_t id, uint64_t original) {
    struct Reverse reverse;
    reverse.header = HeaderOf(id);
    reverse.original = IdOf(original);
    return books.Apply(reverse);
  }
  void Limit(std::string_view account, Limits limits) {
    books.Apply(SetLimits{.account = AccountOf(account), .limits = limits});
  }
  void Set(std::string_view account, AccountStatus status) {
    books.Apply(SetStatus{.account = AccountOf(account), .status = status});
  }
  int64_t Balance(std::string_view account) const {
    return books.balance(AccountOf(account)).value();
  }
  int64_t Held(std::string_view account) const { return books.held(AccountOf(account)).value(); }

  // The evidence and text that the next commands carry.
  Evidence evidence;
  std::string text;
  Books books;

 private:
  Header HeaderOf(uint64_t id) const {
    Header header;
    header.id = IdOf(id);
    header.evidence = evidence;
    header.text = text;
    return header;
  }
};

}  // namespace lumbung
