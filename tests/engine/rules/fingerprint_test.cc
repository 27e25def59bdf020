// What the fingerprint of a content is over, and its values. A content with the fingerprint of
// another is taken for its repeat: told as accepted, and never paid.
#include "engine/fingerprint.h"

#include <gtest/gtest.h>

#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/engine/core/seed.h"
#include "tests/engine/rules/village.h"
#include "tests/model/random_traffic.h"

namespace lumbung {
namespace {

TEST(Fingerprint, OfACommandIsThatOfTheEntriesItMade) {
  RandomTraffic traffic(TestSeed());
  Books books;
  struct Expected {
    uint64_t fingerprint;
    Sequence sequence;
  };
  std::vector<Expected> expected;
  for (int i = 0; i < 20'000; ++i) {
    books.Advance(traffic.Pause());
    books.ExpireHolds();
    const Command& command = traffic.Next(books.now());
    const Result result = books.Apply(command);
    std::visit(
        [&](const auto& operation) {
          if constexpr (requires { operation.header; }) {
            if (result.leg_count == 0) return;
            expected.push_back({Fingerprint(operation), result.sequence});
          }
        },
        command);
  }
  size_t next = 0;
  for (const auto& block : books.Flush()) {
    size_t offset = 0;
    for (size_t i = 0; i < block->count(); ++i) {
      const Entry& entry = block->entries()[i];
      const auto attachment = block->attachments().subspan(offset, entry.attachment_length);
      offset += entry.attachment_length;
      if (next == expected.size() ||
          block->first().value() + i != expected[next].sequence.value()) {
        continue;
      }
      EXPECT_EQ(Fingerprint(block->entries().subspan(i, entry.leg_count), attachment),
                expected[next].fingerprint)
          << "entry " << expected[next].sequence.value() << ", " << Name(entry.kind.step()) << " "
          << Name(entry.outcome);
      ++next;
    }
  }
  EXPECT_EQ(next, expected.size());
}

// Expects that no two of the contents that it is told have the same fingerprint.
class Contents {
 public:
  template <typename Operation>
  void Add(const Operation& operation, const std::string& what) {
    const auto [met, fresh] = met_.emplace(Fingerprint(operation), what);
    EXPECT_TRUE(fresh) << what << " has the same fingerprint as " << met->second;
  }

