// Sets up the cooperatives of a region: the organisation, the members' accounts, opening balances,
// limits and frozen wallets. Repeatable: what is there already stays as it is.
#pragma once

#include <chrono>
#include <vector>

#include "absl/status/status.h"
#include "bench/day/record_book.h"
#include "bench/day/record_file.h"
#include "bench/day/transport.h"
#include "bench/workload/expected_books.h"
#include "bench/workload/region.h"

namespace lumbung {

class SetUp {
 public:
  // All must outlive it. `known` is what the record said when the client started.
  SetUp(Transport& transport, RecordFile& record, const RecordBook& known,
        std::chrono::seconds reconnect)
      : transport_(transport), record_(record), known_(known), reconnect_(reconnect) {}

  absl::Status Open(const CooperativePlan& plan);
  // Fills the expected books with the server's balances.
  absl::Status ReadBalances(const CooperativePlan& plan, ExpectedBooks& books);

 private:
  absl::Status OpenOrganisation(const CooperativePlan& plan);
  absl::Status OpenMembers(const CooperativePlan& plan);
  absl::Status OpenLoans(const CooperativePlan& plan);
  absl::Status PostOpenings(const CooperativePlan& plan);
  absl::Status SetLimitsAndStatus(const CooperativePlan& plan);

  Transport& transport_;
  RecordFile& record_;
  const RecordBook& known_;
  const std::chrono::seconds reconnect_;
};

}  // namespace lumbung
