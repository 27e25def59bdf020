// receipt, verify-receipt: what a member takes home, and what he proves with it.
#include <fmt/format.h>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "api/cli/book_form.h"
#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/key_option.h"
#include "api/cli/output_file.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/qr_code.h"
#include "api/cli/receipt_text.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

// A checkpoint that covers the newest transaction comes within a second of being asked for.
constexpr auto kPause = std::chrono::milliseconds(200);
constexpr size_t kPngPixels = 4;  // a module
constexpr size_t kMostReceiptBytes = size_t{1} << 20;

struct ReceiptOptions {
  std::optional<TransactionId> id;
  std::optional<uint64_t> sequence;
  std::optional<VerifierKey> key;
  WitnessOptions witnesses;
  std::string save;
  std::string png;
  bool qr = false;
};

// The entry that the id names; or how the command ends.
struct Found {
  uint64_t sequence = 0;
  ExitCode code = ExitCode::kOk;
};
Found FindSequence(const ReceiptOptions& options, Session& session) {
  if (options.sequence) return {.sequence = *options.sequence};
  v1::ResolveRequest request;
  *request.mutable_id() = ToProto(*options.id);
  v1::ResolveReply reply;
  const CallEnd end = session.client().Call(&v1::PaymentService::Stub::Resolve, request, reply);
  if (!end.ok()) return {.code = session.Fail(end, kReads)};
  if (reply.result().sequence() != 0) return {.sequence = reply.result().sequence()};
  return {.code =
              session.Fail(Failure{ExitCode::kNotFound, "no transaction in the ledger has this id",
                                   "It may still arrive: lumbung resolve tells more."})};
}

CallEnd AskFor(const v1::GetReceiptRequest& request, Session& session, v1::Receipt& reply) {
  const auto deadline = session.client().Deadline();
  while (true) {
    CallEnd end = session.client().Call(&v1::LedgerService::Stub::GetReceipt, request, reply);
    const bool later = end.sent && end.status.error_code() == grpc::StatusCode::UNAVAILABLE;
    if (!later || std::chrono::system_clock::now() + kPause > deadline) return end;
    std::this_thread::sleep_for(kPause);
  }
}

absl::StatusOr<Receipt> FromProto(const v1::Receipt& reply) {
  Receipt receipt{.checkpoint = reply.checkpoint()};
  for (const v1::ReceiptEntry& entry : reply.entries()) {
    ReceiptEntry& added = receipt.entries.emplace_back();
    added.sequence = entry.sequence();
    const auto leaf = std::as_bytes(std::span(entry.leaf()));
    added.leaf.assign(leaf.begin(), leaf.end());
    absl::StatusOr<MerkleProof> proof = ProofOf(entry.hashes());
    if (!proof.ok()) return proof.status();
    added.proof = *std::move(proof);
  }
  return receipt;
}

// The receipt, checked as its holder will check it: with the key that was given, else the server's.
absl::StatusOr<Receipt> CheckedReceipt(const v1::Receipt& reply,
                                       const std::optional<VerifierKey>& given,
                                       const WitnessRule& rule) {
  const absl::StatusOr<VerifierKey> key =
      given ? absl::StatusOr<VerifierKey>(*given) : VerifierKey::Parse(reply.verifier_key());
  if (!key.ok()) return key.status();
  absl::StatusOr<Receipt> receipt = FromProto(reply);
  if (!receipt.ok()) return receipt.status();
  const absl::StatusOr<ProvenReceipt> proven = VerifyReceipt(*receipt, *key, rule);
  if (!proven.ok()) return proven.status();
  if (!proven->whole) return absl::InvalidArgumentError("the server left out a part of it");
  return receipt;
}

ExitCode CantWrite(const absl::Status& status, Session& session) {
  return session.Fail(Failure{ExitCode::kFailed, std::string(status.message()),
                              "The transaction is not touched by that: name another file."});
}

// All of the receipt if a code holds it, else its first entry.
absl::StatusOr<QrCode> CodeOf(const Receipt& receipt) {
  const std::string all = ReceiptToJson(receipt);
  return EncodeQr(all.size() <= kMostQrBytes ? all : ReceiptToJson(FirstEntryOf(receipt)));
}

ExitCode Hand(const Receipt& receipt, const ReceiptOptions& options, Session& session) {
  const std::string json = ReceiptToJson(receipt) + "\n";
  if (!options.save.empty()) {
    const absl::Status saved = WriteFile(options.save, json);
    if (!saved.ok()) return CantWrite(saved, session);
  }
  if (session.json()) session.Print(json);
  const LeafContent first = *ReadLeaf(receipt.entries.front().leaf);
  if (!session.json()) {
    const int16_t zone = session.ZoneForDisplay(first.entry.debit_account.cooperative());
    session.Print(ReceiptSlip(receipt, zone));
  }
  if (!options.qr && options.png.empty()) return session.Written();
  const absl::StatusOr<QrCode> code = CodeOf(receipt);
  if (!code.ok()) {
    return session.Fail(Failure{ExitCode::kFailed, std::string(code.status().message()),
                                "Take it as a file: --save FILE."});
  }
  if (!options.png.empty()) {
    const absl::Status saved = WriteFile(options.png, QrAsPng(*code, kPngPixels));
    if (!saved.ok()) return CantWrite(saved, session);
  }
  if (options.qr && !session.json()) session.Print(QrForTerminal(*code));
  return session.Written();
}

