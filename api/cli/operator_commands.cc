// status, backup, id: for the operator.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/new_id.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

struct StatusOptions {
  bool state_hash = false;
};

void PrintStatus(Session& session, const v1::GetStatusReply& reply, const std::string& hash) {
  session.Print(FormatFields({{"version", reply.version()},
                              {"data folder", reply.data_folder()},
                              {"uptime", FormatDuration(reply.uptime_ns())},
                              {"last sequence", FormatCount(reply.last_sequence())},
                              {"last entry", FormatTime(Timestamp{reply.last_timestamp_ns()}, 0)},
                              {"state hash", hash},
                              {"cooperatives", FormatCount(reply.cooperatives())},
                              {"accounts", FormatCount(reply.accounts())},
                              {"open holds", FormatCount(reply.open_holds())},
                              {"checkpoint", FormatCount(reply.checkpoint_sequence())},
                              {"ids in window", FormatCount(reply.id_window_size())},
                              {"id generations", FormatCount(reply.id_generations())},
                              {"synced writes", FormatCount(reply.synced_writes())},
                              {"tree", FormatCount(reply.tree_size()) + " entries"},
                              {"signed", FormatCount(reply.signed_tree_size()) + " entries"},
                              {"disk", FormatCount(reply.disk_bytes()) + " bytes"}}));
  Table cursors({{"claimed", Align::kRight},
                 {"published", Align::kRight},
                 {"applied", Align::kRight},
                 {"durable", Align::kRight},
                 {"replied", Align::kRight},
                 {"ring slots", Align::kRight}});
  cursors.AddRow({FormatCount(reply.claimed()), FormatCount(reply.published()),
                  FormatCount(reply.applied()), FormatCount(reply.durable()),
                  FormatCount(reply.replied()), FormatCount(reply.ring_slots())});
  session.Print("\n" + cursors.ToString());
}

ExitCode Status(const StatusOptions& options, Session& session) {
  v1::GetStatusRequest request;
  request.set_state_hash(options.state_hash);
  v1::GetStatusReply reply;
  const CallEnd end = session.client().Call(&v1::AdminService::Stub::GetStatus, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  const Json json = ToJson(reply);
  if (session.json()) {
    session.PrintJson(json);
  } else {
    const Json& hash = json["state_hash"];
    PrintStatus(session, reply, hash.is_null() ? "" : hash.get<std::string>());
  }
  return session.Written();
}

struct BackupOptions {
  std::string folder;
};

ExitCode FailBackup(const CallEnd& end, Session& session) {
  switch (end.status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return session.Fail(Failure{
          ExitCode::kOutcomeUnknown,
          session.client().server() + " did not answer in time, and goes on with the backup.",
          "Run the same command again: it tells whether the backup is still under way, or whether "
          "it came to its end and left a ledger in the folder."});
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return session.Fail(Failure{ExitCode::kNotTaken, "Not begun: " + end.status.error_message(),
                                  "Run the command again."});
    default:
      // Run again it does no harm: the server takes no folder that is there.
      return session.Fail(end, kRepeatable);
  }
}

ExitCode Backup(const BackupOptions& options, Session& session) {
  v1::BackupRequest request;
  request.set_folder(options.folder);
  v1::BackupReply reply;
  const CallEnd end = session.client().CallForLong(&v1::AdminService::Stub::Backup, request, reply);
  if (!end.ok()) return FailBackup(end, session);
  if (session.json()) {
    Json json;
    json["folder"] = options.folder;
    json["last_sequence"] = reply.last_sequence();
    json["bytes"] = reply.bytes();
    session.PrintJson(json);
  } else {
    session.Print(FormatFields({{"folder", options.folder},
                                {"last sequence", FormatCount(reply.last_sequence())},
                                {"size", FormatCount(reply.bytes()) + " bytes"}}));
  }
  return ExitCode::kOk;
}

struct IdOptions {};

ExitCode PrintNewId(const IdOptions&, Session& session) {
  const std::string id = NewTransactionId().ToString();
  if (session.json()) {
    Json json;
    json["id"] = id;
    session.PrintJson(json);
  } else {
    session.Print(id + "\n");
  }
  return session.Written();
}

}  // namespace

void AddOperatorCommands(CommandLine& line) {
  {
    auto [app, options] = line.Add(
        {.name = "status",
         .description = "The server's state: cursors, sizes; the hash of the books if asked for",
         .example = "status --state-hash"},
        line.root(), &Status);
    app.add_flag("--state-hash", options.state_hash,
                 "Also the hash of the books. Payments wait for it: about 0.2 µs an account, so 2 "
                 "seconds at 10 million");
  }
  {
    auto [app, options] = line.Add(
        {.name = "backup",
         .description =
             "Copies the ledger and what was signed about it, while payments go on, into a new "
             "folder of the server",
         .example = "backup /var/backups/lumbung/2026-11-24"},
        line.root(), &Backup);
    app.add_option("folder", options.folder, "Absolute path that does not exist yet")
        ->type_name("FOLDER")
        ->required();
  }
  line.Add({.name = "id",
            .description = "Makes a new id (UUIDv7) for a transaction to be sent later",
            .example = "id"},
           line.root(), &PrintNewId);
}

}  // namespace lumbung::cli
