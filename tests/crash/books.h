// The server's books from outside: opens what the clients pay with, and reads everything at the
// end. Each call connects anew and waits for its answer; an error says what was being done. Any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// The cooperatives and wallets of payment_maker.h. Wallets have a limit of one transaction,
// every fourth one of a day too.
absl::Status OpenBooks(const std::string& address);

// All entries from this sequence on.
absl::Status ReadLedger(const std::string& address, uint64_t from_sequence,
                        const std::function<void(const v1::Entry&)>& visit);
// All accounts of the cooperatives. NOT_FOUND if one of these is not open.
absl::StatusOr<std::vector<v1::Account>> ListBooks(const std::string& address);
// SHA-256 of the server's whole state, and the last entry that it contains.
struct HashedState {
  uint64_t last_sequence = 0;
  std::string hash;
};
absl::StatusOr<HashedState> HashState(const std::string& address);

}  // namespace lumbung
