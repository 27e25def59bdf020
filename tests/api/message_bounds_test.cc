// The look at a message's bytes before they are parsed, on messages of the API and on broken ones.
#include "api/server/message_bounds.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {
namespace {

constexpr MessageBounds kBounds{.rows = 20, .fields_of_row = 30};

// Looks at the bytes cut into slices of at most `slice` bytes, as they may arrive.
bool ExceedsInSlices(const std::string& bytes, size_t slice) {
  std::vector<grpc_slice> slices;
  for (size_t i = 0; i < bytes.size(); i += slice) {
    const std::string part = bytes.substr(i, slice);
    slices.push_back(grpc_slice_from_copied_buffer(part.data(), part.size()));
  }
  grpc_byte_buffer* const buffer = grpc_raw_byte_buffer_create(slices.data(), slices.size());
  const bool exceeds = Exceeds(*buffer, kBounds);
  grpc_byte_buffer_destroy(buffer);
  for (const grpc_slice& each : slices) grpc_slice_unref(each);
  return exceeds;
}

bool ExceedsAnyhow(const std::string& bytes) {
  const bool exceeds = ExceedsInSlices(bytes, bytes.size() + 1);
  for (const size_t slice : {1, 2, 3, 7, 64}) {
    EXPECT_EQ(ExceedsInSlices(bytes, slice), exceeds) << "in slices of " << slice;
  }
  return exceeds;
}

v1::Transaction Row() {
  v1::Transaction row;
  row.mutable_id()->set_high(1);
  row.set_kind(v1::KIND_PAYMENT);
  row.set_debit_account(uint64_t{7} << 40);
  row.set_amount(-1);
  row.set_text(std::string(60, 'x'));
  row.mutable_evidence()->set_branch(2);
  return row;
}

TEST(MessageBounds, TakeAsManyRowsAsTheySayAndNotOneMore) {
  v1::SubmitBatchRequest batch;
  for (size_t i = 0; i < kBounds.rows; ++i) *batch.add_transactions() = Row();
  EXPECT_FALSE(ExceedsAnyhow(batch.SerializeAsString()));
  batch.add_transactions();
  EXPECT_TRUE(ExceedsAnyhow(batch.SerializeAsString()));
}

TEST(MessageBounds, TakeAsManyFieldsOfARowAsTheySayAndNotOneMore) {
  v1::SubmitBatchRequest batch;
  *batch.add_transactions() = Row();
  v1::Transaction& row = *batch.add_transactions();
  row.set_text("x");
  for (size_t i = 1; i < kBounds.fields_of_row; ++i) row.add_further_legs()->set_amount(1);
  *batch.add_transactions() = Row();
  EXPECT_FALSE(ExceedsAnyhow(batch.SerializeAsString()));
  row.add_further_legs();
  EXPECT_TRUE(ExceedsAnyhow(batch.SerializeAsString()));
}

TEST(MessageBounds, CountEmptyRowsAndFieldsThatNobodyKnows) {
  std::string empty;
  for (size_t i = 0; i < kBounds.rows; ++i) empty.append("\x0a\x00", 2);
  EXPECT_FALSE(ExceedsAnyhow(empty));
  EXPECT_TRUE(ExceedsAnyhow(empty + std::string("\x0a\x00", 2)));
  // Varints, groups, eight and four bytes, of field 15.
  for (const std::string& unknown : {std::string("\x78\x05"), std::string("\x7b\x7c"),
                                     "\x79" + std::string(8, 'x'), "\x7d" + std::string(4, 'x')}) {
    std::string bytes;
    for (size_t i = 0; i <= kBounds.rows; ++i) bytes += unknown;
    EXPECT_TRUE(ExceedsAnyhow(bytes));
  }
}

TEST(MessageBounds, LeaveWhatIsCutOffToTheParser) {
  v1::SubmitBatchRequest batch;
  for (size_t i = 0; i < kBounds.rows; ++i) *batch.add_transactions() = Row();
  const std::string bytes = batch.SerializeAsString();
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_FALSE(ExceedsInSlices(bytes.substr(0, i), 64));
  // A length beyond the end, one that does not fit into any count, and a varint without an end.
  const std::string endless(90, '\xff');
  EXPECT_FALSE(ExceedsAnyhow("\x0a\x7f" + endless));
  EXPECT_FALSE(ExceedsAnyhow("\x0a" + std::string(9, '\xff') + '\x01' + endless));
  EXPECT_FALSE(ExceedsAnyhow(endless));
}

TEST(MessageBounds, EndOnAnyBytes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes(1 + random() % 300, 0);
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : 0x0a);
    ExceedsAnyhow(bytes);
  }
}

}  // namespace
}  // namespace lumbung
