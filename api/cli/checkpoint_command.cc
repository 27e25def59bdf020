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

// Of the log, with its note as it was signed.
struct SignedCheckpoint {
  VerifierKey log;
  Checkpoint checkpoint;
  std::string note;
};

ExitCode NotProven(const std::string& why, Session& session) {
  return session.Fail(
      Failure{ExitCode::kFailed, why, "Tell the auditor: what the server shows does not hold."});
}

absl::StatusOr<SignedCheckpoint> Check(const v1::GetCheckpointReply& reply,
                                       const CheckpointOptions& options, const WitnessRule& rule) {
  const absl::StatusOr<VerifierKey> log = options.key ? absl::StatusOr<VerifierKey>(*options.key)
                                                      : VerifierKey::Parse(reply.verifier_key());
  if (!log.ok()) return log.status();
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(reply.checkpoint(), *log);
  if (!checkpoint.ok()) return checkpoint.status();
  const absl::StatusOr<SignedNote> note = SignedNote::Parse(reply.checkpoint());
  if (!note.ok()) return note.status();
  if (absl::Status status = CheckCosignatures(*note, rule); !status.ok()) return status;
  return SignedCheckpoint{*log, *checkpoint, reply.checkpoint()};
}

// Asks the server for its newest checkpoint that has the cosignatures, and checks it. Nothing, and
// the code to end with, if there is none that holds.
std::optional<SignedCheckpoint> AskForCheckpoint(const CheckpointOptions& options,
                                                 const WitnessRule& rule, Session& session,
                                                 ExitCode& code) {
  v1::GetCheckpointRequest request;
  request.set_cosignatures(static_cast<uint32_t>(rule.needed));
  v1::GetCheckpointReply reply;
  const CallEnd end =
      session.client().Call(&v1::LedgerService::Stub::GetCheckpoint, request, reply);
  if (!end.ok()) {
    code = session.Fail(end, kReads);
    return std::nullopt;
  }
  absl::StatusOr<SignedCheckpoint> shown = Check(reply, options, rule);
  if (shown.ok()) return *std::move(shown);
  code = NotProven(std::string(shown.status().message()), session);
  return std::nullopt;
}

// Asks for the proof that the newer one extends the older one, and checks it. If it is wrong, both
// are kept beside the file at `path`.
ExitCode ProveExtended(const SignedCheckpoint& older, const SignedCheckpoint& newer,
                       const std::string& path, Session& session) {
  v1::ProveConsistencyReply reply;
  if (older.checkpoint.size < newer.checkpoint.size) {
    v1::ProveConsistencyRequest request;
    request.set_first_tree_size(older.checkpoint.size);
    request.set_second_tree_size(newer.checkpoint.size);
    const CallEnd end =
        session.client().Call(&v1::LedgerService::Stub::ProveConsistency, request, reply);
    if (!end.ok()) return session.Fail(end, kReads);
  }
  const absl::StatusOr<MerkleProof> proof = ProofOf(reply.hashes());
  if (!proof.ok()) return NotProven(std::string(proof.status().message()), session);
  const std::string why = WhyNotExtended({older.checkpoint, newer.checkpoint}, *proof);
  if (why.empty()) return ExitCode::kOk;
  const absl::Status kept = KeepFork(path, {newer.log, why, older.note, newer.note});
  return session.Fail(Failure{ExitCode::kFork, std::string(kept.message()),
                              "Keep that file, and show it to the auditor and the witnesses."});
}

// The checkpoint that is held is newer than what the witnesses cosigned, since it was saved without
// them. That is no fork: the log's own newest one must extend it, and it the cosigned one.
ExitCode ProveAround(const SignedCheckpoint& held, const SignedCheckpoint& cosigned,
                     const CheckpointOptions& options, Session& session) {
  ExitCode code = ExitCode::kOk;
  const std::optional<SignedCheckpoint> newest =
      AskForCheckpoint(options, WitnessRule{}, session, code);
  if (!newest) return code;
  code = ProveExtended(held, *newest, options.prove_from, session);
  if (code == ExitCode::kOk) code = ProveExtended(cosigned, held, options.prove_from, session);
  if (code != ExitCode::kOk) return code;
  return session.Fail(Failure{
      ExitCode::kNotTaken,
      fmt::format("the witnesses have not seen the checkpoint in {} yet: it has {} entries, and "
                  "they have cosigned {}",
                  options.prove_from, held.checkpoint.size, cosigned.checkpoint.size),
      "Ask again when they have. Without --witness it is proven now."});
}

// Whether what is shown extends the checkpoint in the file.
ExitCode ProveFrom(const CheckpointOptions& options, const WitnessRule& rule,
                   const SignedCheckpoint& shown, Session& session) {
  const std::string& path = options.prove_from;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return session.Fail(Failure{ExitCode::kFailed, path + " can't be read",
                                "Name the file with the checkpoint that you kept."});
  }
  const std::string note((std::istreambuf_iterator<char>(file)), {});
  const absl::StatusOr<Checkpoint> held = OpenCheckpoint(note, shown.log);
  if (!held.ok()) {
    return session.FailUsage(absl::InvalidArgumentError(
        fmt::format("--prove-from {}: {}", path, std::string(held.status().message()))));
  }
  const SignedCheckpoint older{shown.log, *held, note};
  if (rule.needed > 0 && shown.checkpoint.size < held->size) {
    return ProveAround(older, shown, options, session);
  }
  return ProveExtended(older, shown, path, session);
}

void PrintCheckpoint(const SignedCheckpoint& shown, const CheckpointOptions& options,
                     const WitnessRule& rule, Session& session) {
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
  ExitCode code = ExitCode::kOk;
  const std::optional<SignedCheckpoint> shown = AskForCheckpoint(options, *rule, session, code);
  if (!shown) return code;
  if (!options.prove_from.empty()) code = ProveFrom(options, *rule, *shown, session);
  if (code != ExitCode::kOk) return code;
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
