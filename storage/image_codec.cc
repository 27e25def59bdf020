// Keys (big endian, so that their order is that of the numbers):
//   accounts        account id 8
//   holds           sequence of the hold's leg 8
//   follow_ups      sequence of the original 8
//   organisation    'c' cooperative 4 | 'g' cooperative 4 branch 2 | 't' cooperative 4 terminal 2
//   daily_balances  account id 8, date 4 with its sign bit flipped
//   ids             UUID 16
// Values (little endian), each but those of `ids` behind a version byte 1:
//   accounts, holds, follow_ups, daily_balances   the struct of engine/ as it stands
//   organisation    fixed part as below, then the name to the end
//     cooperative   id 4, zone 2, policy 24 (vat 2, fee 2, mdr 2, zero 2, free amount 8, transfer
//     fee
//                   8), opened 8, changed 8, opened at 8
//     branch        cooperative 4, branch 2, opened 8, opened at 8
//     terminal      cooperative 4, branch 2, terminal 2, opened 8, opened at 8
//   ids             sequence 8, outcome 2, fingerprint 8

#include "storage/image_codec.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/kind.h"
#include "engine/limits.h"
#include "engine/outcome.h"

namespace lumbung {

namespace {

static_assert(std::endian::native == std::endian::little, "images are stored as they stand");
static_assert(sizeof(Sequence) == 8 && sizeof(Outcome) == 2 && sizeof(IdRecord::fingerprint) == 8);

void AppendBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// Writes numbers one after the other.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <typename T>
  Writer& operator<<(T value) {
    static_assert(std::is_integral_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }

 private:
  std::string& out_;
};

// Reads them back; what does not fit makes it fail for good.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  template <typename T>
  T Read() {
    static_assert(std::is_integral_v<T>);
    T value{};
    if (in_.size() < sizeof value) {
      failed_ = true;
      return value;
    }
    std::memcpy(&value, in_.data(), sizeof value);
    in_.remove_prefix(sizeof value);
    return value;
  }
  template <typename S>
  void ReadInto(S& strong) {
    strong = S{Read<typename S::Representation>()};
  }
  bool failed() const { return failed_; }
  std::string_view rest() const { return in_; }

 private:
  std::string_view in_;
  bool failed_ = false;
};

// What the rules let into the ledger's facts (engine/validate.h).
bool IsPossible(const Policy& policy) {
  constexpr uint16_t kMostBasisPoints = 10'000;
  return policy.vat_basis_points <= kMostBasisPoints &&
         policy.platform_fee_basis_points <= kMostBasisPoints &&
         policy.mdr_basis_points <= kMostBasisPoints && policy.mdr_free_up_to.value() >= 0 &&
         policy.transfer_fee.value() >= 0;
}

bool IsPossible(CooperativeId cooperative) {
  return cooperative.value() >= 1 && cooperative.value() >> kCooperativeBits == 0;
}

}  // namespace

bool IsPossible(const Account& account) {
  return account.normal_side <= Side::kCredit && account.status <= AccountStatus::kClosed &&
         account.debits_posted.value() >= 0 && account.credits_posted.value() >= 0 &&
         account.held.value() >= 0 && account.reserved_16 == 0 && account.reserved[0] == 0 &&
         account.reserved[1] == 0;
}

bool IsPossible(const HoldRecord& hold) {
  return hold.state <= HoldState::kExpired && IsKnownPurpose(static_cast<uint32_t>(hold.purpose)) &&
         hold.amount.value() > 0 && hold.leg_index < hold.leg_count && hold.leg_count <= kMaxLegs &&
         hold.reserved == 0;
}

bool IsPossible(const FollowUp& follow_up) {
  constexpr decltype(follow_up.reserved) kZero = {};
  return follow_up.reversed <= 1 && follow_up.refunded.value() >= 0 &&
         std::memcmp(follow_up.reserved, kZero, sizeof kZero) == 0;
}

bool IsPossible(const DailyBalance& daily) {
  return daily.reserved == 0 && daily.debits_posted.value() >= 0 &&
         daily.credits_posted.value() >= 0 && daily.held.value() >= 0;
}

std::string KeyOf(AccountId account) {
  std::string key;
  AppendBigEndian(key, account.value(), 8);
  return key;
}

std::string KeyOf(Sequence sequence) {
  std::string key;
  AppendBigEndian(key, sequence.value(), 8);
  return key;
}

