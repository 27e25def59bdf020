#include "storage/transparency/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "storage/transparency/base64.h"

namespace lumbung {

namespace {

// Takes one line off the text's front; nothing if no line ends.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<uint64_t> ParseSize(std::string_view text) {
  uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size);
  // Leading zeros and signs are other texts for the same number.
  if (error != std::errc{} || stop != end || std::to_string(size) != text) return std::nullopt;
  return size;
}

absl::Status BadCheckpoint(std::string_view why) {
  return absl::InvalidArgumentError("not a checkpoint: " + std::string(why));
}

}  // namespace

std::string Checkpoint::ToText() const {
  return origin + '\n' + std::to_string(size) + '\n' +
         EncodeBase64(std::as_bytes(std::span(root))) + '\n';
}

absl::StatusOr<Checkpoint> Checkpoint::Parse(std::string_view text) {
  const auto origin = TakeLine(text);
  const auto size = TakeLine(text);
  const auto root = TakeLine(text);
  if (!root) return BadCheckpoint("it has fewer than three lines");
  if (origin->empty()) return BadCheckpoint("it has no origin");
  const auto number = ParseSize(*size);
  if (!number) return BadCheckpoint("the size is no plain decimal number");
  const auto hash = DecodeBase64(*root);
  if (!hash || hash->size() != sizeof(MerkleHash)) {
    return BadCheckpoint("the root is not base64 of 32 bytes");
  }
  Checkpoint checkpoint{.origin = std::string(*origin), .size = *number};
  std::ranges::transform(*hash, checkpoint.root.begin(),
                         [](std::byte byte) { return std::to_integer<uint8_t>(byte); });
  return checkpoint;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& log) {
  const absl::StatusOr<SignedNote> parsed = SignedNote::Parse(note);
  if (!parsed.ok()) return parsed.status();
  const absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Parse(parsed->text);
  if (!checkpoint.ok()) return checkpoint.status();
  if (checkpoint->origin != log.name) {
    return BadCheckpoint("its origin is " + checkpoint->origin + ", the key is of " + log.name);
  }
  if (log.type != KeyType::kEd25519 || !IsSignedBy(*parsed, log)) {
    return BadCheckpoint("it is not signed by " + log.name);
  }
  return checkpoint;
}

}  // namespace lumbung
