#include "engine/fingerprint.h"

#include <cstring>
#include <string_view>

#include "engine/attachment.h"
#include "engine/check.h"

namespace lumbung {

namespace {

// Folds 64-bit words into one by widening multiplication (the construction of wyhash): a word costs
// about a nanosecond. Not against an attacker: whoever knows an id only deceives himself.
class Folder {
 public:
  void Add(uint64_t word) {
    const unsigned __int128 product = static_cast<unsigned __int128>(state_ ^ word ^ kFirst) *
                                      (kSecond ^ (word << 32 | word >> 32));
    state_ = (static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) + kThird;
  }
  void Add(Amount amount) { Add(static_cast<uint64_t>(amount.value())); }
  void Add(const TransactionId& id) {
    Add(id.high);
    Add(id.low);
  }
  void Add(std::string_view text) {
    Add(uint64_t{text.size()});
    for (size_t i = 0; i < text.size(); i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, text.data() + i, std::min<size_t>(8, text.size() - i));
      Add(word);
    }
  }
  uint64_t value() const { return state_; }

 private:
  // Odd, with their bits well mixed: the fractions of the square roots of 2, 3 and 5.
  static constexpr uint64_t kFirst = 0x6a09e667f3bcc909;
  static constexpr uint64_t kSecond = 0xbb67ae8584caa73b;
  static constexpr uint64_t kThird = 0x3c6ef372fe94f82b;
  uint64_t state_ = 0;
};

// What all steps have.
struct Shared {
  Step step = Step::kNone;
  uint64_t reference = 0;
  BranchId branch;
  TerminalId terminal;
  OperatorId operator_id;
  std::string_view text;
};

void Fold(const Shared& shared, Folder& folder) {
  folder.Add(static_cast<uint64_t>(shared.step) << 32 | shared.operator_id.value());
  folder.Add(uint64_t{shared.branch.value()} << 16 | shared.terminal.value());
  folder.Add(shared.reference);
  if (!shared.text.empty()) folder.Add(shared.text);
}

void Fold(Step step, const Header& header, Folder& folder) {
  Fold({.step = step,
        .reference = header.reference,
        .branch = header.evidence.branch,
        .terminal = header.evidence.terminal,
        .operator_id = header.evidence.operator_id,
        .text = header.text},
       folder);
}

void FoldShape(Purpose purpose, LegSource source, size_t legs, Folder& folder) {
  folder.Add(static_cast<uint64_t>(purpose) << 32 | static_cast<uint64_t>(source) << 16 | legs);
}

void FoldLeg(const Leg& leg, Folder& folder) {
  folder.Add(leg.debit.value());
  folder.Add(leg.credit.value());
  folder.Add(leg.amount);
}

void FoldAsked(const TransactionId& related, std::optional<Amount> amount, Folder& folder) {
  folder.Add(related);
  // Amounts are positive, so 0 is free to mean "all of it".
  folder.Add(amount.value_or(Amount{0}));
}

// Whether the leg carries a part of the amount that was asked for.
bool IsRequested(const Entry& leg) { return (leg.flags & (kFlagClearing | kFlagFee)) == 0; }

Amount RequestedAmount(std::span<const Entry> legs) {
  // Unsigned, since a declined transaction may have a sum that does not fit.
  uint64_t sum = 0;
  for (const Entry& leg : legs) {
    if (IsRequested(leg)) sum += static_cast<uint64_t>(leg.amount.value());
  }
  return Amount{static_cast<int64_t>(sum)};
}

// Payer, payee and amount of legs that were made by rule.
Leg FoldBack(std::span<const Entry> legs) {
  AccountId payee = legs[0].credit_account;
  for (const Entry& leg : legs) {
    if ((leg.flags & kFlagClearing) != 0) payee = leg.credit_account;
  }
  return {.debit = legs[0].debit_account, .credit = payee, .amount = RequestedAmount(legs)};
}

void FoldLegs(std::span<const Entry> legs, Folder& folder) {
  const Purpose purpose = legs[0].kind.purpose();
  if ((legs[0].flags & kFlagByRule) != 0) {
    FoldShape(purpose, LegSource::kByRule, 1, folder);
    FoldLeg(FoldBack(legs), folder);
    return;
  }
  FoldShape(purpose, LegSource::kExplicit, legs.size(), folder);
  for (const Entry& leg : legs) {
    FoldLeg({.debit = leg.debit_account, .credit = leg.credit_account, .amount = leg.amount},
            folder);
  }
}

}  // namespace

