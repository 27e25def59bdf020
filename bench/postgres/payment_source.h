// Payments as parameters of PostgreSQL's functions, in binary form, drawn as the load draws its
// plain transfers (bench/load/row_source.h). A few nanoseconds each, no allocation. Not
// thread-safe; each session has its own.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/postgres/session.h"
#include "bench/workload/id_maker.h"
#include "bench/workload/random.h"
#include "engine/types.h"

namespace lumbung {

struct PaymentPlan {
  uint32_t accounts = 0;     // 1 … accounts; at least 2
  uint32_t hot_percent = 0;  // of the payments credit the last account, which is locked last
  uint32_t batch = 1;        // payments in a call; 1: the function for one payment, else arrays
};

class PaymentSource {
 public:
  PaymentSource(const PaymentPlan& plan, uint64_t seed);
  // The parameters point to memory that moves along.
  PaymentSource(PaymentSource&&) = default;

  // Draws the payments of the next call, and returns the sum of their amounts in sen.
  int64_t Fill(Timestamp now);
  // id, debit, credit, amount of what was drawn last. Valid until the next Fill.
  const std::vector<PostgresParameter>& parameters() const { return parameters_; }

 private:
  static constexpr uint64_t kMostAmount = 10'000'000;  // sen

  // One parameter: a value, or an array with its header.
  struct Column {
    std::vector<char> bytes;
    size_t header = 0;  // before the first value
    size_t stride = 0;  // from one value to the next
  };

  void LayOut(Column& column, uint32_t type, uint32_t value_size);
  char* Value(Column& column, uint32_t row) {
    return column.bytes.data() + column.header + size_t{row} * column.stride;
  }

  const PaymentPlan plan_;
  Random random_;
  IdMaker ids_;
  Column id_, debit_, credit_, amount_;
  std::vector<PostgresParameter> parameters_;
};

}  // namespace lumbung
