#include "storage/transparency/fork.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

std::string ShortHex(const MerkleHash& hash) {
  std::string hex;
  for (size_t i = 0; i < 8; ++i) hex += absl::StrCat(absl::Hex(hash[i], absl::kZeroPad2));
  return hex;
}

std::string RecordOf(std::string_view note) {
  return absl::StrCat("checkpoint ", note.size(), "\n", std::string(note));
}

}  // namespace

std::string WhyNotExtended(const TwoCheckpoints& two, std::span<const MerkleHash> proof) {
  const auto& [older, newer] = two;
  if (newer.size < older.size) return "rollback: the log shows a smaller tree than before";
  if (newer.size == older.size && newer.root != older.root) {
    return "fork: the log signed two trees of one size";
  }
  if (VerifyConsistency({older.size, newer.size}, {older.root, newer.root}, proof)) return "";
  return "fork: the tree does not extend the one before";
}

absl::Status KeepFork(const std::string& stem, const ForkEvidence& fork) {
  const auto older = OpenCheckpoint(fork.older, fork.log);
  const auto newer = OpenCheckpoint(fork.newer, fork.log);
  LUMBUNG_CHECK(older.ok() && newer.ok());
  const std::string path = absl::StrCat(stem, ".fork-", newer->size, "-", ShortHex(newer->root));
  const std::string evidence = absl::StrCat("lumbung-fork 1\n", fork.why, "\n", fork.log.ToString(),
                                            "\n", RecordOf(fork.older), RecordOf(fork.newer));
  std::error_code error;
  const absl::Status kept =
      std::filesystem::exists(path, error) ? absl::OkStatus() : CreateSynced(path, evidence);
  return absl::AbortedError(absl::StrCat(
      fork.why, ": ", older->size, " entries with root ", ShortHex(older->root), "…, now ",
      newer->size, " with root ", ShortHex(newer->root), "…; both signed checkpoints are ",
      kept.ok() ? "in " + path : "NOT KEPT: " + std::string(kept.message())));
}

}  // namespace lumbung