uint64_t Fingerprint(const Post& post) {
  Folder folder;
  Fold(Step::kPost, post.header, folder);
  FoldShape(post.purpose, post.source, post.legs.size(), folder);
  for (const Leg& leg : post.legs) FoldLeg(leg, folder);
  return folder.value();
}

uint64_t Fingerprint(const Hold& hold) {
  Folder folder;
  Fold(Step::kHold, hold.header, folder);
  FoldShape(hold.purpose, LegSource::kExplicit, hold.legs.size(), folder);
  for (const Leg& leg : hold.legs) FoldLeg(leg, folder);
  folder.Add(uint64_t{hold.seconds});
  return folder.value();
}

uint64_t Fingerprint(const Capture& capture) {
  Folder folder;
  Fold(Step::kCapture, capture.header, folder);
  FoldAsked(capture.hold, capture.amount, folder);
  return folder.value();
}

uint64_t Fingerprint(const Void& release) {
  Folder folder;
  Fold(Step::kVoid, release.header, folder);
  FoldAsked(release.hold, std::nullopt, folder);
  return folder.value();
}

uint64_t Fingerprint(const Refund& refund) {
  Folder folder;
  Fold(Step::kRefund, refund.header, folder);
  FoldAsked(refund.original, refund.amount, folder);
  return folder.value();
}

uint64_t Fingerprint(const Reverse& reverse) {
  Folder folder;
  Fold(Step::kReverse, reverse.header, folder);
  FoldAsked(reverse.original, std::nullopt, folder);
  return folder.value();
}

uint64_t Fingerprint(const Command& command) {
  return std::visit(
      [](const auto& operation) -> uint64_t {
        if constexpr (requires { operation.header; }) return Fingerprint(operation);
        LUMBUNG_CHECK(false);
        return 0;
      },
      command);
}

uint64_t Fingerprint(std::span<const Entry> legs, std::span<const std::byte> attachment) {
  return FingerprintDecoded(legs, Attachment::Decode(attachment).value_or(Attachment{}));
}

uint64_t FingerprintDecoded(std::span<const Entry> legs, const Attachment& decoded) {
  LUMBUNG_CHECK(!legs.empty());
  const Entry& first = legs[0];
  Folder folder;
  Fold({.step = first.kind.step(),
        .reference = first.reference,
        .branch = first.branch,
        .terminal = first.terminal,
        .operator_id = first.operator_id,
        .text = decoded.text},
       folder);
  switch (first.kind.step()) {
    case Step::kPost:
      FoldLegs(legs, folder);
      break;
    case Step::kHold: {
      FoldLegs(legs, folder);
      // Rounded up, as the deadline was reckoned.
      const int64_t time = first.timestamp.value();
      const int64_t placed = time / 1'000'000'000 + (time % 1'000'000'000 > 0 ? 1 : 0);
      folder.Add(uint64_t{first.deadline} - static_cast<uint64_t>(placed));
      break;
    }
    case Step::kCapture:
    case Step::kVoid:
    case Step::kRefund:
    case Step::kReverse: {
      const bool named =
          (first.kind.step() == Step::kCapture || first.kind.step() == Step::kRefund) &&
          (first.flags & kFlagWhole) == 0;
      FoldAsked(decoded.related.value_or(TransactionId{}),
                named ? std::optional(RequestedAmount(legs)) : std::nullopt, folder);
      break;
    }
    case Step::kFence:
      return 0;
    case Step::kNone:
    case Step::kExpire:
    case Step::kFact:
      LUMBUNG_CHECK(false);
  }
  return folder.value();
}

}  // namespace lumbung
