// Input: which of vkey, note, checkpoint, base64, receipt in JSON (1 byte) ‖ its text.
// Holds: what is read is written to the same text. A note is signed by a key only if its text is
// one that the key signed: the fuzzer, which has no key, never makes another.
#include "api/cli/receipt_text.h"
#include "engine/check.h"
#include "storage/transparency/base64.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/receipt.h"
#include "storage/transparency/signed_note.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

bool Refused(const absl::Status& status) {
  LUMBUNG_CHECK(absl::IsInvalidArgument(status) && !status.message().empty());
  return false;
}

bool TryKey(std::string_view text) {
  const auto key = VerifierKey::Parse(text);
  if (!key.ok()) return Refused(key.status());
  LUMBUNG_CHECK(key->ToString() == text && IsKeyName(key->name));
  return true;
}

bool TryNote(std::string_view text) {
  const auto note = SignedNote::Parse(text);
  if (!note.ok()) return Refused(note.status());
  LUMBUNG_CHECK(note->ToString() == text && note->text.ends_with('\n'));
  LUMBUNG_CHECK(!IsSignedBy(*note, Sample().log) || note->text == Sample().note_text);
  LUMBUNG_CHECK(!IsSignedBy(*note, Sample().witness) || note->text == Sample().note_text);
  return true;
}

bool TryCheckpoint(std::string_view text) {
  const auto opened = OpenCheckpoint(text, Sample().log);
  if (opened.ok()) LUMBUNG_CHECK(opened->ToText() == Sample().note_text);
  const auto checkpoint = Checkpoint::Parse(text);
  if (!checkpoint.ok()) return Refused(checkpoint.status());
  LUMBUNG_CHECK(text.starts_with(checkpoint->ToText()));
  return true;
}

bool TryBase64(std::string_view text) {
  const auto bytes = DecodeBase64(text);
  if (!bytes) return false;
  LUMBUNG_CHECK(EncodeBase64(*bytes) == text);
  return true;
}

// What a receipt proves must be what the sample's ledger has.
void CheckProven(const Receipt& receipt) {
  const auto proven = VerifyReceipt(receipt, Sample().log, {});
  if (!proven.ok()) {
    Refused(proven.status());
    return;
  }
  LUMBUNG_CHECK(proven->checkpoint.ToText() == Sample().note_text);
  for (const ReceiptEntry& entry : receipt.entries) {
    LUMBUNG_CHECK(entry.sequence >= 1 && entry.sequence <= Sample().leaves.size());
    LUMBUNG_CHECK(entry.leaf == Sample().leaves[entry.sequence - 1]);
  }
  LUMBUNG_CHECK(proven->whole ==
                (proven->entries.front().entry.leg_index == 0 &&
                 proven->entries.front().entry.leg_count == proven->entries.size()));
}

bool TryReceipt(std::string_view text) {
  const auto receipt = cli::ReceiptFromJson(text);
  if (!receipt.ok()) return Refused(receipt.status());
  const std::string again = cli::ReceiptToJson(*receipt);
  LUMBUNG_CHECK(text == again || text == again + "\n");
  CheckProven(*receipt);
  if (receipt->entries.empty()) return true;
  for (const char c : cli::ReceiptSlip(*receipt, 420)) {
    LUMBUNG_CHECK(c == '\n' || (c >= ' ' && c < 0x7F));
  }
  return true;
}

}  // namespace

bool Try(Input input) {
  switch (input.Take<uint8_t>() % 5) {
    case 0:
      return TryKey(input.rest());
    case 1:
      return TryNote(input.rest());
    case 2:
      return TryCheckpoint(input.rest());
    case 3:
      return TryBase64(input.rest());
    default:
      return TryReceipt(input.rest());
  }
}

std::vector<Seed> Seeds() {
  const auto seed = [](const char* name, char kind, const std::string& text) {
    return Seed{name, std::string(1, kind) + text};
  };
  return {
      seed("vkey", 0, Sample().log.ToString()),
      seed("witness", 0, Sample().witness.ToString()),
      seed("note", 1, Sample().note),
      seed("checkpoint", 2, Sample().note_text),
      seed("extended", 2, Sample().note_text + "extension\n"),
      seed("base64", 3, "4UYCnlvxVifmLDEKpVtuQ4UfEglzis0mkr3iipzVyZA="),
      seed("receipt", 4, cli::ReceiptToJson(Sample().receipt)),
  };
}

}  // namespace lumbung::fuzz
