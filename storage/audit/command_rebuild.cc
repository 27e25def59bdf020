#include "storage/audit/command_rebuild.h"

namespace lumbung::audit {

namespace {

Header HeaderOf(const Entry& entry, const Attachment& attachment) {
  return {.id = entry.id,
          .reference = entry.reference,
          .evidence = {.device_time = entry.device_time,
                       .branch = entry.branch,
                       .terminal = entry.terminal,
                       .terminal_sequence = entry.terminal_sequence,
                       .operator_id = entry.operator_id},
          .text = attachment.text};
}

// What was asked for: neither fees nor clearing halves. Unsigned, since what was declined may have
// a sum that does not fit.
Amount AskedFor(std::span<const Entry> entries) {
  uint64_t sum = 0;
  for (const Entry& leg : entries) {
    if ((leg.flags & (kFlagClearing | kFlagFee)) == 0) {
      sum += static_cast<uint64_t>(leg.amount.value());
    }
  }
  return Amount{static_cast<int64_t>(sum)};
}

std::optional<Amount> NamedAmount(std::span<const Entry> entries) {
  if ((entries[0].flags & kFlagWhole) != 0) return std::nullopt;
  return AskedFor(entries);
}

// Payer, payee and amount of legs that the rule made.
Leg PartiesOf(std::span<const Entry> entries) {
  Leg parties{.debit = entries[0].debit_account,
              .credit = entries[0].credit_account,
              .amount = AskedFor(entries)};
  for (const Entry& leg : entries) {
    if ((leg.flags & kFlagClearing) != 0) parties.credit = leg.credit_account;
  }
  return parties;
}

std::span<const Leg> LegsOf(std::span<const Entry> entries, std::vector<Leg>& legs) {
  const size_t begin = legs.size();
  for (const Entry& leg : entries) {
    legs.push_back(
        {.debit = leg.debit_account, .credit = leg.credit_account, .amount = leg.amount});
  }
  return std::span(legs).subspan(begin);
}

Post PostOf(std::span<const Entry> entries, const Attachment& attachment, std::vector<Leg>& legs) {
  Post post{.header = HeaderOf(entries[0], attachment), .purpose = entries[0].kind.purpose()};
  if ((entries[0].flags & kFlagByRule) == 0) {
    post.legs = LegsOf(entries, legs);
  } else {
    post.source = LegSource::kByRule;
    legs.push_back(PartiesOf(entries));
    post.legs = std::span(legs).last(1);
  }
  return post;
}

Hold HoldOf(std::span<const Entry> entries, const Attachment& attachment, std::vector<Leg>& legs) {
  const Entry& first = entries[0];
  // The duration counts from the time of applying in whole seconds, rounded up.
  const int64_t placed = (first.timestamp.value() + kNsPerSecond - 1) / kNsPerSecond;
  return {.header = HeaderOf(first, attachment),
          .purpose = first.kind.purpose(),
          .legs = LegsOf(entries, legs),
          .seconds = first.deadline - static_cast<uint32_t>(placed)};
}

Rebuilt FactOf(const Entry& entry, const Attachment& attachment) {
  const CooperativeId cooperative = entry.debit_account.cooperative();
  switch (entry.kind.fact()) {
    case Fact::kCooperativeOpened:
      return {Origin::kOpening, OpenCooperative{.cooperative = cooperative,
                                                .zone_minutes = attachment.zone_minutes.value_or(0),
                                                .policy = attachment.policy.value_or(Policy{}),
                                                .name = attachment.name}};
    case Fact::kBranchOpened:
      return {
          Origin::kOpening,
          OpenBranch{.cooperative = cooperative, .branch = entry.branch, .name = attachment.name}};
    case Fact::kTerminalOpened:
      return {Origin::kOpening, OpenTerminal{.cooperative = cooperative,
                                             .branch = entry.branch,
                                             .terminal = entry.terminal,
                                             .name = attachment.name}};
    case Fact::kAccountOpened:
      return {Origin::kCommand, OpenAccount{.account = entry.debit_account,
                                            .asset = attachment.asset.value_or(AssetCode{}),
                                            .limits = attachment.limits}};
    case Fact::kAccountLimitsSet:
      return {Origin::kCommand, SetLimits{.account = entry.debit_account,
                                          .limits = attachment.limits.value_or(Limits{})}};
    case Fact::kAccountStatusSet:
      return {Origin::kCommand,
              SetStatus{.account = entry.debit_account,
                        .status = attachment.status.value_or(AccountStatus::kOpen)}};
    case Fact::kPolicySet:
      return {Origin::kCommand, SetPolicy{.cooperative = cooperative,
                                          .policy = attachment.policy.value_or(Policy{})}};
    case Fact::kNone:
      break;
  }
  return {};
}

}  // namespace

Rebuilt Rebuild(std::span<const Entry> entries, const Attachment& attachment,
                std::vector<Leg>& legs) {
  const Entry& first = entries[0];
  const TransactionId related = attachment.related.value_or(TransactionId{});
  switch (first.kind.step()) {
    case Step::kPost:
      return {Origin::kCommand, PostOf(entries, attachment, legs)};
    case Step::kHold:
      return {Origin::kCommand, HoldOf(entries, attachment, legs)};
    case Step::kCapture:
      return {Origin::kCommand, Capture{.header = HeaderOf(first, attachment),
                                        .hold = related,
                                        .amount = NamedAmount(entries)}};
    case Step::kVoid:
      return {Origin::kCommand, Void{.header = HeaderOf(first, attachment), .hold = related}};
    case Step::kRefund:
      return {Origin::kCommand, Refund{.header = HeaderOf(first, attachment),
                                       .original = related,
                                       .amount = NamedAmount(entries)}};
    case Step::kReverse:
      return {Origin::kCommand,
              Reverse{.header = HeaderOf(first, attachment), .original = related}};
    case Step::kFence:
      return {Origin::kCommand, Resolve{.id = first.id,
                                        .if_unknown = Resolve::IfUnknown::kFence,
                                        .evidence = HeaderOf(first, attachment).evidence,
                                        .cooperative = first.debit_account.cooperative()}};
    case Step::kExpire:
      return {Origin::kExpiry, {}};
    case Step::kFact:
      return FactOf(first, attachment);
    case Step::kNone:
      break;
  }
  return {};
}

std::optional<TransactionId> RelatedOf(const Command& command) {
  return std::visit(
      [](const auto& operation) -> std::optional<TransactionId> {
        if constexpr (requires { operation.hold; }) return operation.hold;
        if constexpr (requires { operation.original; }) return operation.original;
        return std::nullopt;
      },
      command);
}

}  // namespace lumbung::audit
