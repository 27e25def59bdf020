#include <limits>
#include <string>

#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/fault_finder.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint32_t kMostBasisPoints = 10'000;

// WIB, where the most cooperatives are.
constexpr int32_t kDefaultZone = 7 * 60;
constexpr int32_t kLeastZone = -720;
constexpr int32_t kMostZone = 840;

// What an administrative field must be, where the engine has no outcome of its own for it.
void NoteText(std::string_view field, std::string_view text, size_t least, FaultFinder& faults) {
  if (text.size() > kMaxNameBytes) {
    faults.Note(Outcome::kTextTooLong, field, "at most " + std::to_string(kMaxNameBytes) + " bytes",
                std::to_string(text.size()));
  } else if (text.size() < least) {
    faults.Note(Outcome::kTextTooLong, field, "1 to " + std::to_string(kMaxNameBytes) + " bytes",
                "none");
  }
}

uint16_t BasisPointsIn(uint32_t number, std::string_view field, FaultFinder& faults) {
  if (number <= kMostBasisPoints) return static_cast<uint16_t>(number);
  faults.Note(Outcome::kAmountNotPositive, field, "0 to 10000 basis points",
              std::to_string(number));
  return 0;
}

Amount NotNegative(int64_t number, std::string_view field, FaultFinder& faults) {
  if (number < 0) {
    faults.Note(Outcome::kAmountNotPositive, field, "0 or more minor units",
                std::to_string(number));
  }
  return Amount{number};
}

Policy PolicyIn(const v1::Policy& proto, FaultFinder& faults) {
  return {.vat_basis_points =
              BasisPointsIn(proto.vat_basis_points(), "policy.vat_basis_points", faults),
          .platform_fee_basis_points = BasisPointsIn(proto.platform_fee_basis_points(),
                                                     "policy.platform_fee_basis_points", faults),
          .mdr_basis_points =
              BasisPointsIn(proto.mdr_basis_points(), "policy.mdr_basis_points", faults),
          .mdr_free_up_to = NotNegative(proto.mdr_free_up_to(), "policy.mdr_free_up_to", faults),
          .transfer_fee = NotNegative(proto.transfer_fee(), "policy.transfer_fee", faults)};
}

Limits LimitsIn(const v1::Limits& proto, FaultFinder& faults) {
  const Limits limits = ToLimits(proto);
  NotNegative(limits.per_transaction.value(), "limits.per_transaction", faults);
  NotNegative(limits.per_day.value(), "limits.per_day", faults);
  if (limits.floor > limits.ceiling) {
    faults.Note(Outcome::kAmountNotPositive, "limits.floor",
                "at most the ceiling of " + std::to_string(limits.ceiling.value()),
                std::to_string(limits.floor.value()));
  }
  return limits;
}

}  // namespace

Verdict Decode(const v1::OpenCooperativeRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  NoteText("name", message.name(), 1, faults);
  const int32_t zone = message.zone_minutes() == 0 ? kDefaultZone : message.zone_minutes();
  if (zone < kLeastZone || zone > kMostZone) {
    faults.Note(Outcome::kAccountMalformed, "zone_minutes",
                "-720 to 840 minutes east of UTC, such as 420 for WIB", std::to_string(zone));
  }
  request.commands.push_back(OpenCooperative{
      .cooperative = faults.Cooperative(message.number(), "number"),
      .zone_minutes = static_cast<int16_t>(zone),
      .policy = message.has_policy() ? PolicyIn(message.policy(), faults) : Policy{},
      .name = message.name()});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::OpenBranchRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  NoteText("name", message.name(), 1, faults);
  request.commands.push_back(
      OpenBranch{.cooperative = faults.Cooperative(message.cooperative(), "cooperative"),
                 .branch = faults.Branch(message.number(), "number"),
                 .name = message.name()});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::OpenTerminalRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  NoteText("name", message.name(), 0, faults);
  request.commands.push_back(
      OpenTerminal{.cooperative = faults.Cooperative(message.cooperative(), "cooperative"),
                   .branch = faults.Branch(message.branch(), "branch"),
                   .terminal = faults.Terminal(message.number(), "number"),
                   .name = message.name()});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::SetPolicyRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  if (!message.has_policy()) {
    faults.Note(Outcome::kAmountNotPositive, "policy", "what the cooperative charges", "none");
  }
  request.commands.push_back(
      SetPolicy{.cooperative = faults.Cooperative(message.cooperative(), "cooperative"),
                .policy = PolicyIn(message.policy(), faults)});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::OpenAccount& message, const DecodeContext& context, Request& request) {
  FaultFinder faults;
  uint32_t asset = message.asset() == 0 ? kIdr.value() : message.asset();
  if (asset > 999) {
    faults.Note(Outcome::kAccountMalformed, "asset", "an ISO 4217 numeric code up to 999",
                std::to_string(asset));
    asset = kIdr.value();
  }
  OpenAccount open{.account = AccountId{message.account()},
                   .asset = AssetCode{static_cast<uint16_t>(asset)},
                   .limits = std::nullopt};
  if (message.has_limits()) open.limits = LimitsIn(message.limits(), faults);
  request.commands.push_back(open);
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::SetAccountStatusRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  if (!v1::AccountStatus_IsValid(message.status())) {
    faults.Note(Outcome::kKindUnknown, "status", "OPEN, FROZEN or CLOSED",
                std::to_string(static_cast<int>(message.status())));
  }
  request.commands.push_back(SetStatus{.account = AccountId{message.account()},
                                       .status = static_cast<AccountStatus>(message.status())});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::SetAccountLimitsRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  request.commands.push_back(SetLimits{.account = AccountId{message.account()},
                                       .limits = LimitsIn(message.limits(), faults)});
  return faults.Settle(context, FieldNames{}, request);
}

}  // namespace lumbung
