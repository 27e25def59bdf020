// A connection to PostgreSQL over its Unix socket. Errors are INTERNAL with the server's words. Not
// thread-safe.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, FreeResult>;

// A value in PostgreSQL's binary form.
struct PostgresParameter {
  const char* bytes = nullptr;
  int size = 0;
};

class PostgresSession {
 public:
  // As the superuser `lumbung`. UNAVAILABLE as long as the server does not take connections.
  static absl::StatusOr<PostgresSession> Connect(const std::string& socket_folder);

  // Any number of statements.
  absl::Status Run(const std::string& sql);
  // One statement with one row: its columns as text.
  absl::StatusOr<std::vector<std::string>> Row(const std::string& sql);

  absl::Status Prepare(const std::string& name, const std::string& sql);
  // Starts a prepared statement; results will be binary.
  absl::Status Send(const std::string& name, const std::vector<PostgresParameter>& parameters);
  // Reads what has arrived, without waiting. True: the result is complete, and Take won't wait.
  absl::StatusOr<bool> Arrived();
  // The result of what was sent, waited for if need be.
  absl::StatusOr<PostgresResult> Take();

  int socket() const { return PQsocket(connection_.get()); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  explicit PostgresSession(PGconn* connection) : connection_(connection) {}
  absl::Status Failed(const char* what) const;

  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace lumbung
