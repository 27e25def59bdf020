#include "tests/model/random_traffic.h"

#include <algorithm>
#include <variant>

#include "engine/chart.h"
#include "engine/posting_rule.h"
#include "engine/validate.h"

namespace lumbung {

namespace {

constexpr int64_t kHour = 3600 * kNsPerSecond;

// The purpose's legs, found by trying all pairs of codes.
struct Pair {
  AccountCode debit;
  AccountCode credit;
};

const std::vector<Pair>& PairsOf(Purpose purpose) {
  static const std::vector<std::vector<Pair>> all = [] {
    std::vector<std::vector<Pair>> pairs(256);
    for (uint32_t number = 1; IsKnownPurpose(number); ++number) {
      for (const ChartLine& debit : StandardChart()) {
        for (const ChartLine& credit : StandardChart()) {
          if (LegAllowed(static_cast<Purpose>(number), debit.code, credit.code)) {
            pairs[number].push_back({debit.code, credit.code});
          }
        }
      }
    }
    return pairs;
  }();
  return all[static_cast<size_t>(purpose)];
}

bool IsWellFormed(const Command& command, Timestamp now) {
  return Validate(command, now).outcome == Outcome::kAccepted;
}

}  // namespace

RandomTraffic::RandomTraffic(uint64_t seed) : random_(seed) {}

int64_t RandomTraffic::Pause() {
  if (Chance(80)) return 0;
  if (Chance(97)) return static_cast<int64_t>(Number(20)) * kNsPerSecond;
  return static_cast<int64_t>(Number(30)) * kHour;
}

const Command& RandomTraffic::Next(Timestamp now) {
  Sent& sent = sent_.emplace_back();
  do {
    sent = Sent{};
    Fill(sent, now);
  } while (!IsWellFormed(sent.command, now));
  std::visit(
      [&](const auto& operation) {
        using Operation = std::decay_t<decltype(operation)>;
        if constexpr (requires { operation.header; }) {
          ids_.push_back(operation.header.id);
          if constexpr (std::is_same_v<Operation, Hold>) {
            holds_.push_back(operation.header.id);
          } else if constexpr (!std::is_same_v<Operation, Void>) {
            posts_.push_back(operation.header.id);
          }
        }
      },
      sent.command);
  return sent.command;
}

void RandomTraffic::Fill(Sent& sent, Timestamp now) {
  const uint64_t dice = Number(100);
  if (sent_.size() < 60 || dice < 6) {
    FillOpening(sent);
  } else if (dice < 50) {
    FillPost(sent, now);
  } else if (dice < 62) {
    FillHold(sent, now);
  } else if (dice < 84) {
    FillFollowing(sent, now);
  } else if (dice < 91) {
    FillRepeat(sent, now);
  } else if (dice < 94) {
    Resolve resolve;
    resolve.id = EarlierId(ids_, now);
    if (Chance(50)) resolve.if_unknown = Resolve::IfUnknown::kFence;
    // Of a cooperative that may never be opened, at times.
    if (Chance(50)) resolve.cooperative = CooperativeId{static_cast<uint32_t>(1 + Number(4))};
    // The late original will come.
    ids_.push_back(resolve.id);
    sent.command = resolve;
  } else {
    FillFact(sent);
  }
}

// Version 4, or version 7 made some time around now.
TransactionId RandomTraffic::NewId(Timestamp now) {
  ++spent_;
  const uint64_t low = uint64_t{1} << 63 | (random_() >> 2);
  if (Chance(50)) return {.high = (random_() & ~uint64_t{0xF000}) | 0x4000, .low = low};
  const int64_t born = now.value() - static_cast<int64_t>(Number(60)) * 60 * kNsPerSecond;
  return {.high = static_cast<uint64_t>(born / 1'000'000) << 16 | 0x7000 | Number(0x1000),
          .low = low};
}

// An id that was sent before, one of the last more likely, or a new one.
TransactionId RandomTraffic::EarlierId(const std::vector<TransactionId>& ids, Timestamp now) {
  if (ids.empty() || Chance(4)) return NewId(now);
  const size_t reach = Chance(80) ? std::min<size_t>(ids.size(), 12) : ids.size();
  return ids[ids.size() - 1 - Number(reach)];
}

AccountId RandomTraffic::RandomAccount(CooperativeId cooperative, AccountCode code) {
  uint32_t holder = 0;
  switch (FindChartLine(code)->holder) {
    case HolderKind::kCooperative:
      break;
    case HolderKind::kBranch:
    case HolderKind::kTerminal:
      holder = Chance(95) ? 1 : 2;
      break;
    case HolderKind::kMember:
    case HolderKind::kLoan:
      holder = static_cast<uint32_t>(1 + Number(Chance(97) ? 3 : 5));
      break;
  }
  return AccountId::From(
      {.cooperative = cooperative, .code = code, .holder = HolderNumber{holder}});
}

AccountId RandomTraffic::RandomAccount() {
  const auto chart = StandardChart();
  const AccountCode code = Chance(50) ? code::kWallet : chart[Number(chart.size())].code;
  return RandomAccount(CooperativeId{static_cast<uint32_t>(1 + Number(2))}, code);
}

Amount RandomTraffic::RandomAmount() {
  const uint64_t dice = Number(1000);
  // Round ones, so that limits are met exactly now and then.
  if (dice < 300) return Amount{static_cast<int64_t>(100 * (1 + Number(10)))};
  if (dice < 600) return Amount{static_cast<int64_t>(1 + Number(1000))};
  if (dice < 970) return Amount{static_cast<int64_t>(1 + Number(10'000'000))};
  if (dice < 990) return Amount{static_cast<int64_t>(1 + Number(3'000'000'000))};
  return Amount{kMaxAmount.value() - static_cast<int64_t>(Number(kMaxAmount.value()))};
}

Leg RandomTraffic::RandomLeg(Purpose purpose) {
  const Pair pair = AnyOf(PairsOf(purpose));
  // Cooperative 3 is never opened.
  const CooperativeId cooperative{static_cast<uint32_t>(Chance(1) ? 3 : 1 + Number(2))};
  CooperativeId target = cooperative;
  if (purpose == Purpose::kTransfer && Chance(40)) {
    target = CooperativeId{static_cast<uint32_t>(Chance(3) ? 3 : 1 + Number(2))};
  }
  return {.debit = RandomAccount(cooperative, pair.debit),
          .credit = RandomAccount(target, pair.credit),
          .amount = RandomAmount()};
}

void RandomTraffic::FillHeader(Header& header, Sent& sent, Timestamp now) {
  header.id = Chance(97) ? NewId(now) : EarlierId(ids_, now);
  if (Chance(50)) header.reference = Number(1'000'000);
  if (Chance(20)) {
    sent.text.assign(1 + Number(kMaxTextBytes), static_cast<char>('a' + Number(26)));
    header.text = sent.text;
  }
  if (Chance(60)) {
    header.evidence.branch = BranchId{static_cast<uint16_t>(Chance(98) ? 1 : Number(4))};
    header.evidence.operator_id = OperatorId{static_cast<uint32_t>(Number(9))};
    header.evidence.device_time = static_cast<uint32_t>(random_());
    header.evidence.terminal_sequence = static_cast<uint32_t>(spent_);
    if (Chance(50)) {
      header.evidence.terminal = TerminalId{static_cast<uint16_t>(Chance(98) ? 1 : Number(4))};
    }
  }
}

void RandomTraffic::FillPost(Sent& sent, Timestamp now) {
  Post post;
  FillHeader(post.header, sent, now);
  // Money must come from somewhere, so deposits are frequent.
  post.purpose = Chance(35) ? (Chance(70) ? Purpose::kDepositSukarela : Purpose::kTopUp)
                            : static_cast<Purpose>(1 + Number(30));
  if (Chance(20)) post.purpose = Chance(50) ? Purpose::kTransfer : Purpose::kPayment;
  size_t legs = 1;
  if (Chance(50)) {
    post.source = LegSource::kByRule;
  } else if (Chance(25)) {
    legs = 1 + Number(Chance(95) ? 4 : kMaxLegs);
  }
  for (size_t i = 0; i < legs; ++i) sent.legs.push_back(RandomLeg(post.purpose));
  post.legs = sent.legs;
  sent.command = post;
}

void RandomTraffic::FillHold(Sent& sent, Timestamp now) {
  Hold hold;
  FillHeader(hold.header, sent, now);
  hold.purpose = Chance(70) ? Purpose::kPayment : static_cast<Purpose>(1 + Number(30));
  const size_t legs = Chance(70) ? 1 : 1 + Number(4);
  for (size_t i = 0; i < legs; ++i) sent.legs.push_back(RandomLeg(hold.purpose));
  hold.legs = sent.legs;
  hold.seconds = static_cast<uint32_t>(Chance(80) ? 1 + Number(120) : 1 + Number(kMaxHoldSeconds));
  sent.command = hold;
}

void RandomTraffic::FillFollowing(Sent& sent, Timestamp now) {
  const uint64_t dice = Number(100);
  const bool mismatch = Chance(5);
  std::optional<Amount> amount;
  if (Chance(60)) amount = RandomAmount();
  if (dice < 35) {
    Capture capture;
    FillHeader(capture.header, sent, now);
    capture.hold = EarlierId(mismatch ? posts_ : holds_, now);
    capture.amount = amount;
    sent.command = capture;
  } else if (dice < 50) {
    Void release;
    FillHeader(release.header, sent, now);
    release.hold = EarlierId(mismatch ? posts_ : holds_, now);
    sent.command = release;
  } else if (dice < 75) {
    Refund refund;
    FillHeader(refund.header, sent, now);
    refund.original = EarlierId(mismatch ? holds_ : posts_, now);
    refund.amount = amount;
    sent.command = refund;
  } else {
    Reverse reverse;
    FillHeader(reverse.header, sent, now);
    reverse.original = EarlierId(mismatch ? holds_ : posts_, now);
    sent.command = reverse;
  }
}

// The same command again, sometimes altered.
void RandomTraffic::FillRepeat(Sent& sent, Timestamp now) {
  // The command being filled is the last.
  const size_t reach = std::min<size_t>(sent_.size() - 1, Chance(70) ? 10 : sent_.size() - 1);
  const Sent& earlier = sent_[sent_.size() - 2 - Number(reach)];
  sent.legs = earlier.legs;
  sent.text = earlier.text;
  sent.command = earlier.command;
  const bool alter = Chance(25);
  std::visit(
      [&](auto& operation) {
        if constexpr (requires { operation.legs; }) operation.legs = sent.legs;
        if constexpr (requires { operation.header; }) {
          operation.header.text = sent.text;
          operation.header.evidence.terminal_sequence ^= 1;
          if (alter && Chance(50)) AlterHeader(operation.header);
          if (alter && Chance(70)) AlterContent(operation, sent, now);
        }
      },
      sent.command);
}

void RandomTraffic::AlterHeader(Header& header) {
  const uint64_t dice = Number(100);
  if (dice < 40) {
    ++header.reference;
  } else if (dice < 55) {
    header.text = header.text.empty() ? "x" : header.text.substr(1);
  } else if (dice < 70) {
    header.evidence.operator_id = OperatorId{header.evidence.operator_id.value() ^ 1};
  } else if (dice < 85) {
    header.evidence.branch = BranchId{static_cast<uint16_t>(Number(3))};
  } else {
    header.evidence.terminal = TerminalId{static_cast<uint16_t>(Number(3))};
  }
}

// Another account of the same kind, of which some are not open.
void RandomTraffic::AlterAccount(AccountId& account) {
  account = RandomAccount(account.cooperative(), account.code());
}

// One of the fields that are the step's own.
template <typename Operation>
void RandomTraffic::AlterContent(Operation& operation, Sent& sent, Timestamp now) {
  const uint64_t dice = Number(100);
  if constexpr (requires { operation.legs; }) {
    Leg& leg = sent.legs[Number(sent.legs.size())];
    if (dice < 40) {
      leg.amount = Amount{leg.amount.value() ^ 1};
    } else if (dice < 65) {
      AlterAccount(leg.debit);
    } else if (dice < 90) {
      AlterAccount(leg.credit);
    } else {
      if constexpr (requires { operation.seconds; }) ++operation.seconds;
      if constexpr (requires { operation.source; }) operation.purpose = Purpose::kGeneral;
    }
  } else {
    if constexpr (requires { operation.amount; }) {
      if (dice < 50) {
        const int64_t minor = operation.amount.value_or(Amount{0}).value();
        operation.amount = dice < 25 ? std::optional(Amount{minor ^ 1}) : std::nullopt;
        return;
      }
    }
    if constexpr (requires { operation.hold; }) operation.hold = EarlierId(holds_, now);
    if constexpr (requires { operation.original; }) operation.original = EarlierId(posts_, now);
  }
}

Limits RandomTraffic::RandomLimits() {
  Limits limits;
  if (Chance(70)) limits.floor = Amount{Chance(80) ? 0 : static_cast<int64_t>(Number(1000))};
  if (Chance(40)) limits.ceiling = Amount{static_cast<int64_t>(1000 + Number(100'000'000))};
  if (Chance(30)) limits.per_transaction = Amount{static_cast<int64_t>(Number(10'000'000))};
  if (Chance(30)) limits.per_day = Amount{static_cast<int64_t>(Number(30'000'000))};
  if (Chance(20)) limits.per_transaction = Amount{static_cast<int64_t>(100 * Number(10))};
  if (Chance(20)) limits.per_day = Amount{static_cast<int64_t>(100 * Number(30))};
  return limits;
}

Policy RandomTraffic::RandomPolicy() {
  Policy policy;
  if (Chance(50))
    policy.vat_basis_points = static_cast<uint16_t>(Chance(80) ? 1100 : Number(10001));
  if (Chance(50)) policy.platform_fee_basis_points = static_cast<uint16_t>(Number(300));
  if (Chance(50)) policy.mdr_free_up_to = Amount{static_cast<int64_t>(Number(1000))};
  if (Chance(50)) policy.transfer_fee = Amount{static_cast<int64_t>(Number(250))};
  return policy;
}

void RandomTraffic::FillOpening(Sent& sent) {
  const CooperativeId cooperative{static_cast<uint32_t>(1 + Number(2))};
  const BranchId branch{1};
  const uint64_t dice = Number(100);
  if (sent_.size() < 6 || dice < 3) {
    sent.command = OpenCooperative{
        .cooperative = sent_.size() < 6 ? CooperativeId{static_cast<uint32_t>(1 + sent_.size() % 2)}
                                        : cooperative,
        .zone_minutes = static_cast<int16_t>(Chance(90) ? 420 : 540),
        .policy = Chance(30) ? std::optional(RandomPolicy()) : std::nullopt,
        .name = Chance(90) ? "Bentangan" : "Ngawen"};
  } else if (sent_.size() < 12 || dice < 6) {
    sent.command =
        OpenBranch{.cooperative = sent_.size() < 12
                                      ? CooperativeId{static_cast<uint32_t>(1 + sent_.size() % 2)}
                                      : CooperativeId{static_cast<uint32_t>(1 + Number(3))},
                   .branch = branch,
                   .name = Chance(90) ? "Sembako" : "Apotek"};
  } else if (sent_.size() < 20 || dice < 9) {
    sent.command =
        OpenTerminal{.cooperative = sent_.size() < 20
                                        ? CooperativeId{static_cast<uint32_t>(1 + sent_.size() % 2)}
                                        : CooperativeId{static_cast<uint32_t>(1 + Number(3))},
                     .branch = Chance(95) ? branch : BranchId{2},
                     .terminal = TerminalId{static_cast<uint16_t>(Chance(80) ? 1 : 3)},
                     .name = "Kasir"};
  } else {
    OpenAccount open{.account = RandomAccount(), .limits = std::nullopt};
    if (Chance(3)) open.asset = AssetCode{840};
    if (Chance(10)) open.limits = RandomLimits();
    sent.command = open;
  }
}

void RandomTraffic::FillFact(Sent& sent) {
  const uint64_t dice = Number(100);
  if (dice < 30) {
    sent.command = SetLimits{.account = RandomAccount(), .limits = RandomLimits()};
  } else if (dice < 80) {
    const uint64_t status = Number(100);
    sent.command = SetStatus{.account = RandomAccount(),
                             .status = status < 80   ? AccountStatus::kOpen
                                       : status < 96 ? AccountStatus::kFrozen
                                                     : AccountStatus::kClosed};
  } else {
    sent.command = SetPolicy{.cooperative = CooperativeId{static_cast<uint32_t>(1 + Number(3))},
                             .policy = RandomPolicy()};
  }
}

}  // namespace lumbung
