#include "bench/postgres/session.h"

#include <array>

namespace lumbung {

absl::Status PostgresSession::Failed(const char* what) const {
  return absl::InternalError(std::string("PostgreSQL, ") + what + ": " +
                             PQerrorMessage(connection_.get()));
}

absl::StatusOr<PostgresSession> PostgresSession::Connect(const std::string& socket_folder) {
  constexpr std::array<const char*, 4> kKeys = {"host", "user", "dbname", nullptr};
  const std::array<const char*, 4> values = {socket_folder.c_str(), "lumbung", "postgres", nullptr};
  PostgresSession session(PQconnectdbParams(kKeys.data(), values.data(), 0));
  if (PQstatus(session.connection_.get()) != CONNECTION_OK) {
    return absl::UnavailableError(std::string("PostgreSQL takes no connection: ") +
                                  PQerrorMessage(session.connection_.get()));
  }
  return session;
}

absl::Status PostgresSession::Run(const std::string& sql) {
  const PostgresResult result(PQexec(connection_.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return Failed("running a statement");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PostgresSession::Row(const std::string& sql) {
  const PostgresResult result(PQexec(connection_.get(), sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK || PQntuples(result.get()) != 1) {
    return Failed("asking for a row");
  }
  std::vector<std::string> columns;
  for (int column = 0; column < PQnfields(result.get()); ++column) {
    columns.emplace_back(PQgetvalue(result.get(), 0, column));
  }
  return columns;
}

absl::Status PostgresSession::Prepare(const std::string& name, const std::string& sql) {
  const PostgresResult result(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return Failed("preparing a statement");
  return absl::OkStatus();
}

absl::Status PostgresSession::Send(const std::string& name,
                                   const std::vector<PostgresParameter>& parameters) {
  constexpr size_t kMost = 8;
  std::array<const char*, kMost> values{};
  std::array<int, kMost> sizes{};
  std::array<int, kMost> formats{};
  if (parameters.size() > kMost) return absl::InvalidArgumentError("too many parameters");
  for (size_t i = 0; i < parameters.size(); ++i) {
    values[i] = parameters[i].bytes;
    sizes[i] = parameters[i].size;
    formats[i] = 1;
  }
  constexpr int kBinary = 1;
  if (PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(parameters.size()),
                          values.data(), sizes.data(), formats.data(), kBinary) != 1) {
    return Failed("sending");
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PostgresSession::Arrived() {
  if (PQconsumeInput(connection_.get()) != 1) return Failed("receiving");
  return PQisBusy(connection_.get()) == 0;
}

absl::StatusOr<PostgresResult> PostgresSession::Take() {
  PostgresResult result(PQgetResult(connection_.get()));
  // The end of the answer: without it the next can't be sent.
  while (PGresult* const more = PQgetResult(connection_.get())) PQclear(more);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK || PQntuples(result.get()) != 1) {
    return Failed("a payment");
  }
  return result;
}

}  // namespace lumbung