 private:
  std::map<uint64_t, std::string> met_;
};

// The bindings in here and below name all fields of a struct: with one more they do not compile.

// Adds an operation with each of its header's fields altered.
template <typename Operation>
void AddAlteredHeaders(const Operation& operation, const std::string& what, Contents& contents) {
  Operation other = operation;
  auto& [id, reference, evidence, text] = other.header;
  auto& [device_time, branch, terminal, terminal_sequence, operator_id] = evidence;
  // A repeat is found by its id, and a resend may renew the device's clock and counter.
  id = IdOf(77);
  device_time = 5;
  terminal_sequence = 6;
  EXPECT_EQ(Fingerprint(other), Fingerprint(operation)) << what;
  const auto add = [&](const std::string& field) {
    contents.Add(other, what + ", " + field);
    other = operation;
  };
  reference = 1;
  add("reference");
  branch = BranchId{1};
  add("branch");
  terminal = TerminalId{1};
  add("terminal");
  operator_id = OperatorId{1};
  add("operator");
  for (const char* const words : {"x", "y", "xx", "12345678", "123456789", "123456780"}) {
    text = words;
    add(std::string("text ") + words);
  }
}

// Adds an operation with each field of its legs altered. REQUIRES: no two of their accounts or
// amounts are alike.
template <typename Operation>
void AddAlteredLegs(const Operation& operation, const std::string& what, Contents& contents) {
  const std::vector<Leg> as_they_are(operation.legs.begin(), operation.legs.end());
  std::vector<Leg> legs = as_they_are;
  const auto add = [&](const std::string& field) {
    Operation other = operation;
    other.legs = legs;
    contents.Add(other, what + ", " + field);
    legs = as_they_are;
  };
  for (size_t i = 0; i < legs.size(); ++i) {
    const std::string of_leg = " of leg " + std::to_string(i);
    auto& [debit, credit, amount] = legs[i];
    debit = AccountOf("7.2101.9");
    add("payer" + of_leg);
    credit = AccountOf("7.4101.9");
    add("payee" + of_leg);
    amount = Amount{999};
    add("amount" + of_leg);
    std::swap(debit, credit);
    add("sides" + of_leg);
  }
  std::swap(legs[0], legs[1]);
  add("order");
  std::swap(legs[0].debit, legs[1].debit);
  add("payers changed over");
  std::swap(legs[0].credit, legs[1].credit);
  add("payees changed over");
  std::swap(legs[0].amount, legs[1].amount);
  add("amounts changed over");
  legs.pop_back();
  add("one leg less");
  legs.push_back(as_they_are[0]);
  add("one leg more");
}

const std::vector<Leg>& TwoLegs() {
  static const std::vector<Leg> legs = {LegOf("7.2101.1", "7.4101.1", 100),
                                        LegOf("7.2101.2", "7.4101.2", 200)};
  return legs;
}

Post PostOf(std::span<const Leg> legs, LegSource source = LegSource::kExplicit) {
  Post post;
  post.purpose = Purpose::kPayment;
  post.source = source;
  post.legs = legs;
  return post;
}

Hold HoldOf(std::span<const Leg> legs) {
  Hold hold;
  hold.purpose = Purpose::kPayment;
  hold.legs = legs;
  hold.seconds = 60;
  return hold;
}

void AddPosts(Contents& contents) {
  Post post = PostOf(TwoLegs());
  auto& [header, purpose, source, legs] = post;
  contents.Add(post, "post");
  AddAlteredHeaders(post, "post", contents);
  AddAlteredLegs(post, "post", contents);
  purpose = Purpose::kGeneral;
  contents.Add(post, "post, purpose");
  post = PostOf(TwoLegs(), LegSource::kByRule);
  contents.Add(post, "post, source");
  AddAlteredLegs(post, "post by rule", contents);
}

void AddHolds(Contents& contents) {
  Hold hold = HoldOf(TwoLegs());
  auto& [header, purpose, legs, seconds] = hold;
  contents.Add(hold, "hold");
  AddAlteredHeaders(hold, "hold", contents);
  AddAlteredLegs(hold, "hold", contents);
  purpose = Purpose::kBillPayment;
  contents.Add(hold, "hold, purpose");
  hold = HoldOf(TwoLegs());
  seconds = 61;
  contents.Add(hold, "hold, seconds");
}

template <typename Operation>
Operation Following() {
  Operation operation;
  auto& [header, related] = operation;
  related = IdOf(5);
  return operation;
}
template <typename Operation>
requires requires(Operation operation) { operation.amount; }
Operation Following() {
  Operation operation;
  auto& [header, related, amount] = operation;
  related = IdOf(5);
  return operation;
}

// Adds a step that names an earlier transaction, and perhaps an amount.
template <typename Operation>
void AddFollowing(TransactionId Operation::*related, const std::string& what, Contents& contents) {
  Operation operation = Following<Operation>();
  contents.Add(operation, what);
  AddAlteredHeaders(operation, what, contents);
  (operation.*related).high ^= 1;
  contents.Add(operation, what + ", first half of the id");
  operation = Following<Operation>();
  (operation.*related).low ^= 1;
  contents.Add(operation, what + ", second half of the id");
  if constexpr (requires { operation.amount; }) {
    for (const int64_t amount : {1, 100}) {
      operation = Following<Operation>();
      operation.amount = Amount{amount};
      contents.Add(operation, what + ", amount " + std::to_string(amount));
    }
  }
}

TEST(Fingerprint, DiffersWithEveryFieldThatDecides) {
  Contents contents;
  AddPosts(contents);
  AddHolds(contents);
  AddFollowing(&Capture::hold, "capture", contents);
  AddFollowing(&Void::hold, "void", contents);
  AddFollowing(&Refund::original, "refund", contents);
  AddFollowing(&Reverse::original, "reverse", contents);
}

// The index of ids keeps fingerprints from one version to the next. Whoever changes the function
// must have it rebuilt (kImageVersion in storage/image_codec.h), or each repeat of an older id is a
// conflict. The values were computed apart from the engine, in Python.
TEST(Fingerprint, IsTheSameInEachVersion) {
  Post post = PostOf(TwoLegs());
  post.header.reference = 77;
  post.header.text = "bon 17/2026";
  post.header.evidence.branch = BranchId{1};
  post.header.evidence.terminal = TerminalId{2};
  post.header.evidence.operator_id = OperatorId{3};
  EXPECT_EQ(Fingerprint(post), 0xffdcc9038cbd9b70u);
  const auto first = std::span(TwoLegs()).first(1);
  EXPECT_EQ(Fingerprint(PostOf(first, LegSource::kByRule)), 0x66ab8d2494a85763u);
  EXPECT_EQ(Fingerprint(HoldOf(TwoLegs())), 0x3e8ddd226a1e57aeu);
  Capture capture;
  capture.hold = IdOf(5);
  EXPECT_EQ(Fingerprint(capture), 0x1accf3459c883b7cu);
  capture.amount = Amount{100};
  EXPECT_EQ(Fingerprint(capture), 0xb9ef1bbfd1198697u);
}

}  // namespace
}  // namespace lumbung
