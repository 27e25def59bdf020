// The state's hash:
//
//   SHA-256( sum (32 bytes, little endian) ‖ counts (6 × 8 bytes) ‖ last sequence (8 bytes) )
//
// where sum is the sum modulo 2^256 of the SHA-256 of each object, and an object is one byte that
// says what it is, then its bytes as below. A sum does not depend on the order of its parts, so
// neither does the hash on the order in which objects are kept.
#include <array>
#include <cstring>

#include "engine/sha256.h"
#include "engine/state.h"
#include "engine/state_data.h"

namespace lumbung {

namespace {

enum class ObjectKind : uint8_t {
  kAccount = 1,
  kHold = 2,
  kFollowUp = 3,
  kCooperative = 4,
  kBranch = 5,
  kTerminal = 6,
};

// A number of 256 bits that digests are added to.
class DigestSum {
 public:
  void Add(const Sha256Digest& digest) {
    uint64_t carry = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      uint64_t word;
      std::memcpy(&word, digest.data() + 8 * i, sizeof(word));
      const unsigned __int128 sum = static_cast<unsigned __int128>(words_[i]) + word + carry;
      words_[i] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
  }
  const std::array<uint64_t, 4>& words() const { return words_; }

 private:
  std::array<uint64_t, 4> words_{};
};

// The bytes of one object, put together in a buffer that is large enough for any.
class ObjectBytes {
 public:
  explicit ObjectBytes(ObjectKind kind) { Put(kind); }

  template <typename T>
  void Put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    Bytes(&value, sizeof(value));
  }
  void Text(std::string_view text) {
    Put(static_cast<uint8_t>(text.size()));
    Bytes(text.data(), text.size());
  }
  Sha256Digest Digest() const { return Sha256(std::as_bytes(std::span(buffer_).first(size_))); }

 private:
  void Bytes(const void* data, size_t size) {
    LUMBUNG_CHECK(size <= buffer_.size() - size_);
    std::memcpy(buffer_.data() + size_, data, size);
    size_ += size;
  }

  std::array<uint8_t, 256> buffer_;
  size_t size_ = 0;
};

// These have no padding, so that their bytes are their values.
static_assert(std::has_unique_object_representations_v<Account>);
static_assert(std::has_unique_object_representations_v<HoldRecord>);
static_assert(std::has_unique_object_representations_v<FollowUp>);

Sha256Digest DigestOf(const Account& account) {
  ObjectBytes bytes(ObjectKind::kAccount);
  bytes.Put(account);
  return bytes.Digest();
}

Sha256Digest DigestOf(const HoldRecord& hold) {
  ObjectBytes bytes(ObjectKind::kHold);
  bytes.Put(hold);
  return bytes.Digest();
}

Sha256Digest DigestOf(const FollowUp& follow_up) {
  ObjectBytes bytes(ObjectKind::kFollowUp);
  bytes.Put(follow_up);
  return bytes.Digest();
}

Sha256Digest DigestOf(const Cooperative& cooperative) {
  ObjectBytes bytes(ObjectKind::kCooperative);
  bytes.Put(cooperative.id);
  bytes.Put(cooperative.zone_minutes);
  bytes.Put(cooperative.policy.vat_basis_points);
  bytes.Put(cooperative.policy.platform_fee_basis_points);
  bytes.Put(cooperative.policy.mdr_basis_points);
  bytes.Put(cooperative.policy.mdr_free_up_to);
  bytes.Put(cooperative.policy.transfer_fee);
  bytes.Text(cooperative.name);
  bytes.Put(cooperative.opened_sequence);
  bytes.Put(cooperative.changed_sequence);
  bytes.Put(cooperative.opened_at);
  return bytes.Digest();
}

Sha256Digest DigestOf(const Branch& branch) {
  ObjectBytes bytes(ObjectKind::kBranch);
  bytes.Put(branch.cooperative);
  bytes.Put(branch.id);
  bytes.Text(branch.name);
  bytes.Put(branch.opened_sequence);
  bytes.Put(branch.opened_at);
  return bytes.Digest();
}

Sha256Digest DigestOf(const Terminal& terminal) {
  ObjectBytes bytes(ObjectKind::kTerminal);
  bytes.Put(terminal.cooperative);
  bytes.Put(terminal.branch);
  bytes.Put(terminal.id);
  bytes.Text(terminal.name);
  bytes.Put(terminal.opened_sequence);
  bytes.Put(terminal.opened_at);
  return bytes.Digest();
}

template <typename Record>
void AddAll(const RecordTable<Record>& table, DigestSum& sum) {
  for (size_t i = 0; i < table.size(); ++i) sum.Add(DigestOf(table.at(i)));
}

}  // namespace

StateHash State::Hash() const {
  DigestSum sum;
  AddAll(data_->accounts, sum);
  AddAll(data_->holds, sum);
  AddAll(data_->follow_ups, sum);
  AddAll(data_->cooperatives, sum);
  AddAll(data_->branches, sum);
  AddAll(data_->terminals, sum);
  const std::array<uint64_t, 11> whole = {sum.words()[0],
                                          sum.words()[1],
                                          sum.words()[2],
                                          sum.words()[3],
                                          data_->accounts.size(),
                                          data_->holds.size(),
                                          data_->follow_ups.size(),
                                          data_->cooperatives.size(),
                                          data_->branches.size(),
                                          data_->terminals.size(),
                                          data_->last_sequence.value()};
  return Sha256(std::as_bytes(std::span(whole)));
}

}  // namespace lumbung
