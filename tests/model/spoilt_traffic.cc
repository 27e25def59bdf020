#include "tests/model/spoilt_traffic.h"

#include <type_traits>
#include <variant>

namespace lumbung {

namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSkew = int64_t{300} * 1'000 * kMillisecond;

TransactionId WithVersion(TransactionId id, uint64_t version) {
  id.high = (id.high & ~uint64_t{0xF000}) | version << 12;
  return id;
}

}  // namespace

const Command& SpoiltTraffic::Next(Timestamp now) {
  command_ = traffic_.Next(now);
  std::visit(
      [&](auto& operation) {
        if constexpr (requires { operation.legs; }) {
          legs_.assign(operation.legs.begin(), operation.legs.end());
        }
        if constexpr (requires { operation.header; }) {
          text_ = std::string(operation.header.text);
          operation.header.text = text_;
        }
      },
      command_);
  for (uint64_t times = Number(4); times > 0; --times) Spoil(now);
  std::visit(
      [&](auto& operation) {
        if constexpr (requires { operation.legs; }) operation.legs = legs_;
      },
      command_);
  return command_;
}

void SpoiltTraffic::Spoil(Timestamp now) {
  std::visit(
      [&](auto& operation) {
        using Operation = std::decay_t<decltype(operation)>;
        if constexpr (requires { operation.header; }) {
          if (Number(2) == 0) return SpoilHeader(operation.header, now);
        }
        if constexpr (requires { operation.legs; }) {
          if constexpr (std::is_same_v<Operation, Hold>) {
            if (Number(4) == 0) {
              operation.seconds = AnyOf({0u, 1u, 2'592'000u, 2'592'001u, ~0u});
              return;
            }
          } else if (Number(6) == 0) {
            operation.source = LegSource::kByRule;
            return;
          }
          SpoilLegs(operation.purpose);
        }
        if constexpr (requires { operation.amount; }) {
          if (Number(2) == 0) operation.amount = SpoiltAmount();
        }
        TransactionId* related = nullptr;
        if constexpr (requires { operation.hold; }) related = &operation.hold;
        if constexpr (requires { operation.original; }) related = &operation.original;
        if constexpr (requires { operation.header; }) {
          if (related != nullptr) {
            *related = Number(3) == 0 ? operation.header.id : SpoiltId(now);
          }
        }
        if constexpr (std::is_same_v<Operation, Resolve>) operation.id = SpoiltId(now);
        if constexpr (requires { operation.cooperative; }) {
          if (Number(3) == 0) operation.cooperative = SpoiltCooperative();
        }
        if constexpr (requires { operation.branch; }) {
          if (Number(4) == 0) operation.branch = BranchId{0};
        }
        if constexpr (requires { operation.terminal; }) {
          if (Number(4) == 0) operation.terminal = TerminalId{0};
        }
        if constexpr (requires { operation.name; }) {
          if (Number(2) == 0) operation.name = SpoiltName();
        }
        if constexpr (requires { operation.zone_minutes; }) {
          const int16_t zones[] = {-721, -720, 0, 840, 841};
          if (Number(3) == 0) operation.zone_minutes = AnyOf(zones);
        }
        if constexpr (std::is_same_v<Operation, OpenCooperative>) {
          if (operation.policy) SpoilPolicy(*operation.policy);
        } else if constexpr (requires { operation.policy; }) {
          SpoilPolicy(operation.policy);
        }
        if constexpr (requires { operation.account; }) {
          if (Number(2) == 0) operation.account = SpoiltAccount(operation.account);
        }
        if constexpr (std::is_same_v<Operation, OpenAccount>) {
          const uint16_t assets[] = {0, 1, 999, 1000};
          if (Number(3) == 0) operation.asset = AssetCode{AnyOf(assets)};
          if (operation.limits) SpoilLimits(*operation.limits);
        } else if constexpr (requires { operation.limits; }) {
          SpoilLimits(operation.limits);
        }
      },
      command_);
}

void SpoiltTraffic::SpoilHeader(Header& header, Timestamp now) {
  if (Number(3) > 0) {
    header.id = SpoiltId(now);
    return;
  }
  const size_t lengths[] = {0, 64, 65, 200};
  text_.assign(AnyOf(lengths), 'x');
  header.text = text_;
}

