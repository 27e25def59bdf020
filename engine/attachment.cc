// The grammar stands in attachment.h.
#include "engine/attachment.h"

#include <bit>
#include <cstring>

#include "engine/check.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they stand");

enum Tag : uint8_t {
  kText = 1,
  kRelated = 2,
  kName = 3,
  kLimits = 4,
  kAsset = 5,
  kZone = 6,
  kPolicy = 7,
  kStatus = 8,
  kRefundOf = 9,
};

constexpr size_t kTagBytes = 2;
constexpr size_t kRelatedBytes = 16;
constexpr size_t kLimitsBytes = 32;
constexpr size_t kAssetBytes = 2;
constexpr size_t kZoneBytes = 2;
constexpr size_t kPolicyBytes = 24;
constexpr size_t kStatusBytes = 1;
constexpr size_t kRefundOfBytes = 8;

// Writes fields one after the other.
class Writer {
 public:
  explicit Writer(std::span<std::byte> out) : out_(out) {}

  void Head(Tag tag, size_t length) {
    Put(static_cast<uint8_t>(tag));
    Put(static_cast<uint8_t>(length));
  }
  template <typename T>
  void Put(T value) {
    Bytes(&value, sizeof(value));
  }
  void Bytes(const void* data, size_t size) {
    LUMBUNG_CHECK(size <= out_.size());
    std::memcpy(out_.data(), data, size);
    out_ = out_.subspan(size);
  }
  bool full() const { return out_.empty(); }

 private:
  std::span<std::byte> out_;
};

// Reads numbers one after the other. REQUIRES: enough bytes.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> in) : in_(in) {}

  template <typename T>
  T Take() {
    T value;
    LUMBUNG_CHECK(sizeof(T) <= in_.size());
    std::memcpy(&value, in_.data(), sizeof(T));
    in_ = in_.subspan(sizeof(T));
    return value;
  }

 private:
  std::span<const std::byte> in_;
};

std::string_view AsText(std::span<const std::byte> value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

Limits ReadLimits(std::span<const std::byte> value) {
  Reader reader(value);
  Limits limits;
  limits.floor = Amount{reader.Take<int64_t>()};
  limits.ceiling = Amount{reader.Take<int64_t>()};
  limits.per_transaction = Amount{reader.Take<int64_t>()};
  limits.per_day = Amount{reader.Take<int64_t>()};
  return limits;
}

// Nothing if the two bytes between are not 0.
std::optional<Policy> ReadPolicy(std::span<const std::byte> value) {
  Reader reader(value);
  Policy policy;
  policy.vat_basis_points = reader.Take<uint16_t>();
  policy.platform_fee_basis_points = reader.Take<uint16_t>();
  policy.mdr_basis_points = reader.Take<uint16_t>();
  if (reader.Take<uint16_t>() != 0) return std::nullopt;
  policy.mdr_free_up_to = Amount{reader.Take<int64_t>()};
  policy.transfer_fee = Amount{reader.Take<int64_t>()};
  return policy;
}

// Whether the field was of a known tag and the right length.
bool ReadField(uint8_t tag, std::span<const std::byte> value, Attachment& attachment) {
  const size_t size = value.size();
  switch (tag) {
    case kText:
      attachment.text = AsText(value);
      return size >= 1 && size <= kMaxTextBytes;
    case kRelated: {
      if (size != kRelatedBytes) return false;
      Reader reader(value);
      const uint64_t high = reader.Take<uint64_t>();
      attachment.related = TransactionId{.high = high, .low = reader.Take<uint64_t>()};
      return true;
    }
    case kName:
      attachment.name = AsText(value);
      return size >= 1 && size <= kMaxNameBytes;
    case kLimits:
      if (size != kLimitsBytes) return false;
      attachment.limits = ReadLimits(value);
      return true;
    case kAsset:
      if (size != kAssetBytes) return false;
      attachment.asset = AssetCode{Reader(value).Take<uint16_t>()};
      return true;
    case kZone:
      if (size != kZoneBytes) return false;
      attachment.zone_minutes = Reader(value).Take<int16_t>();
      return true;
    case kPolicy:
      if (size != kPolicyBytes) return false;
      attachment.policy = ReadPolicy(value);
      return attachment.policy.has_value();
    case kStatus: {
      if (size != kStatusBytes) return false;
      const uint8_t status = Reader(value).Take<uint8_t>();
      if (status > static_cast<uint8_t>(AccountStatus::kClosed)) return false;
      attachment.status = static_cast<AccountStatus>(status);
      return true;
    }
    case kRefundOf:
      if (size != kRefundOfBytes) return false;
      attachment.refund_of = Sequence{Reader(value).Take<uint64_t>()};
      return true;
  }
  return false;
}

void WriteSettings(const Attachment& attachment, Writer& writer) {
  if (attachment.limits) {
    writer.Head(kLimits, kLimitsBytes);
    writer.Put(attachment.limits->floor.value());
    writer.Put(attachment.limits->ceiling.value());
    writer.Put(attachment.limits->per_transaction.value());
    writer.Put(attachment.limits->per_day.value());
  }
  if (attachment.asset) {
    writer.Head(kAsset, kAssetBytes);
    writer.Put(attachment.asset->value());
  }
  if (attachment.zone_minutes) {
    writer.Head(kZone, kZoneBytes);
    writer.Put(*attachment.zone_minutes);
  }
  if (attachment.policy) {
    writer.Head(kPolicy, kPolicyBytes);
    writer.Put(attachment.policy->vat_basis_points);
    writer.Put(attachment.policy->platform_fee_basis_points);
    writer.Put(attachment.policy->mdr_basis_points);
    writer.Put(uint16_t{0});
    writer.Put(attachment.policy->mdr_free_up_to.value());
    writer.Put(attachment.policy->transfer_fee.value());
  }
  if (attachment.status) {
    writer.Head(kStatus, kStatusBytes);
    writer.Put(static_cast<uint8_t>(*attachment.status));
  }
}

}  // namespace

