// What a crash leaves of the simulated disk, and damage at rest.
#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/simulated_file.h"

namespace lumbung {

// --- crash ---

bool SimulatedDisk::Restart(Survival survival, std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  size_t survivors = survival == Survival::kEverything ? unsynced_.size() : 0;
  if (survival == Survival::kSomeFirstPart || survival == Survival::kTornWithZeros) {
    survivors = random() % (unsynced_.size() + 1);
  }
  for (size_t i = 0; i < survivors; ++i) Apply(unsynced_[i], durable_names_);
  unsynced_.clear();
  names_ = durable_names_;
  ForgetOrphans();
  bool zeros = false;
  for (auto& [name, file] : names_) {
    if (file->reserved > file->synced) {
      Tear(*file, survival, random);
      continue;
    }
    const size_t unsynced = file->bytes.size() - file->synced;
    size_t kept = survival == Survival::kNothing ? 0 : unsynced;
    const bool some = survival == Survival::kSomeFirstPart || survival == Survival::kTornWithZeros;
    if (some && unsynced > 0) kept = random() % (unsynced + 1);
    if (file->bound != std::string::npos) kept = 0;
    file->bytes.resize(file->synced + kept);
    if (survival == Survival::kTornWithZeros && kept < unsynced) {
      file->zeros_from = file->bytes.size();
      file->bytes.append(random() % (unsynced - kept), '\0');
      file->zeros_to = file->bytes.size();
      zeros |= file->zeros_to > file->zeros_from;
    }
    file->synced = file->bytes.size();
    file->bound = std::string::npos;
  }
  durable_names_ = names_;
  ++life_;
  dead_ = false;
  armed_ = {};
  has_fired_ = false;
  random_.seed(random());
  return zeros;
}

// What a crash leaves of a file whose size was reserved. Its length may be durable or not, but what
// was synced is. Of the rest each sector is there or still zeros after a power cut; a process that
// is killed leaves all up to a page's end.
void SimulatedDisk::Tear(File& file, Survival survival, std::mt19937_64& random) {
  const size_t written = file.bytes.size();
  size_t kept = survival == Survival::kNothing ? file.synced : written;
  if (survival == Survival::kSomeFirstPart) {
    const size_t pages = (written - file.synced) / kPage + 1;
    kept = std::min(written, (file.synced / kPage + 1 + random() % pages) * kPage);
  }
  if (file.bound != std::string::npos) kept = file.synced;
  file.bytes.resize(kept);
  if (survival == Survival::kTornWithZeros) {
    for (size_t sector = file.synced / kSector * kSector; sector < kept; sector += kSector) {
      if (random() % 2 == 0) continue;
      const size_t begin = std::max(sector, file.synced);
      std::fill_n(file.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                  std::min(sector + kSector, kept) - begin, '\0');
    }
  }
  if (random() % 2 == 0) file.bytes.resize(std::max(kept, file.reserved));
  file.synced = file.bytes.size();
  file.reserved = 0;
  file.bound = std::string::npos;
}

// What stands in a folder that is not there is not there either.
void SimulatedDisk::ForgetOrphans() {
  for (bool again = true; std::exchange(again, false);) {
    for (auto it = names_.begin(); it != names_.end();) {
      const std::string folder = FolderOf(it->first);
      const bool orphan = folder != "/" && !names_.contains(folder);
      again |= orphan;
      it = orphan ? names_.erase(it) : std::next(it);
    }
  }
}

bool SimulatedDisk::LogsAreSynced(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : names_) {
    if (!name.starts_with(folder + "/") || !IsLog(name)) continue;
    if (file->synced == file->bytes.size() && durable_names_.contains(name)) continue;
    if (!file->bytes.empty()) return false;
  }
  return true;
}

uint64_t SimulatedDisk::log_syncs() const {
  const std::lock_guard lock(mutex_);
  return log_syncs_;
}

// --- damage ---

std::vector<std::string> SimulatedDisk::Files(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> files;
  for (const auto& [name, file] : names_) {
    if (!file->folder && name.starts_with(folder + "/")) files.push_back(name);
  }
  return files;
}

bool SimulatedDisk::FlipBit(const std::string& name, std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  File& file = *names_.at(name);
  if (file.bytes.empty()) return false;
  // The last bytes more often: there a log's damage is most like a torn end.
  const size_t reach =
      random() % 2 == 0 ? std::min<size_t>(file.bytes.size(), 4096) : file.bytes.size();
  file.flipped[file.bytes.size() - 1 - random() % reach] ^= static_cast<uint8_t>(1 << random() % 8);
  return true;
}

void SimulatedDisk::Lose(const std::string& name) {
  const std::lock_guard lock(mutex_);
  lost_.insert(name);
}

void SimulatedDisk::Mend() {
  const std::lock_guard lock(mutex_);
  lost_.clear();
  for (auto& [name, file] : names_) {
    file->flipped.clear();
    if (file->zeros_to != 0 && file->bytes.size() == file->zeros_to)
      file->bytes.resize(file->zeros_from);
    file->synced = std::min(file->synced, file->bytes.size());
    file->zeros_from = file->zeros_to = 0;
  }
  // A crash may bring these back.
  for (auto& [name, file] : durable_names_) file->flipped.clear();
  for (const auto& changes : unsynced_) {
    for (const NameChange& change : changes) {
      if (change.file != nullptr) change.file->flipped.clear();
    }
  }
}

void SimulatedDisk::RemoveFolder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  std::erase_if(names_, [&](const auto& name) {
    return name.first == folder || name.first.starts_with(folder + "/");
  });
  durable_names_ = names_;
  unsynced_.clear();
}

}  // namespace lumbung
