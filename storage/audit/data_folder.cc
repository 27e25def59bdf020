#include "storage/audit/data_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

#include "engine/limits.h"

namespace lumbung::audit {

namespace {

constexpr int kTries = 5;
constexpr auto kPause = std::chrono::milliseconds(200);

// A server that compacts meanwhile makes an attempt fail now and then.
absl::StatusOr<std::unique_ptr<DerivedImages>> OpenDerived(const std::string& folder) {
  for (int i = 1;; ++i) {
    auto opened = DerivedImages::Open(folder);
    if (opened.ok() || absl::IsNotFound(opened.status()) || i == kTries) return opened;
    std::this_thread::sleep_for(kPause);
  }
}

absl::StatusOr<VerifierKey> ReadKey(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return absl::NotFoundError("there is no " + path);
  return VerifierKey::Parse(line);
}

absl::StatusOr<KnownCheckpoints> ReadLog(const std::string& folder,
                                         const std::optional<VerifierKey>& given) {
  std::optional<VerifierKey> key = given;
  std::string no_key;
  if (!key) {
    const auto own = ReadKey(folder + "/public-key");
    if (own.ok()) key = *own;
    no_key = std::string(own.status().message());
  }
  auto known = ReadCheckpoints(folder + "/checkpoints", CheckpointFrom::kLog, key);
  if (absl::IsNotFound(known.status())) return KnownCheckpoints{};
  if (known.ok() && !given) {
    known->notes.push_back(
        key ? "the log's signatures were checked with the key that stands in the same folder: name "
              "yours (--key)"
            : "the log's signatures were not checked: " + no_key);
  }
  return known;
}

// The first number behind one of these words.
Sequence SequenceIn(std::string_view message) {
  for (const std::string_view word : {"entry ", "sequence "}) {
    for (size_t at = message.find(word); at != std::string_view::npos;
         at = message.find(word, at + 1)) {
      uint64_t number = 0;
      for (size_t i = at + word.size(); i < message.size(); ++i) {
        if (message[i] < '0' || message[i] > '9' || number > kMaxSequence) break;
        number = 10 * number + static_cast<uint64_t>(message[i] - '0');
      }
      if (number != 0) return Sequence{number};
    }
  }
  return Sequence{};
}

}  // namespace

absl::StatusOr<DataFolder> OpenDataFolder(const std::string& folder,
                                          const std::optional<VerifierKey>& key) {
  DataFolder opened;
  std::vector<std::string> notes;
  auto derived = OpenDerived(folder + "/derived");
  if (derived.ok()) {
    opened.derived = *std::move(derived);
  } else if (!absl::IsNotFound(derived.status())) {
    notes.push_back("the derived data were not compared: " +
                    std::string(derived.status().message()));
  }
  auto checkpoints = ReadLog(folder + "/transparency", key);
  if (!checkpoints.ok()) return checkpoints.status();
  opened.checkpoints = *std::move(checkpoints);
  opened.checkpoints.notes.insert(opened.checkpoints.notes.end(), notes.begin(), notes.end());
  std::error_code error;
  if (std::filesystem::exists(folder + "/transparency/tree", error)) {
    opened.tree_folder = folder + "/transparency/tree";
  }
  auto ledger = LedgerStore::Open(folder + "/ledger", Access::kReadOnly);
  if (!ledger.ok()) return ledger.status();
  opened.ledger = *std::move(ledger);
  return opened;
}

Report Unopened(const absl::Status& data_loss) {
  Report report;
  for (CheckResult& check : report.checks) {
    check = {CheckEnd::kSkipped, "the ledger can't be opened"};
  }
  const std::string message(data_loss.message());
  const Sequence at = SequenceIn(message);
  if (at == kNoSequence) {
    Add(report, {Check::kChain, at, at, message});
    return report;
  }
  // A block is named by its first entry; a broken link does not tell which of its blocks was
  // changed.
  const bool link = message.find("chain is broken") != std::string::npos;
  const uint64_t before = link ? std::min<uint64_t>(at.value() - 1, kMaxBlockEntries) : 0;
  Add(report, {Check::kChain, Sequence{at.value() - before},
               Sequence{at.value() + kMaxBlockEntries - 1}, message});
  return report;
}

}  // namespace lumbung::audit