ExitCode ShowReceipt(const ReceiptOptions& options, Session& session) {
  if (options.id.has_value() == options.sequence.has_value()) {
    return session.FailUsage(
        absl::InvalidArgumentError("name either a transaction's id or --sequence"));
  }
  const absl::StatusOr<WitnessRule> rule = RuleOf(options.witnesses);
  if (!rule.ok()) return session.FailUsage(rule.status());
  const Found found = FindSequence(options, session);
  if (found.code != ExitCode::kOk) return found.code;
  v1::GetReceiptRequest request;
  request.set_sequence(found.sequence);
  request.set_cosignatures(static_cast<uint32_t>(rule->needed));
  v1::Receipt reply;
  const CallEnd end = AskFor(request, session, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  const absl::StatusOr<Receipt> receipt = CheckedReceipt(reply, options.key, *rule);
  if (!receipt.ok()) {
    return session.Fail(Failure{ExitCode::kFailed, std::string(receipt.status().message()),
                                "Tell the auditor: the server's proof does not hold."});
  }
  return Hand(*receipt, options, session);
}

void AddReceipt(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "receipt",
                .description = "A receipt that proves itself: a slip for paper, JSON with --json",
                .example = "receipt 01935d1c-8a00-7000-8000-0123456789ab --save bukti.json --qr"},
               line.root(), &ShowReceipt);
  AddParsed(app, "id", options.id, ParseId, "Of the transaction")->type_name("ID");
  AddParsed(app, "--sequence", options.sequence, ParseWhole<uint64_t, 1>,
            "One of its entries, in place of the id")
      ->type_name("SEQUENCE");
  AddLogKeyOption(app, options.key);
  AddWitnessOptions(app, options.witnesses);
  app.add_option("--save", options.save, "Also writes the receipt, as JSON, into this file")
      ->type_name("FILE");
  app.add_option("--png", options.png,
                 "Also writes a QR code of it; of its first entry alone if all is too much")
      ->type_name("FILE");
  app.add_flag("--qr", options.qr, "Also shows the code here");
}

struct VerifyOptions {
  std::string file;
  std::optional<VerifierKey> key;
  WitnessOptions witnesses;
  int16_t zone = 0;
};

// `outcome` alone is not "paid": a hold and its release are accepted too.
Json ProvenJson(const Receipt& receipt, const ProvenReceipt& proven) {
  const Entry& first = proven.entries.front().entry;
  const Step step = first.kind.step();
  Json json;
  json["verified"] = true;
  json["whole"] = proven.whole;
  json["origin"] = proven.checkpoint.origin;
  json["tree_size"] = proven.checkpoint.size;
  json["first_sequence"] = receipt.entries.front().sequence;
  json["id"] = first.id.ToString();
  PutTime(json, "timestamp", first.timestamp.value());
  json["step"] = Name(step);
  json["kind"] = step == Step::kFact ? Name(first.kind.fact()) : Name(first.kind.purpose());
  json["outcome"] = Name(first.outcome);
  json["moves_money"] = MovesMoney(first);
  return json;
}

ExitCode VerifySaved(const VerifyOptions& options, Session& session) {
  const absl::StatusOr<WitnessRule> rule = RuleOf(options.witnesses);
  if (!rule.ok()) return session.FailUsage(rule.status());
  std::ifstream file(options.file, std::ios::binary);
  if (!file.is_open()) {
    return session.Fail(Failure{ExitCode::kFailed, options.file + " can't be read",
                                "Name the file with the receipt."});
  }
  std::string text(kMostReceiptBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  const absl::StatusOr<Receipt> receipt = ReceiptFromJson(text);
  const absl::StatusOr<ProvenReceipt> proven =
      receipt.ok() ? VerifyReceipt(*receipt, *options.key, *rule)
                   : absl::StatusOr<ProvenReceipt>(receipt.status());
  if (!proven.ok()) {
    return session.Fail(Failure{ExitCode::kFailed, std::string(proven.status().message()),
                                "NOT VERIFIED: it proves nothing."});
  }
  if (session.json()) {
    session.PrintJson(ProvenJson(*receipt, *proven));
    return session.Written();
  }
  session.Print(ReceiptSlip(*receipt, options.zone));
  session.Print(fmt::format(
      "VERIFIED: {} of the ledger {}, under its checkpoint of {} entries{}.\n",
      proven->whole ? "a whole transaction" : "part of a transaction", proven->checkpoint.origin,
      proven->checkpoint.size,
      rule->needed == 0 ? ""
                        : fmt::format(", cosigned by {} of the {} named witnesses or more",
                                      rule->needed, rule->witnesses.size())));
  return session.Written();
}

void AddVerifyReceipt(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "verify-receipt",
                .description = "Checks a saved receipt with the log's public key; needs no server",
                .example = "verify-receipt bukti.json --key public-key"},
               line.root(), &VerifySaved);
  app.add_option("file", options.file, "The receipt, as JSON")->type_name("FILE")->required();
  AddParsed(app, "--key", options.key, ParseLogKey, "The log's public key, or a file that has it")
      ->type_name("KEY")
      ->required();
  AddWitnessOptions(app, options.witnesses);
  AddParsed(app, "--zone", options.zone, ParseZone, "Of the time on the slip: WIB, WITA, WIT, …")
      ->type_name("ZONE")
      ->default_str("UTC");
}

}  // namespace

void AddReceiptCommands(CommandLine& line) {
  AddReceipt(line);
  AddVerifyReceipt(line);
}

}  // namespace lumbung::cli
