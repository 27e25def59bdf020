// Input: what (1 byte, modulo 3), then
//   0  the file of cosignatures, in which `@` stands for a whole right record, `#` for its
//      signature line
//   1  a signature line that a witness hands in
//   2  a file of records, of which the newest is asked for
// Holds: damage is DATA_LOSS; a wrong line is INVALID_ARGUMENT or PERMISSION_DENIED. What is handed
// out is the log's note with signatures of its witnesses alone, each right, and is there again when
// the file is opened again. The newest record is a whole one of the file, and none is behind it.
#include "storage/transparency/cosignatures.h"

#include <filesystem>
#include <fstream>

#include "engine/check.h"
#include "storage/transparency/witness_rule.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::fuzz {

namespace {

constexpr uint64_t kTime = 1'764'000'000;
constexpr std::string_view kWord = "checkpoint";

uint64_t Size() { return Sample().leaves.size(); }

const std::string& Line() {
  static const std::string line = SampleWitnessKey().Cosign(Sample().note_text, kTime).ToLine();
  return line;
}

std::string Record() {
  const std::string content = std::to_string(Size()) + "\n" + Line();
  return "cosignature " + std::to_string(content.size()) + "\n" + content;
}

const std::string& Path() {
  static const TemporaryFolder folder;
  static const std::string path = folder.Path("records");
  return path;
}

void Write(std::string_view content) {
  std::ofstream file(Path(), std::ios::binary | std::ios::trunc);
  file << content;
  LUMBUNG_CHECK(file.good());
}

std::string Filled(std::string_view text) {
  std::string whole;
  for (const char c : text) {
    if (c == '@') {
      whole += Record();
    } else if (c == '#') {
      whole += Line();
    } else {
      whole += c;
    }
  }
  return whole;
}

// The log's note without what witnesses added.
const std::string& OwnNote() {
  static const std::string own = [] {
    SignedNote note = *SignedNote::Parse(Sample().note);
    note.signatures.resize(1);
    return note.ToString();
  }();
  return own;
}

std::string HandedOut(const Cosignatures& cosignatures) {
  const std::string text = cosignatures.WithCosignatures({Size(), OwnNote()});
  const auto note = SignedNote::Parse(text);
  LUMBUNG_CHECK(note.ok() && note->signatures.size() <= 2 && IsSignedBy(*note, Sample().log));
  LUMBUNG_CHECK(note->signatures.size() == 1 || IsSignedBy(*note, Sample().witness));
  const auto newest = cosignatures.NewestWith(1);
  LUMBUNG_CHECK((note->signatures.size() == 2) == (newest == Size()));
  return text;
}

std::unique_ptr<Cosignatures> Made() {
  return std::make_unique<Cosignatures>(Path(), std::vector<VerifierKey>{Sample().witness});
}
absl::Status Open(Cosignatures& cosignatures) { return cosignatures.Open({{Size(), OwnNote()}}); }

bool TryFile(std::string_view text) {
  Write(Filled(text.substr(0, 4096)));
  const auto cosignatures = Made();
  if (const absl::Status status = Open(*cosignatures); !status.ok()) {
    LUMBUNG_CHECK(absl::IsDataLoss(status));
    return false;
  }
  const std::string before = HandedOut(*cosignatures);
  LUMBUNG_CHECK(cosignatures->Add({Size(), OwnNote()}, Line()).ok());
  const std::string added = HandedOut(*cosignatures);
  LUMBUNG_CHECK(added.starts_with(before) && cosignatures->NewestWith(1) == Size());
  const auto again = Made();
  LUMBUNG_CHECK(Open(*again).ok() && HandedOut(*again) == added);
  return true;
}

bool TryLine(std::string_view line) {
  Write("");
  const auto cosignatures = Made();
  LUMBUNG_CHECK(Open(*cosignatures).ok());
  const absl::Status status = cosignatures->Add({Size(), OwnNote()}, Filled(line));
  const std::string after = HandedOut(*cosignatures);
  if (!status.ok()) {
    LUMBUNG_CHECK(absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status));
    LUMBUNG_CHECK(after == OwnNote());
    return false;
  }
  LUMBUNG_CHECK(after != OwnNote());
  return true;
}

bool TryNewest(std::string_view text) {
  Write(text);
  const auto newest =
      NewestRecord({.path = Path(), .word = std::string(kWord), .tail_bytes = 1 << 20});
  if (!newest.ok()) {
    LUMBUNG_CHECK(absl::IsNotFound(newest.status()));
    LUMBUNG_CHECK(!TakeRecord(text, kWord));
    return false;
  }
  const std::string whole = std::string(kWord) + " ";
  for (size_t at = text.rfind(whole); at != std::string_view::npos && at > 0;
       at = text.rfind(whole, at - 1)) {
    if (text[at - 1] != '\n') continue;
    const auto record = TakeRecord(text.substr(at), kWord);
    if (record) {
      LUMBUNG_CHECK(record->content == *newest);
      return true;
    }
  }
  const auto first = TakeRecord(text, kWord);
  LUMBUNG_CHECK(first && first->content == *newest);
  return true;
}

}  // namespace

bool Try(Input input) {
  switch (input.Take<uint8_t>() % 3) {
    case 0:
      return TryFile(input.rest());
    case 1:
      return TryLine(input.rest());
    default:
      return TryNewest(input.rest());
  }
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  return {
      {"file-empty", "\0"s},
      {"file", "\0@"s},
      {"file-repeated", "\0@@"s},
      {"file-in-parts", "\0cosignature "s + std::to_string(Line().size() + 2) + "\n5\n#"},
      {"file-torn", "\0@cosignature 99\n5"s},
      {"line", "\1#"s},
      {"newest", "\2checkpoint 3\nabccheckpoint 1\nx\ncheckpoint 2\nyz"s},
      {"newest-torn", "\2checkpoint 3\nab\ncheckpoint 9\nx"s},
  };
}

}  // namespace lumbung::fuzz
