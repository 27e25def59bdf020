// witness: watches a log for forks, and signs what it has seen. Its rules are in
// storage/transparency/witness.h; here is how it speaks to the server and to its operator.
#include <fmt/format.h>
#include <chrono>
#include <optional>
#include <thread>

#include "api/cli/command_line.h"
#include "api/cli/key_option.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "storage/transparency/witness.h"

namespace lumbung::cli {
namespace {

struct WitnessRunOptions {
  std::string key;
  std::string state;
  std::string name = "lumbung/witness";
  std::optional<VerifierKey> log;
  uint32_t interval_s = 10;
  bool once = false;
  bool show_key = false;
};

// How a round ended. Only some failures end the witness.
struct RoundEnd {
  ExitCode code = ExitCode::kOk;
  bool final = false;
};

uint64_t NowSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

// One witness at work.
class Rounds {
 public:
  Rounds(Witness& witness, Session& session) : witness_(witness), session_(session) {}

  RoundEnd Once() {
    v1::GetCheckpointReply newest;
    const CallEnd end = session_.client().Call(&v1::LedgerService::Stub::GetCheckpoint,
                                               v1::GetCheckpointRequest(), newest);
    if (!end.ok()) return {session_.Fail(end, kReads)};
    if (!witness_.log() && !TrustFirst(newest.verifier_key())) return {ExitCode::kFailed, true};
    const absl::StatusOr<Checkpoint> checkpoint =
        OpenCheckpoint(newest.checkpoint(), *witness_.log());
    if (!checkpoint.ok()) return Refuse(checkpoint.status());
    const std::string text = checkpoint->ToText();
    if (text == handed_in_) return {};
    v1::ProveConsistencyReply proof;
    if (witness_.size() > 0 && witness_.size() < checkpoint->size) {
      v1::ProveConsistencyRequest request;
      request.set_first_tree_size(witness_.size());
      request.set_second_tree_size(checkpoint->size);
      const CallEnd proven =
          session_.client().Call(&v1::LedgerService::Stub::ProveConsistency, request, proof);
      if (!proven.ok()) return {session_.Fail(proven, kReads)};
    }
    const absl::StatusOr<MerkleProof> hashes = ProofOf(proof.hashes());
    if (!hashes.ok()) return Refuse(hashes.status());
    const absl::StatusOr<NoteSignature> signature =
        witness_.Cosign({newest.checkpoint(), *hashes}, NowSeconds());
    if (!signature.ok()) return Refuse(signature.status());
    const RoundEnd handed = HandIn(*checkpoint, *signature);
    if (handed.code == ExitCode::kOk) handed_in_ = text;
    return handed;
  }

 private:
  bool TrustFirst(const std::string& vkey) {
    const absl::StatusOr<VerifierKey> log = VerifierKey::Parse(vkey);
    if (!log.ok()) {
      session_.Fail(Failure{ExitCode::kFailed, std::string(log.status().message()),
                            "The server names no public key: give --log-key."});
      return false;
    }
    session_.Note(
        fmt::format("trusts the key that the server names, {}, from now on; --log-key "
                    "would take one that you have from elsewhere",
                    vkey));
    witness_.Trust(*log);
    return true;
  }

  RoundEnd Refuse(const absl::Status& why) {
    const bool fork = absl::IsAborted(why);
    return {session_.Fail(
                Failure{fork ? ExitCode::kFork : ExitCode::kFailed,
                        fmt::format("NOT SIGNED: {}", std::string(why.message())),
                        fork ? "Keep that file. Tell the auditor: the ledger that is shown is not "
                               "the one that was signed before."
                             : "Nothing was signed."}),
            !absl::IsUnavailable(why)};
  }

  RoundEnd HandIn(const Checkpoint& checkpoint, const NoteSignature& signature) {
    v1::AddCosignatureRequest request;
    request.set_tree_size(checkpoint.size);
    request.set_cosignature(signature.ToLine());
    v1::AddCosignatureReply reply;
    const CallEnd end =
        session_.client().Call(&v1::LedgerService::Stub::AddCosignature, request, reply);
    if (!end.ok()) return {session_.Fail(end, kRepeatable)};
    if (session_.json()) {
      Json json;
      json["tree_size"] = checkpoint.size;
      json["cosignature"] = request.cosignature();
      session_.PrintJson(json);
    } else {
      session_.Print(fmt::format("cosigned {} entries\n", checkpoint.size));
    }
    return {};
  }

  Witness& witness_;
  Session& session_;
  std::string handed_in_;  // the checkpoint that the server has the cosignature of
};

ExitCode RunWitness(const WitnessRunOptions& options, Session& session) {
  if (!IsKeyName(options.name)) {
    return session.FailUsage(absl::InvalidArgumentError(
        "--name: expected 1 to 128 printable characters without space, plus, quote and backslash"));
  }
  const auto witness = Witness::Open({.key_file = options.key,
                                      .state_file = options.state,
                                      .name = options.name,
                                      .log = options.log});
  if (!witness.ok()) {
    return session.Fail(
        Failure{ExitCode::kFailed, std::string(witness.status().message()), "Nothing was signed."});
  }
  if (options.show_key) {
    session.Print((*witness)->verifier().ToString() + "\n");
    return session.Written();
  }
  session.Note("witness " + (*witness)->verifier().ToString());
  Rounds rounds(**witness, session);
  while (true) {
    const RoundEnd end = rounds.Once();
    if (options.once || end.final) return end.code;
    std::this_thread::sleep_for(std::chrono::seconds(options.interval_s));
  }
}

}  // namespace

void AddWitnessCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "witness",
       .description = "Watches the log: cosigns each checkpoint that is proven to extend the one "
                      "before, and refuses a fork with exit code 9",
       .example = "witness --key witness.pem --state witness.state --log-key public-key"},
      line.root(), &RunWitness);
  app.add_option("--key", options.key, "Its own Ed25519 key (PEM); made, mode 0600, at first")
      ->type_name("FILE")
      ->required();
  app.add_option("--state", options.state, "What it remembers; never to be deleted or put back")
      ->type_name("FILE")
      ->required();
  app.add_option("--name", options.name, "The name in its public key")
      ->type_name("KEYNAME")
      ->capture_default_str();
  AddParsed(app, "--log-key", options.log, ParseLogKey,
            "The log's public key, or a file that has it; without it the first one is believed")
      ->type_name("KEY");
  AddParsed(app, "--interval", options.interval_s, ParseWhole<uint32_t, 1, 86'400>,
            "From one look to the next")
      ->type_name("SECONDS")
      ->default_str("10");
  app.add_flag("--once", options.once, "Looks once, and ends");
  app.add_flag("--show-key", options.show_key,
               "Prints its public key, for the server's transparency_witnesses, and ends");
}

}  // namespace lumbung::cli
