#include "api/cli/send.h"

#include <fmt/format.h>

#include "api/cli/entry_table.h"
#include "api/cli/new_id.h"
#include "api/cli/parsed_option.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

// The entries of the transaction whose first entry is `first`; shorter if they can't be read.
std::vector<v1::Entry> ReadLegs(Session& session, const v1::Entry& first) {
  std::vector<v1::Entry> legs = {first};
  for (uint32_t i = 1; i < first.leg_count(); ++i) {
    v1::GetEntryRequest request;
    request.set_sequence(first.sequence() + i);
    v1::Entry leg;
    if (!session.client().Call(&v1::LedgerService::Stub::GetEntry, request, leg).ok()) break;
    legs.push_back(std::move(leg));
  }
  return legs;
}

// What a person sees below the headline: where the transaction stands in the ledger. That reading
// it fails takes nothing from the result.
std::string RecordedLines(Session& session, TransactionId id, const v1::TransactionResult& result) {
  std::vector<Field> fields = {{"id", id.ToString()}};
  v1::GetEntryRequest request;
  request.set_sequence(result.sequence());
  v1::Entry first;
  const bool recorded =
      result.sequence() != 0 &&
      session.client().Call(&v1::LedgerService::Stub::GetEntry, request, first).ok();
  if (!recorded) return FormatFields(fields);

  const int16_t zone = session.ZoneForDisplay(CooperativeOf(first));
  fields.push_back({"sequence", fmt::format("{}", result.sequence())});
  fields.push_back({"time", FormatTime(Timestamp{first.timestamp_ns()}, zone)});
  std::string lines = FormatFields(fields);
  if (result.outcome() == v1::OUTCOME_ACCEPTED) {
    lines += "\n" + LegTable(ReadLegs(session, first)).ToString();
  }
  return lines;
}

}  // namespace

void AddSendOptions(CLI::App& app, SendOptions& options) {
  const std::string group = "Identity and evidence";
  AddParsed(app, "--id", options.id, ParseId,
            "The transaction's UUID, stored before sending; without it a new one is made")
      ->type_name("UUID")
      ->group(group);
  AddParsed(app, "--reference", options.reference, ParseWhole<uint64_t>, "Your number: bill, order")
      ->type_name("NUMBER")
      ->group(group);
  AddParsed(app, "--text", options.text, ParseText, "Your reference text, at most 64 bytes")
      ->type_name("TEXT")
      ->group(group);
  AddEvidenceOptions(app, group, options);
}

void AddEvidenceOptions(CLI::App& app, const std::string& group, SendOptions& options) {
  if (!app.get_option_no_throw("--branch")) {
    AddParsed(app, "--branch", options.branch, ParsePlace, "The branch where this happens")
        ->type_name("BRANCH")
        ->group(group);
  }
  AddParsed(app, "--terminal", options.terminal, ParsePlace, "The POS terminal, and its till")
      ->type_name("TERMINAL")
      ->group(group);
  AddParsed(app, "--operator", options.operator_id, ParseWhole<uint32_t>, "The cashier's number")
      ->type_name("NUMBER")
      ->group(group);
  AddParsed(app, "--terminal-sequence", options.terminal_sequence, ParseWhole<uint32_t>,
            "The terminal's own counter")
      ->type_name("NUMBER")
      ->group(group);
}

v1::Evidence EvidenceOf(const SendOptions& options) {
  v1::Evidence evidence;
  evidence.set_branch(options.branch ? options.branch->number : 0);
  evidence.set_terminal(options.terminal ? options.terminal->number : 0);
  evidence.set_operator_id(options.operator_id);
  evidence.set_terminal_sequence(options.terminal_sequence);
  return evidence;
}

absl::Status CheckEvidence(const SendOptions& options) {
  const auto branch = CooperativeOf(options.branch);
  const auto terminal = CooperativeOf(options.terminal);
  if (!branch || !terminal) return absl::OkStatus();
  return OneCooperative({branch, terminal}).status();
}

absl::StatusOr<CooperativeId> OneCooperative(
    std::initializer_list<std::optional<CooperativeId>> named) {
  std::optional<CooperativeId> one;
  for (const std::optional<CooperativeId>& cooperative : named) {
    if (!cooperative) continue;
    if (one && *one != *cooperative) {
      return absl::InvalidArgumentError(
          fmt::format("two cooperatives are named, {} and {}, where one is meant", one->value(),
                      cooperative->value()));
    }
    one = cooperative;
  }
  if (!one) {
    return absl::InvalidArgumentError(
        "no cooperative is named: write the branch as COOPERATIVE/BRANCH, such as 1024/2");
  }
  return *one;
}

std::optional<CooperativeId> CooperativeOf(const std::optional<Place>& place) {
  return place ? place->cooperative : std::nullopt;
}

std::optional<CooperativeId> CooperativeOf(const std::optional<MemberName>& member) {
  return member ? std::optional(member->cooperative) : std::nullopt;
}

absl::StatusOr<TransactionId> ChooseId(Session& session, const SendOptions& options) {
  if (options.id) return *options.id;
  const TransactionId id = NewTransactionId();
  if (session.Note("id " + id.ToString())) return id;
  return absl::UnavailableError(
      "standard error can't be written: expected it to take the new id, without which nobody could "
      "ask what became of the transaction");
}

ExitCode FailId(const absl::Status& status, Session& session) {
  return session.Fail(Failure{ExitCode::kMalformed, std::string(status.message()),
                              "Nothing was sent. Name an id that you have stored: --id UUID"});
}

std::string Headline(const v1::TransactionResult& result) {
  const std::string name = NameOf(result.outcome());
  std::string line;
  if (result.outcome() == v1::OUTCOME_ACCEPTED) {
    line = name;
  } else {
    const bool declined = ExitCodeOf(result.outcome()) == ExitCode::kDeclined;
    line = fmt::format("{}: {}", declined ? "DECLINED" : "REFUSED", name);
    if (!result.message().empty()) line += fmt::format(": {}", Printable(result.message()));
    if (!result.field().empty()) line += fmt::format(" ({})", Printable(result.field()));
  }
  if (result.duplicate()) line += "\nduplicate: this id was sent before; nothing happened again";
  return line;
}

ExitCode ReportResult(Session& session, TransactionId id, const v1::TransactionResult& result) {
  const ExitCode code = ExitCodeOf(result.outcome());
  if (session.json()) {
    Json json;
    json["id"] = id.ToString();
    json.update(ToJson(result));
    session.PrintJson(json);
    return code;
  }
  session.Print(Headline(result) + "\n" + RecordedLines(session, id, result));
  if (code == ExitCode::kConflict) {
    session.Note("Nothing was recorded. A new payment needs a new id: lumbung id");
  }
  return code;
}

}  // namespace lumbung::cli
