// Blocks with plausible entries, for tests of the stored forms.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/attachment.h"
#include "engine/block.h"

namespace lumbung {

// A transaction of one leg from 1.2101.5 to 1.4101.2, with the sequence's number as amount.
inline void AppendPayment(Block& block, std::string_view text) {
  Attachment attachment{.text = text};
  const uint64_t sequence = block.first().value() + block.count();
  const size_t bytes = text.empty() ? 0 : attachment.EncodedSize();
  Entry& entry = block.Append(1, bytes)[0];
  entry.id = {0x0190'0000'0000'7000 | sequence << 16, uint64_t{1} << 63 | sequence};
  entry.debit_account = AccountId::From({CooperativeId{1}, AccountCode{2101}, HolderNumber{5}});
  entry.credit_account = AccountId::From({CooperativeId{1}, AccountCode{4101}, HolderNumber{2}});
  entry.amount = Amount{static_cast<int64_t>(sequence)};
  entry.timestamp = Timestamp{1'700'000'000'000'000'000 + static_cast<int64_t>(sequence)};
  entry.kind = EntryKind::Of(Step::kPost, Purpose::kPayment);
  entry.outcome = Outcome::kAccepted;
  entry.leg_count = 1;
  entry.attachment_length = static_cast<uint16_t>(bytes);
  if (bytes != 0) attachment.Encode(block.LastAttachment());
}

inline std::unique_ptr<Block> MakeBlock(Sequence first, size_t payments,
                                        std::string_view text = "") {
  auto block = std::make_unique<Block>();
  block->Reset(first);
  for (size_t i = 0; i < payments; ++i) AppendPayment(*block, i % 3 == 0 ? text : "");
  block->Close();
  return block;
}

}  // namespace lumbung
