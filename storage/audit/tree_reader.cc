#include "storage/audit/tree_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "storage/transparency/synced_file.h"
#include "storage/transparency/tree_files.h"

namespace lumbung::audit {

namespace {

constexpr size_t kHashesAhead = 8192;

}  // namespace

TreeReader::TreeReader(const std::string& folder, uint64_t size)
    : folder_(folder),
      size_(size),
      was_being_rebuilt_(TreeFiles::IsBeingRebuilt(folder)),
      levels_(TreeFiles::kLevels) {
  for (size_t i = 0; i < levels_.size(); ++i) {
    const std::string path = PathOf(i);
    Level& level = levels_[i];
    level.file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    any_ = any_ || level.file >= 0;
    if (level.file >= 0 || errno == ENOENT || errno == ENOTDIR) continue;
    level.done = true;
    unread_.Update(FileError("opening", path));
  }
}

TreeReader::~TreeReader() {
  for (const Level& level : levels_) {
    if (level.file >= 0) close(level.file);
  }
}

std::string TreeReader::PathOf(size_t level) const {
  return folder_ + "/level-" + std::to_string(level);
}

bool TreeReader::IsBeingRebuilt() const {
  return was_being_rebuilt_ || TreeFiles::IsBeingRebuilt(folder_);
}

// Whether there is a hash to compare with.
bool TreeReader::Fill(size_t number) {
  Level& level = levels_[number];
  if (level.next < level.ahead.size()) return true;
  level.ahead.resize(kHashesAhead);
  level.next = 0;
  const ssize_t got = pread(level.file, level.ahead.data(), kHashesAhead * sizeof(MerkleHash),
                            static_cast<off_t>(level.read * sizeof(MerkleHash)));
  if (got < 0) {
    level.done = true;
    unread_.Update(FileError("reading", PathOf(number)));
  }
  level.ahead.resize(got < 0 ? 0 : static_cast<size_t>(got) / sizeof(MerkleHash));
  level.read += level.ahead.size();
  return !level.ahead.empty();
}

void TreeReader::Compare(unsigned height, uint64_t first, std::span<const MerkleHash> nodes) {
  const unsigned number = height / TreeFiles::kTileHeight;
  if (!any_ || number >= levels_.size()) return;
  Level& level = levels_[number];
  const uint64_t signed_nodes = size_ >> height;
  for (size_t i = 0; i < nodes.size() && first + i < signed_nodes && !level.done;) {
    const bool there = level.file >= 0 && Fill(number);
    if (level.done) return;
    size_t same = 0;
    if (there) {
      const size_t count = std::min<uint64_t>(
          {nodes.size() - i, level.ahead.size() - level.next, signed_nodes - first - i});
      const auto stored = std::span(level.ahead).subspan(level.next, count);
      while (same < count && stored[same] == nodes[i + same]) ++same;
      level.next += same;
      compared_ += same;
      i += same;
      if (same == count) continue;
    }
    level.done = true;
    const uint64_t index = first + i;
    findings_.push_back(
        {Check::kTree, Sequence{(index << height) + 1}, Sequence{(index + 1) << height},
         "transparency/tree/level-" + std::to_string(number) + ": hash " + std::to_string(index) +
             (there ? " is not that of the ledger's entries" : " is missing")});
  }
}

}  // namespace lumbung::audit
