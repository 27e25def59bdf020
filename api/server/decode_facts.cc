#include <string>

#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/fault_finder.h"

namespace lumbung {

namespace {

constexpr uint32_t kMostBasisPoints = 10'000;

// WIB, where the most cooperatives are.
constexpr int32_t kDefaultZone = 7 * 60;
constexpr int32_t kLeastZone = -720;
constexpr int32_t kMostZone = 840;

// Basis points as far as they fit into the engine's type; Validate has the limit.
uint16_t BasisPointsIn(uint32_t number, std::string_view field, FaultFinder& faults) {
  if (number <= kMostBasisPoints) return static_cast<uint16_t>(number);
  faults.Note(Outcome::kSettingInvalid, field, "0 to 10000 basis points", std::to_string(number));
  return 0;
}

Policy PolicyIn(const v1::Policy& proto, FaultFinder& faults) {
  return {.vat_basis_points =
              BasisPointsIn(proto.vat_basis_points(), "policy.vat_basis_points", faults),
          .platform_fee_basis_points = BasisPointsIn(proto.platform_fee_basis_points(),
                                                     "policy.platform_fee_basis_points", faults),
          .mdr_basis_points =
              BasisPointsIn(proto.mdr_basis_points(), "policy.mdr_basis_points", faults),
          .mdr_free_up_to = Amount{proto.mdr_free_up_to()},
          .transfer_fee = Amount{proto.transfer_fee()}};
}

}  // namespace

Verdict Decode(const v1::OpenCooperativeRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  const int32_t zone = message.zone_minutes() == 0 ? kDefaultZone : message.zone_minutes();
  if (zone < kLeastZone || zone > kMostZone) {
    faults.Note(Outcome::kSettingInvalid, "zone_minutes",
                "-720 to 840 minutes east of UTC, such as 420 for WIB", std::to_string(zone));
  }
  request.commands.push_back(OpenCooperative{
      .cooperative = faults.Cooperative(message.number(), "number"),
      .zone_minutes = static_cast<int16_t>(zone),
      .policy =
          message.has_policy() ? std::optional(PolicyIn(message.policy(), faults)) : std::nullopt,
      .name = message.name()});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::OpenBranchRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  request.commands.push_back(
      OpenBranch{.cooperative = faults.Cooperative(message.cooperative(), "cooperative"),
                 .branch = faults.Branch(message.number(), "number"),
                 .name = message.name()});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::OpenTerminalRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
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
    faults.Note(Outcome::kSettingInvalid, "policy", "what the cooperative charges", "none");
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
    faults.Note(Outcome::kSettingInvalid, "asset", "an ISO 4217 numeric code up to 999",
                std::to_string(asset));
    asset = kIdr.value();
  }
  OpenAccount open{.account = AccountId{message.account()},
                   .asset = AssetCode{static_cast<uint16_t>(asset)},
                   .limits = std::nullopt};
  if (message.has_limits()) open.limits = ToLimits(message.limits());
  request.commands.push_back(open);
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::SetAccountStatusRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  if (!message.has_status() || !v1::AccountStatus_IsValid(message.status())) {
    faults.Note(Outcome::kSettingInvalid, "status", "OPEN, FROZEN or CLOSED",
                message.has_status() ? std::to_string(static_cast<int>(message.status())) : "none");
  }
  request.commands.push_back(SetStatus{.account = AccountId{message.account()},
                                       .status = static_cast<AccountStatus>(message.status())});
  return faults.Settle(context, FieldNames{}, request);
}

Verdict Decode(const v1::SetAccountLimitsRequest& message, const DecodeContext& context,
               Request& request) {
  FaultFinder faults;
  if (!message.has_limits()) {
    faults.Note(Outcome::kSettingInvalid, "limits", "all limits of the account", "none");
  }
  request.commands.push_back(
      SetLimits{.account = AccountId{message.account()}, .limits = ToLimits(message.limits())});
  return faults.Settle(context, FieldNames{}, request);
}

}  // namespace lumbung
