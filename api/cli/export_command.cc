// export: the ledger as a portable file, or a cooperative's books for people and other programs.
#include <fmt/format.h>
#include <array>
#include <utility>

#include "api/cli/command_line.h"
#include "api/cli/cooperative_book.h"
#include "api/cli/format.h"
#include "api/cli/ledger_option.h"
#include "api/cli/output_file.h"
#include "api/cli/parsed_option.h"
#include "api/cli/table.h"
#include "storage/block_chain.h"
#include "storage/segment_file.h"
#include "storage/transparency/checkpoint.h"

namespace lumbung::cli {
namespace {

struct Format {
  std::string_view name;
  std::unique_ptr<BookForm> (*make)();  // null: a segment
};
constexpr auto kFormats = std::to_array<Format>({{"segment", nullptr},
                                                 {"csv", MakeCsvForm},
                                                 {"jsonl", MakeJsonLinesForm},
                                                 {"hledger", MakeHledgerForm},
                                                 {"beancount", MakeBeancountForm}});

absl::StatusOr<Format> ParseFormat(std::string_view text) {
  for (const Format& format : kFormats) {
    if (format.name == text) return format;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}': expected segment, csv, jsonl, hledger or beancount", text));
}

struct ExportOptions {
  LedgerOption ledger;
  std::string to;
  Format format = kFormats[0];
  std::optional<uint64_t> from;
  std::optional<uint64_t> up_to;
  std::optional<CooperativeId> cooperative;
  std::optional<When> since;
  std::optional<When> until;
  std::optional<Language> language;
};

// Options that belong to the other half of the formats.
absl::Status CheckOptions(const ExportOptions& options) {
  if (options.format.make == nullptr) {
    if (options.to.empty()) return absl::InvalidArgumentError("--to: name the file to be written");
    if (options.cooperative || options.since || options.until || options.language) {
      return absl::InvalidArgumentError(
          "a segment has whole blocks of all cooperatives: --cooperative, --since, --until and "
          "--language are for the other formats (--format csv, jsonl, hledger, beancount)");
    }
    if (options.from && options.up_to && *options.up_to < *options.from) {
      return absl::InvalidArgumentError("--up-to: expected at least the sequence of --from");
    }
    return absl::OkStatus();
  }
  if (!options.cooperative) {
    return absl::InvalidArgumentError(fmt::format(
        "--cooperative: --format {} writes the books of one: name it", options.format.name));
  }
  if (options.from || options.up_to) {
    return absl::InvalidArgumentError(
        "--from and --up-to are sequences and belong to a segment; a period is --since and "
        "--until");
  }
  return absl::OkStatus();
}

// Copies the blocks that are asked for. NOT_FOUND if there are none.
absl::Status CopyBlocks(const OpenedLedger& ledger, const ExportOptions& options,
                        SegmentWriter& writer) {
  const Sequence from{options.from.value_or(ledger.first.value())};
  const Sequence up_to{options.up_to.value_or(ledger.source->last().value())};
  if (from > ledger.source->last()) {
    return absl::NotFoundError(ledger.source->last() == kNoSequence
                                   ? fmt::format("{} has no entries", ledger.name)
                                   : fmt::format("--from {}: {} ends with sequence {}",
                                                 from.value(), ledger.name,
                                                 ledger.source->last().value()));
  }
  if (up_to > ledger.source->last()) {
    return absl::NotFoundError(fmt::format("--up-to {}: {} ends with sequence {}", up_to.value(),
                                           ledger.name, ledger.source->last().value()));
  }
  absl::Status written;
  const absl::Status read =
      ledger.source->StreamBlocks(from, [&](const std::shared_ptr<const StoredBlock>& block) {
        written = writer.Add(*block);
        return written.ok() && LastOf(*block) < up_to;
      });
  return read.ok() ? written : read;
}

// The checkpoint if it is about a tree that the segment reaches, else nothing.
std::string CheckpointFor(const std::string& note, Sequence last) {
  const auto text = note.substr(0, note.find("\n\n") + 1);
  const auto checkpoint = Checkpoint::Parse(text);
  if (!checkpoint.ok() || checkpoint->size > last.value()) return "";
  return note.size() <= SegmentWriter::kMostCheckpointBytes ? note : "";
}

Json ToJson(const SegmentSummary& summary, const std::string& path) {
  Json json;
  json["file"] = path;
  json["first_sequence"] = summary.first.value();
  json["last_sequence"] = summary.last.value();
  json["blocks"] = summary.blocks;
  json["bytes"] = summary.bytes;
  json["last_hash"] = FormatHash(summary.last_hash);
  json["checkpoint"] = summary.checkpoint.empty() ? Json(nullptr) : Json(summary.checkpoint);
  return json;
}

ExitCode ExportSegment(const OpenedLedger& ledger, const ExportOptions& options, Session& session) {
  auto writer = SegmentWriter::Create(options.to);
  if (!writer.ok()) return FailReading(writer.status(), options.to, session);
  const absl::Status copied = CopyBlocks(ledger, options, **writer);
  if (!copied.ok()) return FailReading(copied, ledger.name, session);
  const auto summary = (*writer)->Finish(CheckpointFor(ledger.checkpoint, (*writer)->last()));
  if (!summary.ok()) return FailReading(summary.status(), options.to, session);
  if (session.json()) {
    session.PrintJson(ToJson(*summary, options.to));
  } else {
    session.Print(FormatFields(
        {{"file", options.to},
         {"entries", fmt::format("{} to {}", FormatCount(summary->first.value()),
                                 FormatCount(summary->last.value()))},
         {"blocks", FormatCount(summary->blocks)},
         {"size", FormatCount(summary->bytes) + " bytes"},
         {"last hash", FormatHash(summary->last_hash)},
         {"checkpoint", summary->checkpoint.empty() ? "none" : "the newest signed one is in it"}}));
  }
  return ExitCode::kOk;
}

ExitCode ExportBook(const OpenedLedger& ledger, const ExportOptions& options, Session& session) {
  auto output = OutputFile::Create(options.to);
  if (!output.ok()) return FailReading(output.status(), options.to, session);
  const BookRequest request{.cooperative = *options.cooperative,
                            .since = options.since,
                            .until = options.until,
                            .language = options.language.value_or(Language::kIndonesian)};
  const std::unique_ptr<BookForm> form = options.format.make();
  absl::Status status = WriteBook(*ledger.source, request, *form,
                                  [&](std::string_view piece) { return (*output)->Write(piece); });
  if (status.ok()) status = (*output)->Finish();
  if (absl::IsNotFound(status)) {
    return session.Fail(
        Failure{ExitCode::kNotFound, std::string(status.message()),
                "Check its number; lumbung cooperative list shows which are open."});
  }
  if (!status.ok()) return FailReading(status, ledger.name, session);
  return ExitCode::kOk;
}

ExitCode Export(const ExportOptions& options, Session& session) {
  if (const absl::Status status = CheckOptions(options); !status.ok()) {
    return session.FailUsage(status);
  }
  ExitCode code = ExitCode::kOk;
  const bool segment = options.format.make == nullptr;
  const std::optional<OpenedLedger> ledger = segment
                                                 ? OpenLedger(options.ledger, session, code)
                                                 : OpenWholeLedger(options.ledger, session, code);
  if (!ledger) return code;
  return segment ? ExportSegment(*ledger, options, session) : ExportBook(*ledger, options, session);
}

}  // namespace

void AddExportCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "export",
       .description = "The ledger as a portable file, or a cooperative's books as CSV, JSON lines, "
                      "hledger or beancount",
       .example = "export --to 2026-11.segment\n"
                  "  lumbung export --format hledger --cooperative 1024 --since 2026-11-01 "
                  "--until 2026-11-30"},
      line.root(), &Export);
  AddLedgerOption(app, options.ledger);
  app.add_option("--to", options.to, "A file that is not there yet; books: else standard output")
      ->type_name("FILE");
  AddParsed(app, "--format", options.format, ParseFormat, "segment, csv, jsonl, hledger, beancount")
      ->type_name("FORMAT")
      ->default_str("segment");
  AddParsed(app, "--from", options.from, ParseWhole<uint64_t, 1>,
            "Segment: from the block that has this sequence on")
      ->type_name("SEQUENCE");
  AddParsed(app, "--up-to", options.up_to, ParseWhole<uint64_t, 1>,
            "Segment: up to the block that has this sequence")
      ->type_name("SEQUENCE");
  AddParsed(app, "--cooperative", options.cooperative, ParseCooperative, "Whose books")
      ->type_name("COOPERATIVE");
  AddParsed(app, "--since", options.since, ParseWhen, "Books: from a day's start or a moment on")
      ->type_name("TIME");
  AddParsed(app, "--until", options.until, ParseWhen, "Books: up to a day's end, before a moment")
      ->type_name("TIME");
  AddParsed(app, "--language", options.language, ParseLanguage, "Of the names in books: id or en")
      ->type_name("LANGUAGE")
      ->default_str("id");
}

}  // namespace lumbung::cli