size_t Attachment::EncodedSize() const {
  size_t size = 0;
  if (!text.empty()) size += kTagBytes + text.size();
  if (related) size += kTagBytes + kRelatedBytes;
  if (!name.empty()) size += kTagBytes + name.size();
  if (limits) size += kTagBytes + kLimitsBytes;
  if (asset) size += kTagBytes + kAssetBytes;
  if (zone_minutes) size += kTagBytes + kZoneBytes;
  if (policy) size += kTagBytes + kPolicyBytes;
  if (status) size += kTagBytes + kStatusBytes;
  if (refund_of) size += kTagBytes + kRefundOfBytes;
  return size;
}

void Attachment::Encode(std::span<std::byte> out) const {
  Writer writer(out);
  if (!text.empty()) {
    writer.Head(kText, text.size());
    writer.Bytes(text.data(), text.size());
  }
  if (related) {
    writer.Head(kRelated, kRelatedBytes);
    writer.Put(related->high);
    writer.Put(related->low);
  }
  if (!name.empty()) {
    writer.Head(kName, name.size());
    writer.Bytes(name.data(), name.size());
  }
  WriteSettings(*this, writer);
  if (refund_of) {
    writer.Head(kRefundOf, kRefundOfBytes);
    writer.Put(refund_of->value());
  }
  LUMBUNG_CHECK(writer.full());
}

std::optional<Attachment> Attachment::Decode(std::span<const std::byte> bytes) {
  Attachment attachment;
  uint8_t last_tag = 0;
  while (!bytes.empty()) {
    if (bytes.size() < kTagBytes) return std::nullopt;
    const uint8_t tag = static_cast<uint8_t>(bytes[0]);
    const size_t length = static_cast<size_t>(bytes[1]);
    if (tag <= last_tag || length > bytes.size() - kTagBytes) return std::nullopt;
    if (!ReadField(tag, bytes.subspan(kTagBytes, length), attachment)) return std::nullopt;
    last_tag = tag;
    bytes = bytes.subspan(kTagBytes + length);
  }
  return attachment;
}

}  // namespace lumbung