TransactionId SpoiltTraffic::SpoiltId(Timestamp now) {
  const TransactionId random{.high = random_(), .low = uint64_t{1} << 63 | random_() >> 2};
  switch (Number(5)) {
    case 0:
      return {};
    case 1:
      return WithVersion(random, Number(16));
    case 2:  // any variant
      return {.high = WithVersion(random, 4).high, .low = random_()};
    default: {  // of version 7, around five minutes ahead, or anywhere
      const int64_t born =
          now.value() / kMillisecond + kSkew / kMillisecond + static_cast<int64_t>(Number(5)) - 2;
      const uint64_t milliseconds = Number(4) == 0 ? random_() >> 16 : static_cast<uint64_t>(born);
      return WithVersion({.high = milliseconds << 16, .low = random.low}, 7);
    }
  }
}

void SpoiltTraffic::SpoilLegs(Purpose& purpose) {
  switch (Number(6)) {
    case 0: {
      const uint8_t numbers[] = {0, 1, 2, 30, 31, 255};
      purpose = static_cast<Purpose>(AnyOf(numbers));
      break;
    }
    case 1: {
      const size_t counts[] = {0, 1, 2, 64, 65};
      legs_.resize(AnyOf(counts), legs_.empty() ? Leg{} : legs_.front());
      break;
    }
    default:
      if (!legs_.empty()) SpoilLeg(legs_[Number(legs_.size())]);
  }
}

void SpoiltTraffic::SpoilLeg(Leg& leg) {
  switch (Number(5)) {
    case 0:
      leg.debit = SpoiltAccount(leg.debit);
      break;
    case 1:
      leg.credit = SpoiltAccount(leg.credit);
      break;
    case 2:
      leg.credit = leg.debit;
      break;
    case 3:
      std::swap(leg.debit, leg.credit);
      break;
    default:
      leg.amount = SpoiltAmount();
  }
}

AccountId SpoiltTraffic::SpoiltAccount(AccountId account) {
  AccountId::Parts parts{
      .cooperative = account.cooperative(), .code = account.code(), .holder = account.holder()};
  switch (Number(5)) {
    case 0:
      parts.cooperative = CooperativeId{static_cast<uint32_t>(Number(3))};
      break;
    case 1:
      parts.code = AccountCode{static_cast<uint16_t>(1000 + Number(5000))};
      break;
    case 2: {
      const uint16_t codes[] = {1101, 1102, 2101, 3301, 4101, 5301, 2102};
      parts.code = AccountCode{AnyOf(codes)};
      break;
    }
    case 3: {
      const uint32_t holders[] = {0, 1, 65'535, 65'536, (1u << 26) - 1};
      parts.holder = HolderNumber{AnyOf(holders)};
      break;
    }
    default:
      return AccountId{};
  }
  return AccountId::From(parts);
}

CooperativeId SpoiltTraffic::SpoiltCooperative() {
  const uint32_t numbers[] = {0, 1, (1u << 24) - 1, 1u << 24, ~0u};
  return CooperativeId{AnyOf(numbers)};
}

std::string_view SpoiltTraffic::SpoiltName() {
  const size_t lengths[] = {0, 1, 64, 65};
  text_.assign(AnyOf(lengths), 'n');
  return text_;
}

Amount SpoiltTraffic::SpoiltAmount() {
  const int64_t amounts[] = {0, -1, 1, INT64_MIN, INT64_MAX};
  return Amount{AnyOf(amounts)};
}

void SpoiltTraffic::SpoilPolicy(Policy& policy) {
  const uint16_t rates[] = {0, 10'000, 10'001, 65'535};
  switch (Number(8)) {
    case 0:
      policy.vat_basis_points = AnyOf(rates);
      break;
    case 1:
      policy.platform_fee_basis_points = AnyOf(rates);
      break;
    case 2:
      policy.mdr_basis_points = AnyOf(rates);
      break;
    case 3:
      policy.mdr_free_up_to = SpoiltAmount();
      break;
    case 4:
      policy.transfer_fee = SpoiltAmount();
      break;
    default:
      break;
  }
}

void SpoiltTraffic::SpoilLimits(Limits& limits) {
  switch (Number(5)) {
    case 0:
      limits.per_transaction = SpoiltAmount();
      break;
    case 1:
      limits.per_day = SpoiltAmount();
      break;
    case 2:
      limits.ceiling = Amount{limits.floor.value()};
      break;
    case 3:
      limits.ceiling = SpoiltAmount();
      break;
    default:
      break;
  }
}

}  // namespace lumbung
