// The binary form of an array of one dimension (array_send in PostgreSQL), all numbers big-endian:
//
//   int32 dimensions = 1, int32 has_nulls = 0, uint32 type,
//   int32 count, int32 first index = 1, then of each value: int32 size, bytes
#include "bench/postgres/payment_source.h"

#include <bit>
#include <cstring>

namespace lumbung {

namespace {

constexpr uint32_t kUuidType = 2950;  // pg_type.dat: the types' numbers are frozen
constexpr uint32_t kBigintType = 20;

static_assert(std::endian::native == std::endian::little);

void Put32(char* place, uint32_t value) {
  const uint32_t big_endian = __builtin_bswap32(value);
  std::memcpy(place, &big_endian, sizeof big_endian);
}
void Put64(char* place, uint64_t value) {
  const uint64_t big_endian = __builtin_bswap64(value);
  std::memcpy(place, &big_endian, sizeof big_endian);
}

}  // namespace

PaymentSource::PaymentSource(const PaymentPlan& plan, uint64_t seed)
    : plan_(plan), random_(seed), ids_(~seed) {
  LayOut(id_, kUuidType, 16);
  LayOut(debit_, kBigintType, 8);
  LayOut(credit_, kBigintType, 8);
  LayOut(amount_, kBigintType, 8);
  for (const Column* column : {&id_, &debit_, &credit_, &amount_}) {
    parameters_.push_back(
        {.bytes = column->bytes.data(), .size = static_cast<int>(column->bytes.size())});
  }
}

void PaymentSource::LayOut(Column& column, uint32_t type, uint32_t value_size) {
  constexpr size_t kArrayHeader = 20;
  constexpr size_t kSize = 4;
  if (plan_.batch == 1) {
    column = {.bytes = std::vector<char>(value_size), .header = 0, .stride = value_size};
    return;
  }
  column = {.bytes = std::vector<char>(kArrayHeader + plan_.batch * (kSize + value_size)),
            .header = kArrayHeader + kSize,
            .stride = kSize + value_size};
  char* const start = column.bytes.data();
  Put32(start, 1);
  Put32(start + 8, type);
  Put32(start + 12, plan_.batch);
  Put32(start + 16, 1);
  for (uint32_t row = 0; row < plan_.batch; ++row) Put32(Value(column, row) - kSize, value_size);
}

int64_t PaymentSource::Fill(Timestamp now) {
  int64_t sum = 0;
  for (uint32_t row = 0; row < plan_.batch; ++row) {
    const TransactionId id = ids_.Version7(now);
    const uint64_t drawn = random_.Next();
    const bool hot = drawn % 100 < plan_.hot_percent;
    const uint64_t credit = hot ? plan_.accounts - 1 : random_.Below(plan_.accounts);
    // Another one than the credit account.
    const uint64_t debit = (credit + 1 + random_.Below(plan_.accounts - 1)) % plan_.accounts;
    const uint64_t amount = 1 + (drawn >> 32) % kMostAmount;
    Put64(Value(id_, row), id.high);
    Put64(Value(id_, row) + 8, id.low);
    Put64(Value(debit_, row), 1 + debit);
    Put64(Value(credit_, row), 1 + credit);
    Put64(Value(amount_, row), amount);
    sum += static_cast<int64_t>(amount);
  }
  return sum;
}

}  // namespace lumbung
