// resolve: what became of an id.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"
#include "api/cli/send.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

struct ResolveOptions {
  TransactionId id;
  bool fence = false;
  std::optional<CooperativeId> cooperative;
  SendOptions evidence;  // what a fence records of who asked for it
};

// Whose fence it is: told as such, or by the branch or the terminal. 0 if none is told.
absl::StatusOr<CooperativeId> CooperativeOfFence(const ResolveOptions& options) {
  const std::optional<CooperativeId> told[] = {options.cooperative,
                                               CooperativeOf(options.evidence.branch),
                                               CooperativeOf(options.evidence.terminal)};
  if (!told[0] && !told[1] && !told[2]) return CooperativeId{};
  return OneCooperative({told[0], told[1], told[2]});
}

std::string ResolutionName(v1::Resolution resolution) {
  constexpr std::string_view kPrefix = "RESOLUTION_";
  const std::string name = v1::Resolution_Name(resolution);
  return name.empty() ? fmt::format("{}", static_cast<int>(resolution))
                      : name.substr(kPrefix.size());
}

// What a cashier may do now.
std::string Advice(v1::Resolution resolution, TransactionId id, const std::string& server) {
  switch (resolution) {
    case v1::RESOLUTION_ACCEPTED:
      return "It happened. Do not start over.";
    case v1::RESOLUTION_DECLINED:
      return "It was declined and never will happen. Start over with a new id if it is still "
             "wanted.";
    case v1::RESOLUTION_FENCED:
      return "It never happened and never will. Start over with a new id.";
    case v1::RESOLUTION_UNKNOWN:
      return fmt::format(
          "It never arrived, but it still could. Send it again with the same id, or make sure that "
          "it never happens: {} --fence",
          ResolveCommand(id, server));
    default:
      return "It is not decided yet. Ask again.";
  }
}

ExitCode Resolve(const ResolveOptions& options, Session& session) {
  v1::ResolveRequest request;
  *request.mutable_id() = ToProto(options.id);
  request.set_fence(options.fence);
  const absl::StatusOr<CooperativeId> cooperative = CooperativeOfFence(options);
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  request.set_cooperative(cooperative->value());
  if (options.fence) *request.mutable_evidence() = EvidenceOf(options.evidence);
  v1::ResolveReply reply;
  const CallEnd end = session.client().Call(&v1::PaymentService::Stub::Resolve, request, reply);
  if (!end.ok()) {
    // Asking, and fencing what may be fenced already, can be repeated.
    return session.Fail(end, options.fence ? kRepeatable : kReads);
  }
  const std::string advice = Advice(reply.resolution(), options.id, session.client().server());
  const v1::TransactionResult& result = reply.result();
  if (session.json()) {
    Json json;
    json["id"] = options.id.ToString();
    json["resolution"] = ResolutionName(reply.resolution());
    json["result"] = ToJson(result);
    json["next"] = advice;
    session.PrintJson(json);
  } else {
    const std::string sequence = result.sequence() == 0 ? "" : fmt::format("{}", result.sequence());
    const std::string outcome =
        result.outcome() == v1::OUTCOME_UNSPECIFIED ? "" : NameOf(result.outcome());
    session.Print(ResolutionName(reply.resolution()) + "\n" +
                  FormatFields({{"id", options.id.ToString()},
                                {"outcome", outcome},
                                {"message", result.message()},
                                {"sequence", sequence}}) +
                  advice + "\n");
  }
  const ExitCode code = ExitCodeOf(reply.resolution());
  return code == ExitCode::kOk && !options.fence ? session.Written() : code;
}

}  // namespace

void AddResolveCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "resolve",
       .description = "What became of an id. Exit code 0: it happened; 3: it did not and never "
                      "will; 5: unknown, it could still arrive",
       .example = "resolve 01935d1c-8a00-7000-8000-0123456789ab --fence"},
      line.root(), &Resolve);
  AddParsed(app, "id", options.id, ParseId, "The id that was sent")->type_name("UUID")->required();
  CLI::Option* const fence = app.add_flag(
      "--fence", options.fence, "If the id is unknown, spend it: a late original will be refused");
  AddParsed(app, "--cooperative", options.cooperative, ParseCooperative, "Recorded in a fence")
      ->type_name("COOPERATIVE")
      ->needs(fence);
  AddEvidenceOptions(app, "Recorded in a fence", options.evidence);
  for (const char* const name : {"--branch", "--terminal", "--operator", "--terminal-sequence"}) {
    app.get_option(name)->needs(fence);
  }
}

}  // namespace lumbung::cli