std::string KeyOf(AccountId account, BusinessDate date) {
  std::string key = KeyOf(account);
  AppendBigEndian(key, static_cast<uint32_t>(date.value()) ^ 0x8000'0000u, 4);
  return key;
}

std::string OrganisationKey(const Cooperative& cooperative) {
  std::string key(1, static_cast<char>(OrganisationKind::kCooperative));
  AppendBigEndian(key, cooperative.id.value(), 4);
  return key;
}

std::string OrganisationKey(const Branch& branch) {
  std::string key(1, static_cast<char>(OrganisationKind::kBranch));
  AppendBigEndian(key, branch.cooperative.value(), 4);
  AppendBigEndian(key, branch.id.value(), 2);
  return key;
}

std::string OrganisationKey(const Terminal& terminal) {
  std::string key(1, static_cast<char>(OrganisationKind::kTerminal));
  AppendBigEndian(key, terminal.cooperative.value(), 4);
  AppendBigEndian(key, terminal.id.value(), 2);
  return key;
}

std::string EncodeImage(const Cooperative& c) {
  std::string value;
  Writer(value) << kImageVersion << c.id.value() << c.zone_minutes << c.policy.vat_basis_points
                << c.policy.platform_fee_basis_points << c.policy.mdr_basis_points << uint16_t{0}
                << c.policy.mdr_free_up_to.value() << c.policy.transfer_fee.value()
                << c.opened_sequence.value() << c.changed_sequence.value() << c.opened_at.value();
  return value + c.name;
}

std::string EncodeImage(const Branch& b) {
  std::string value;
  Writer(value) << kImageVersion << b.cooperative.value() << b.id.value()
                << b.opened_sequence.value() << b.opened_at.value();
  return value + b.name;
}

std::string EncodeImage(const Terminal& t) {
  std::string value;
  Writer(value) << kImageVersion << t.cooperative.value() << t.branch.value() << t.id.value()
                << t.opened_sequence.value() << t.opened_at.value();
  return value + t.name;
}

bool DecodeImage(std::string_view value, Cooperative& c) {
  Reader reader(value);
  const bool known = reader.Read<char>() == kImageVersion;
  reader.ReadInto(c.id);
  c.zone_minutes = reader.Read<int16_t>();
  c.policy.vat_basis_points = reader.Read<uint16_t>();
  c.policy.platform_fee_basis_points = reader.Read<uint16_t>();
  c.policy.mdr_basis_points = reader.Read<uint16_t>();
  const bool zero = reader.Read<uint16_t>() == 0;
  reader.ReadInto(c.policy.mdr_free_up_to);
  reader.ReadInto(c.policy.transfer_fee);
  reader.ReadInto(c.opened_sequence);
  reader.ReadInto(c.changed_sequence);
  reader.ReadInto(c.opened_at);
  c.name = std::string(reader.rest());
  return known && zero && !reader.failed() && IsPossible(c.id) && IsPossible(c.policy) &&
         c.name.size() <= kMaxNameBytes;
}

bool DecodeImage(std::string_view value, Branch& b) {
  Reader reader(value);
  const bool known = reader.Read<char>() == kImageVersion;
  reader.ReadInto(b.cooperative);
  reader.ReadInto(b.id);
  reader.ReadInto(b.opened_sequence);
  reader.ReadInto(b.opened_at);
  b.name = std::string(reader.rest());
  return known && !reader.failed() && IsPossible(b.cooperative) && b.id.value() != 0 &&
         b.name.size() <= kMaxNameBytes;
}

bool DecodeImage(std::string_view value, Terminal& t) {
  Reader reader(value);
  const bool known = reader.Read<char>() == kImageVersion;
  reader.ReadInto(t.cooperative);
  reader.ReadInto(t.branch);
  reader.ReadInto(t.id);
  reader.ReadInto(t.opened_sequence);
  reader.ReadInto(t.opened_at);
  t.name = std::string(reader.rest());
  return known && !reader.failed() && IsPossible(t.cooperative) && t.branch.value() != 0 &&
         t.id.value() != 0 && t.name.size() <= kMaxNameBytes;
}

IdKey KeyOf(const TransactionId& id) {
  const uint64_t halves[2] = {__builtin_bswap64(id.high), __builtin_bswap64(id.low)};
  return std::bit_cast<IdKey>(halves);
}

IdValue EncodeIdRecord(const IdRecord& record) {
  IdValue value;
  std::memcpy(value.data(), &record.sequence, 8);
  std::memcpy(value.data() + 8, &record.outcome, 2);
  std::memcpy(value.data() + 10, &record.fingerprint, 8);
  return value;
}

bool DecodeIdRecord(std::string_view value, IdRecord& record) {
  Reader reader(value);
  reader.ReadInto(record.sequence);
  record.outcome = static_cast<Outcome>(reader.Read<uint16_t>());
  record.fingerprint = reader.Read<uint64_t>();
  const bool recorded = record.outcome == Outcome::kAccepted ||
                        (IsDeclined(record.outcome) && !Explain(record.outcome).empty());
  return !reader.failed() && reader.rest().empty() && record.sequence != kNoSequence && recorded;
}

}  // namespace lumbung
