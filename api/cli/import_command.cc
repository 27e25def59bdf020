// import: a segment into a data folder that no server has open.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/ledger_option.h"
#include "api/cli/table.h"
#include "storage/segment_import.h"

namespace lumbung::cli {
namespace {

struct ImportOptions {
  std::string file;
  std::string data;
};

void Tell(const ImportReport& report, const ImportOptions& options, Session& session) {
  const uint64_t taken = report.last.value() - report.before.value();
  if (session.json()) {
    Json json;
    json["data_folder"] = options.data;
    json["entries"] = taken;
    json["resumed"] = report.resumed;
    json["last_sequence"] = report.last.value();
    json["state_hash"] = FormatHash(report.state_hash);
    return session.PrintJson(json);
  }
  session.Print(FormatFields({{"data folder", options.data},
                              {"entries", FormatCount(taken) + " taken in"},
                              {"last sequence", FormatCount(report.last.value())},
                              {"state hash", FormatHash(report.state_hash)}}));
}

ExitCode Import(const ImportOptions& options, Session& session) {
  const auto segment = SegmentFile::Open(options.file);
  if (!segment.ok()) return FailReading(segment.status(), options.file, session);
  const auto report = ImportSegment(**segment, options.data, [&](Sequence reached) {
    session.Note(fmt::format("replayed up to sequence {}", FormatCount(reached.value())));
  });
  if (!report.ok()) return FailReading(report.status(), options.file, session);
  Tell(*report, options, session);
  return ExitCode::kOk;
}

}  // namespace

void AddImportCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "import",
       .description = "Takes an exported segment into a new data folder, or one whose ledger ends "
                      "where the segment begins; replays it and shows the hash of the books",
       .example = "import 2026-11.segment --data /srv/lumbung-copy"},
      line.root(), &Import);
  app.add_option("file", options.file, "The segment")->type_name("FILE")->required();
  app.add_option("--data", options.data, "The data folder; no server may have it open")
      ->type_name("FOLDER")
      ->required();
}

}  // namespace lumbung::cli
