// checkpoint: the newest signed head of the ledger's tree, and the proof that it extends an older
// one which somebody kept.
#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "api/cli/command_line.h"
#include "api/cli/key_option.h"
#include "api/cli/output_file.h"
#include "api/cli/parsed_option.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/fork.h"

namespace lumbung::cli {
namespace {

struct CheckpointOptions {
  std::optional<VerifierKey> key;
  WitnessOptions witnesses;
  std::string save;
  std::string prove_from;
};

// The server's checkpoint, checked.
struct Shown {
  VerifierKey log;
  Checkpoint checkpoint;
  std::string note;
};

ExitCode NotProven(const std::string& why, Session& session) {
  return session.Fail(
      Failure{ExitCode::kFailed, why, "Tell the auditor: what the server shows does not hold."});
}

absl::StatusOr<Shown> Check(const v1::GetCheckpointReply& reply, const CheckpointOptions& options,
                            const WitnessRule& rule) {
  const absl::StatusOr<VerifierKey> log = options.key ? absl::StatusOr<VerifierKey>(*options.key)
                                                      : VerifierKey::Parse(reply.verifier_key());
  if (!log.ok()) return log.status();
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(reply.checkpoint(), *log);
  if (!checkpoint.ok()) return checkpoint.status();
  const absl::StatusOr<SignedNote> note = SignedNote::Parse(reply.checkpoint());
  if (!note.ok()) return note.status();
  if (absl::Status status = CheckCosignatures(*note, rule); !status.ok()) return status;
  return Shown{*log, *checkpoint, reply.checkpoint()};
}

// Asks for the proof that what is shown extends the older checkpoint, and checks it.
ExitCode ProveFrom(const std::string& path, const Shown& shown, Session& session) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return session.Fail(Failure{ExitCode::kFailed, path + " can't be read",
                                "Name the file with the checkpoint that you kept."});
  }
  const std::string older((std::istreambuf_iterator<char>(file)), {});
  const absl::StatusOr<Checkpoint> held = OpenCheckpoint(older, shown.log);
  if (!held.ok()) {
    return session.FailUsage(absl::InvalidArgumentError(
        fmt::format("--prove-from {}: {}", path, std::string(held.status().message()))));
  }
  v1::ProveConsistencyReply reply;
  if (held->size < shown.checkpoint.size) {
    v1::ProveConsistencyRequest request;
    request.set_first_tree_size(held->size);
    request.set_second_tree_size(shown.checkpoint.size);
    const CallEnd end =
        session.client().Call(&v1::LedgerService::Stub::ProveConsistency, request, reply);
    if (!end.ok()) return session.Fail(end, kReads);
  }
  const absl::StatusOr<MerkleProof> proof = ProofOf(reply.hashes());
  if (!proof.ok()) return NotProven(std::string(proof.status().message()), session);
  const std::string why = WhyNotExtended({*held, shown.checkpoint}, *proof);
  if (why.empty()) return ExitCode::kOk;
  const absl::Status kept = KeepFork(path, {shown.log, why, older, shown.note});
  return session.Fail(Failure{ExitCode::kFork, std::string(kept.message()),
                              "Keep that file, and show it to the auditor and the witnesses."});
}

void PrintCheckpoint(const Shown& shown, const CheckpointOptions& options, const WitnessRule& rule,
                     Session& session) {
  if (session.json()) {
    Json json;
    json["origin"] = shown.checkpoint.origin;
    json["tree_size"] = shown.checkpoint.size;
    json["checkpoint"] = shown.note;
    json["verifier_key"] = shown.log.ToString();
    json["cosignatures_needed"] = rule.needed;
    json["extends"] = options.prove_from.empty() ? Json(nullptr) : Json(options.prove_from);
    session.PrintJson(json);
    return;
  }
  session.Print(shown.note);
  session.Note(fmt::format(
      "VERIFIED: signed by {}{}{}{}.", shown.log.ToString(),
      options.key ? "" : ", the key that the server names",
      rule.needed == 0 ? "" : fmt::format(", cosigned by {} or more", rule.needed),
      options.prove_from.empty()
          ? ""
          : fmt::format("; nothing up to the checkpoint in {} was changed", options.prove_from)));
}

ExitCode ShowCheckpoint(const CheckpointOptions& options, Session& session) {
  const absl::StatusOr<WitnessRule> rule = RuleOf(options.witnesses);
  if (!rule.ok()) return session.FailUsage(rule.status());
  if (!options.prove_from.empty() && !options.key) {
    return session.FailUsage(absl::InvalidArgumentError(
        "--prove-from: expected --key too, the public key that you hold: the one that the server "
        "names would be no proof"));
  }
  v1::GetCheckpointRequest request;
  request.set_cosignatures(static_cast<uint32_t>(rule->needed));
  v1::GetCheckpointReply reply;
  const CallEnd end =
      session.client().Call(&v1::LedgerService::Stub::GetCheckpoint, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  const absl::StatusOr<Shown> shown = Check(reply, options, *rule);
  if (!shown.ok()) return NotProven(std::string(shown.status().message()), session);
  if (!options.prove_from.empty()) {
    const ExitCode code = ProveFrom(options.prove_from, *shown, session);
    if (code != ExitCode::kOk) return code;
  }
  if (!options.save.empty()) {
    const absl::Status saved = WriteFile(options.save, shown->note);
    if (!saved.ok()) {
      return session.Fail(
          Failure{ExitCode::kFailed, std::string(saved.message()), "Name another file."});
    }
  }
  PrintCheckpoint(*shown, options, *rule, session);
  return session.Written();
}

}  // namespace

void AddCheckpointCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "checkpoint",
       .description = "The newest signed head of the ledger; whether it extends one that you kept",
       .example = "checkpoint --key public-key --prove-from january.note --save february.note"},
      line.root(), &ShowCheckpoint);
  AddLogKeyOption(app, options.key);
  AddWitnessOptions(app, options.witnesses);
  app.add_option("--save", options.save, "Also writes it into this file, if all is well")
      ->type_name("FILE");
  app.add_option("--prove-from", options.prove_from,
                 "An older checkpoint: the newest must be proven to extend it")
      ->type_name("FILE");
}

}  // namespace lumbung::cli
