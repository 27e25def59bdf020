#include "storage/transparency/tree_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <utility>

#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

constexpr uint64_t kHashBytes = sizeof(MerkleHash);

absl::Status ReadAt(int file, uint64_t first, std::span<MerkleHash> out) {
  auto* const bytes = reinterpret_cast<char*>(out.data());
  for (size_t done = 0; done < out.size_bytes();) {
    const auto offset = static_cast<off_t>(first * kHashBytes + done);
    const ssize_t got = pread(file, bytes + done, out.size_bytes() - done, offset);
    if (got < 0 && errno == EINTR) continue;
    // What the disk can't read any more follows from the ledger.
    if (got < 0 && errno == EIO) return absl::DataLossError("the Merkle tree can't be read");
    if (got < 0) return FileError("reading", "the Merkle tree");
    if (got == 0) return absl::DataLossError("the Merkle tree's files end too early");
    done += static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

std::string MarkIn(const std::string& folder) { return folder + "/being-rebuilt"; }

absl::Status MakeMark(const std::string& folder) {
  const std::string mark = MarkIn(folder);
  const int file = open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return FileError("making", mark);
  close(file);
  return SyncFolderOf(mark);
}

absl::Status Remove(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return FileError("removing", path);
}

}  // namespace

TreeFiles::TreeFiles(std::string folder) : folder_(std::move(folder)) { files_.fill(-1); }

TreeFiles::~TreeFiles() {
  for (const int file : files_) {
    if (file >= 0) close(file);
  }
}

absl::Status TreeFiles::Open() {
  for (unsigned level = 0; level < kLevels; ++level) {
    const std::string path = folder_ + "/level-" + std::to_string(level);
    files_[level] = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (files_[level] < 0) return FileError("opening", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> TreeFiles::LeavesOnDisk() const {
  struct stat found {};
  if (fstat(files_[0], &found) != 0) return FileError("reading", folder_ + "/level-0");
  return static_cast<uint64_t>(found.st_size) / kHashBytes;
}

absl::Status TreeFiles::Truncate(uint64_t size) {
  size_.store(0, std::memory_order_release);
  for (unsigned level = 0; level < kLevels; ++level) {
    written_[level] = size >> (level * kTileHeight);
    struct stat found {};
    if (fstat(files_[level], &found) != 0) return FileError("reading", folder_);
    if (static_cast<uint64_t>(found.st_size) < written_[level] * kHashBytes) {
      return absl::DataLossError(folder_ + "/level-" + std::to_string(level) +
                                 " has fewer hashes than the tree");
    }
    if (ftruncate(files_[level], static_cast<off_t>(written_[level] * kHashBytes)) != 0) {
      return FileError("shortening", folder_ + "/level-" + std::to_string(level));
    }
  }
  size_.store(size, std::memory_order_release);
  for (unsigned height = 0; height < odd_.size(); ++height) {
    odd_[height].clear();
    if ((size >> height & 1) == 0) continue;
    const absl::StatusOr<MerkleHash> node = Node({height, (size >> height) - 1});
    if (!node.ok()) {
      size_.store(0, std::memory_order_release);
      return node.status();
    }
    odd_[height].push_back(*node);
  }
  return absl::OkStatus();
}

absl::Status TreeFiles::BeginAnew() {
  absl::Status status = MakeMark(folder_);
  return status.ok() ? Truncate(0) : status;
}

absl::Status TreeFiles::EndAnew() {
  if (!IsBeingRebuilt(folder_)) return absl::OkStatus();
  absl::Status status = Sync();
  return status.ok() ? Remove(MarkIn(folder_)) : status;
}

bool TreeFiles::IsBeingRebuilt(const std::string& folder) {
  return access(MarkIn(folder).c_str(), F_OK) == 0;
}

absl::Status TreeFiles::Drop(const std::string& folder) {
  if (access(folder.c_str(), F_OK) != 0 && errno == ENOENT) return absl::OkStatus();
  absl::Status status = MakeMark(folder);
  for (unsigned level = 0; level < kLevels && status.ok(); ++level) {
    status = Remove(folder + "/level-" + std::to_string(level));
  }
  return status.ok() ? Remove(MarkIn(folder)) : status;
}

absl::Status TreeFiles::Write(unsigned level, std::span<const MerkleHash> hashes) {
  const auto* const bytes = reinterpret_cast<const char*>(hashes.data());
  for (size_t done = 0; done < hashes.size_bytes();) {
    const auto offset = static_cast<off_t>(written_[level] * kHashBytes + done);
    const ssize_t wrote = pwrite(files_[level], bytes + done, hashes.size_bytes() - done, offset);
    if (wrote < 0 && errno != EINTR) {
      return FileError("writing", folder_ + "/level-" + std::to_string(level));
    }
    if (wrote > 0) done += static_cast<size_t>(wrote);
  }
  written_[level] += hashes.size();
  return absl::OkStatus();
}

absl::Status TreeFiles::Append(std::span<const MerkleHash> leaves) {
  std::span<const MerkleHash> nodes = leaves;
  std::vector<MerkleHash> parents;
  for (unsigned height = 0; !nodes.empty(); ++height) {
    if (height % kTileHeight == 0) {
      if (absl::Status status = Write(height / kTileHeight, nodes); !status.ok()) return status;
    }
    std::vector<MerkleHash>& odd = odd_[height];
    std::vector<MerkleHash> joined;  // with the one that waited, if there is one
    if (!odd.empty()) {
      joined.reserve(1 + nodes.size());
      joined.push_back(odd.front());
      joined.insert(joined.end(), nodes.begin(), nodes.end());
      nodes = joined;
      odd.clear();
    }
    if (nodes.size() % 2 != 0) odd.push_back(nodes.back());
    std::vector<MerkleHash> above(nodes.size() / 2);
    NodeHashes(nodes.first(2 * above.size()), above);
    parents = std::move(above);
    nodes = parents;
  }
  size_.store(size() + leaves.size(), std::memory_order_release);
  return absl::OkStatus();
}

absl::Status TreeFiles::Sync() {
  for (unsigned level = 0; level < kLevels; ++level) {
    if (fdatasync(files_[level]) != 0) {
      return FileError("syncing", folder_ + "/level-" + std::to_string(level));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<MerkleHash> TreeFiles::ReadHash(unsigned level, uint64_t index) const {
  MerkleHash hash;
  absl::Status status = ReadAt(files_[level], index, {&hash, 1});
  if (!status.ok()) return status;
  return hash;
}

absl::StatusOr<std::vector<MerkleHash>> TreeFiles::ReadTile(TilePlace tile) const {
  const uint64_t begin = tile.index * kTileHashes;
  const uint64_t end = std::min(begin + kTileHashes, CountAt(tile.level));
  std::vector<MerkleHash> hashes(end - begin);
  if (absl::Status status = ReadAt(files_[tile.level], begin, hashes); !status.ok()) return status;
  if (hashes.size() == kTileHashes && tile.level + 1 < kLevels) {
    const absl::StatusOr<MerkleHash> parent = ReadHash(tile.level + 1, tile.index);
    if (!parent.ok()) return parent.status();
    if (RootOfComplete(hashes) != *parent) {
      return absl::DataLossError("tile " + std::to_string(tile.index) + " of " + folder_ +
                                 "/level-" + std::to_string(tile.level) +
                                 " does not have its parent's hash");
    }
  }
  return hashes;
}

absl::StatusOr<MerkleHash> TreeFiles::Node(NodePlace place) const {
  const unsigned level = place.height / kTileHeight;
  if (place.height >= 64 || place.index >= size() >> place.height) {
    return absl::OutOfRangeError("no complete subtree there");
  }
  const unsigned within = place.height % kTileHeight;
  const uint64_t first = place.index << within;
  const absl::StatusOr<std::vector<MerkleHash>> tile = ReadTile({level, first / kTileHashes});
  if (!tile.ok()) return tile.status();
  const auto begin = tile->begin() + static_cast<ptrdiff_t>(first % kTileHashes);
  return RootOfComplete({begin, begin + (ptrdiff_t{1} << within)});
}

NodeSource TreeFiles::Nodes() const {
  return [this](NodePlace place) { return Node(place); };
}

}  // namespace lumbung
