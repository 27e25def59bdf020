#include "storage/audit/data_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "storage/transparency/synced_file.h"

namespace lumbung::audit {

namespace {

constexpr int kTries = 5;
constexpr auto kPause = std::chrono::milliseconds(200);
constexpr size_t kMostKeyBytes = size_t{64} << 10;

// The files of a folder and their lengths, as text.
std::string ListingOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    files.push_back(it->path().string() + " " + std::to_string(it->file_size(gone)));
  }
  std::ranges::sort(files);
  std::string listing;
  for (const std::string& file : files) listing += file + "\n";
  return listing;
}

// A server that goes on meanwhile makes an attempt fail now and then. Only what fails although
// nothing in the folder has changed is damaged.
template <typename OpenIt>
auto OpenBesideServer(const std::string& folder, const OpenIt& open) {
  for (int i = 1;; ++i) {
    const std::string before = ListingOf(folder);
    auto opened = open();
    if (opened.ok() || absl::IsNotFound(opened.status()) || before == ListingOf(folder)) {
      return opened;
    }
    if (i == kTries) {
      opened = absl::UnavailableError("while a server is at work there: " +
                                      std::string(opened.status().message()));
      return opened;
    }
    std::this_thread::sleep_for(kPause);
  }
}

void OpenDerived(const std::string& folder, DataFolder& into) {
  auto opened = OpenBesideServer(folder, [&] { return DerivedImages::Open(folder); });
  into.no_derived = opened.status();
  if (opened.ok()) into.derived = *std::move(opened);
}

// Up to where it can be read, if its end is damaged.
absl::Status OpenLedger(const std::string& folder, DataFolder& into) {
  auto opened =
      OpenBesideServer(folder, [&] { return LedgerStore::Open(folder, Access::kReadOnly); });
  if (absl::IsDataLoss(opened.status())) {
    into.damage = opened.status();
    opened = LedgerStore::Open(folder, Access::kSalvage);
    if (!opened.ok()) return into.damage;
  }
  if (!opened.ok()) return opened.status();
  into.ledger = *std::move(opened);
  return absl::OkStatus();
}

absl::StatusOr<VerifierKey> ReadKey(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWhole(path, kMostKeyBytes);
  if (!text.ok()) return text.status();
  return VerifierKey::Parse(text->substr(0, text->find('\n')));
}

KnownCheckpoints ReadLog(const std::string& folder, const std::optional<VerifierKey>& given) {
  std::optional<VerifierKey> key = given;
  absl::Status no_key;
  if (!key) {
    const auto own = ReadKey(folder + "/public-key");
    if (own.ok()) key = *own;
    no_key = own.status();
  }
  auto known = ReadCheckpoints(folder + "/checkpoints", CheckpointFrom::kLog, key);
  if (absl::IsNotFound(known.status())) return {};
  if (!known.ok()) {
    KnownCheckpoints none;
    none.unread = known.status();
    return none;
  }
  if (given) return *std::move(known);
  if (key) {
    known->notes.push_back(
        "the log's signatures were checked with the key that stands in the same folder: name "
        "yours (--key)");
    return *std::move(known);
  }
  const std::string unchecked =
      "the log's signatures were not checked: " + std::string(no_key.message());
  if (absl::IsUnavailable(no_key)) known->unread = absl::UnavailableError(unchecked);
  known->notes.push_back(unchecked);
  return *std::move(known);
}

}  // namespace

absl::StatusOr<DataFolder> OpenDataFolder(const std::string& folder,
                                          const std::optional<VerifierKey>& key) {
  DataFolder opened;
  OpenDerived(folder + "/derived", opened);
  opened.checkpoints = ReadLog(folder + "/transparency", key);
  opened.tree_folder = folder + "/transparency/tree";
  if (absl::Status status = OpenLedger(folder + "/ledger", opened); !status.ok()) return status;
  return opened;
}

Report Unopened(const absl::Status& data_loss) {
  Report report;
  for (CheckResult& check : report.checks) {
    check = {CheckEnd::kUnread, "the ledger can't be opened"};
  }
  Add(report, {Check::kChain, kNoSequence, kNoSequence, std::string(data_loss.message())});
  return report;
}

}  // namespace lumbung::audit
