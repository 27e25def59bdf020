// The variable part of a transaction or fact, next to the entries of its block and covered by the
// same hashes. A sequence of fields, each
//
//   tag (1 byte) ‖ length (1 byte) ‖ value (length bytes)
//
// in ascending order of tags, each at most once. Numbers are little endian.
//
//   1 text      the caller's reference text, 1 … 64 bytes
//   2 related   16 bytes: the id of the hold or original that the client named, or of the hold that
//               expired (high, low)
//   3 name      of a cooperative, branch or terminal, 1 … 64 bytes
//   4 limits    32 bytes: floor, ceiling, per transaction, per day
//   5 asset     2 bytes
//   6 zone      2 bytes: minutes east of UTC, signed
//   7 policy    24 bytes: vat, platform fee, MDR (2 bytes each), 2 bytes 0, then 8 bytes each:
//               MDR-free amount, transfer fee
//   8 status    1 byte: AccountStatus
//   9 refund of 8 bytes: of the reversal of a refund, the first entry of what was refunded
//
// A value type; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/command.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

struct Attachment {
  std::string_view text = {};
  std::optional<TransactionId> related = {};
  std::string_view name = {};
  std::optional<Limits> limits = {};
  std::optional<AssetCode> asset = {};
  std::optional<int16_t> zone_minutes = {};
  std::optional<Policy> policy = {};
  std::optional<AccountStatus> status = {};
  std::optional<Sequence> refund_of = {};

  // Bytes that Encode writes, at most kMaxAttachmentBytes.
  size_t EncodedSize() const;
  // REQUIRES: out.size() == EncodedSize().
  void Encode(std::span<std::byte> out) const;
  // The views point into `bytes`. Nothing if the bytes don't follow the grammar.
  static std::optional<Attachment> Decode(std::span<const std::byte> bytes);
};

}  // namespace lumbung
