#include "storage/transparency/cosignatures.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/transparency/witness_rule.h"

namespace lumbung {

namespace {

// As many checkpoints as the log keeps in memory, and what a witness or two have signed of them.
constexpr size_t kMostKept = 4096;
constexpr uint64_t kCosignatureTailBytes = uint64_t{4} << 20;
// A name of 128 bytes and 76 bytes in base64 come to 238.
constexpr size_t kMostLineBytes = 256;

absl::Status BadCosignature(std::string_view why) {
  return absl::InvalidArgumentError("cosignature: " + std::string(why));
}

// The text that was signed: all of a note before the blank line.
std::string_view TextOf(std::string_view note) { return note.substr(0, note.find("\n\n") + 1); }

std::string KeyName(const NoteSignature& signature) {
  return absl::StrCat(signature.name, "+", absl::Hex(signature.key_id, absl::kZeroPad8));
}

}  // namespace

Cosignatures::Cosignatures(std::string path, std::vector<VerifierKey> witnesses)
    : witnesses_(std::move(witnesses)),
      file_({.path = std::move(path), .word = "cosignature", .tail_bytes = kCosignatureTailBytes}) {
}

absl::Status Cosignatures::Open(const std::map<uint64_t, std::string>& checkpoints) {
  const std::lock_guard lock(adding_);
  return file_.Open([&](std::string_view record) { return Take(record, checkpoints); });
}

absl::Status Cosignatures::Take(std::string_view record,
                                const std::map<uint64_t, std::string>& checkpoints) {
  const size_t line = record.find('\n');
  uint64_t size = 0;
  const char* const end = record.data() + std::min(line, record.size());
  const auto [stop, error] = std::from_chars(record.data(), end, size);
  if (line == std::string_view::npos || error != std::errc{} || stop != end) {
    return BadCosignature("it does not begin with a tree's size");
  }
  auto signature = NoteSignature::Parse(record.substr(line + 1));
  if (!signature || !record.ends_with('\n')) return BadCosignature("it is no signature line");
  if (!checkpoints.empty() && size < checkpoints.begin()->first) return absl::OkStatus();
  const auto checkpoint = checkpoints.find(size);
  if (checkpoint == checkpoints.end()) {
    return BadCosignature(
        absl::StrCat("there is no checkpoint of ", size, " entries, which it signs"));
  }
  const VerifierKey* const witness = WitnessOf(*signature);
  if (witness == nullptr) return absl::OkStatus();
  if (!VerifySignature(*witness, TextOf(checkpoint->second), *signature)) {
    return BadCosignature(absl::StrCat("it is not over the checkpoint of ", size, " entries"));
  }
  if (!Has(size, *signature)) Keep(size, std::move(*signature));
  return absl::OkStatus();
}

absl::Status Cosignatures::Add(const Signed& checkpoint, std::string_view line) {
  if (line.size() > kMostLineBytes) {
    return BadCosignature(
        absl::StrCat("expected a line of at most ", kMostLineBytes, " bytes, found ", line.size()));
  }
  auto signature = NoteSignature::Parse(line);
  if (!signature) return BadCosignature("expected a signature line of a signed note");
  const VerifierKey* const witness = WitnessOf(*signature);
  if (witness == nullptr) {
    return absl::PermissionDeniedError("cosignature: " + KeyName(*signature) +
                                       " is none of this server's transparency_witnesses");
  }
  if (!VerifySignature(*witness, TextOf(checkpoint.note), *signature)) {
    return BadCosignature(absl::StrCat("expected the signature of ", KeyName(*signature),
                                       " over the checkpoint of ", checkpoint.size, " entries"));
  }
  const std::lock_guard lock(adding_);
  if (Has(checkpoint.size, *signature)) return absl::OkStatus();
  const absl::Status status =
      file_.Append(absl::StrCat(checkpoint.size, "\n", signature->ToLine()));
  if (status.ok()) Keep(checkpoint.size, std::move(*signature));
  return status;
}

std::string Cosignatures::WithCosignatures(const Signed& checkpoint) const {
  std::string note = checkpoint.note;
  const std::lock_guard lock(kept_mutex_);
  const auto found = kept_.find(checkpoint.size);
  if (found == kept_.end()) return note;
  for (const NoteSignature& signature : found->second) note += signature.ToLine();
  return note;
}

std::optional<uint64_t> Cosignatures::NewestWith(size_t least) const {
  const std::lock_guard lock(kept_mutex_);
  for (auto place = kept_.rbegin(); place != kept_.rend(); ++place) {
    if (place->second.size() >= least) return place->first;
  }
  return std::nullopt;
}

const VerifierKey* Cosignatures::WitnessOf(const NoteSignature& signature) const {
  const auto found = std::ranges::find_if(witnesses_, [&signature](const VerifierKey& witness) {
    return witness.name == signature.name && witness.Id() == signature.key_id;
  });
  return found == witnesses_.end() ? nullptr : &*found;
}

bool Cosignatures::Has(uint64_t size, const NoteSignature& signature) const {
  const std::lock_guard lock(kept_mutex_);
  const auto found = kept_.find(size);
  return found != kept_.end() &&
         std::ranges::any_of(found->second, [&signature](const NoteSignature& kept) {
           return kept.name == signature.name && kept.key_id == signature.key_id;
         });
}

void Cosignatures::Keep(uint64_t size, NoteSignature signature) {
  const std::lock_guard lock(kept_mutex_);
  kept_[size].push_back(std::move(signature));
  if (kept_.size() > kMostKept) kept_.erase(kept_.begin());
}

}  // namespace lumbung
