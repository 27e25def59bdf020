// Input: what (1 byte: even, the tree's files; odd, the file of checkpoints), then
//   even: leaves (2 bytes, taken modulo 1025) ‖ damages, each level 1 byte, offset 4, byte 1;
//         offset beyond the file's end: the file is cut there modulo its length
//   odd:  the whole file
// Holds: a damaged tree either says so or has another root than the true one, or every hash that
// it gives proves what it should. Of a file of checkpoints only signed ones are read, and what is
// left on the disk is read again to the same.
#include "storage/transparency/tree_files.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "engine/check.h"
#include "storage/transparency/checkpoint_file.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::fuzz {

namespace {

constexpr uint64_t kMostLeaves = 1024;  // two levels of files
constexpr int kMostDamages = 16;

const std::vector<MerkleHash>& Leaves() {
  static const std::vector<MerkleHash> leaves = [] {
    std::vector<MerkleHash> made(kMostLeaves);
    for (uint64_t i = 0; i < kMostLeaves; ++i) made[i] = LeafHash(std::as_bytes(std::span(&i, 1)));
    return made;
  }();
  return leaves;
}

// All nodes of the tree over them, by height.
const std::vector<std::vector<MerkleHash>>& Nodes() {
  static const std::vector<std::vector<MerkleHash>> nodes = [] {
    std::vector<std::vector<MerkleHash>> made = {Leaves()};
    while (made.back().size() > 1) {
      std::vector<MerkleHash> parents(made.back().size() / 2);
      NodeHashes(std::span(made.back()).first(2 * parents.size()), parents);
      made.push_back(std::move(parents));
    }
    return made;
  }();
  return nodes;
}

const NodeSource& TrueNodes() {
  static const NodeSource nodes = [](NodePlace place) -> absl::StatusOr<MerkleHash> {
    return Nodes()[place.height][place.index];
  };
  return nodes;
}

// One folder for all inputs: its files are written anew each time.
const std::string& Folder() {
  static const TemporaryFolder folder;
  static const std::string path = folder.Path("tree");
  static const bool made = std::filesystem::create_directory(path);
  LUMBUNG_CHECK(made);
  return path;
}

std::string LevelPath(unsigned level) { return Folder() + "/level-" + std::to_string(level); }

// The files as TreeFiles has them; that it does is what the seeds show.
void WriteTree(uint64_t size) {
  for (unsigned level = 0; level < TreeFiles::kLevels; ++level) {
    const unsigned height = level * TreeFiles::kTileHeight;
    std::ofstream file(LevelPath(level), std::ios::binary | std::ios::trunc);
    if (height < Nodes().size()) {
      file.write(reinterpret_cast<const char*>(Nodes()[height].data()),
                 static_cast<std::streamsize>((size >> height) * sizeof(MerkleHash)));
    }
    LUMBUNG_CHECK(file.good());
  }
}

void Damage(Input& input) {
  for (int i = 0; i < kMostDamages && !input.rest().empty(); ++i) {
    const unsigned level = input.Take<uint8_t>() % TreeFiles::kLevels;
    const auto offset = input.Take<uint32_t>();
    const auto byte = input.Take<uint8_t>();
    const uint64_t length = std::filesystem::file_size(LevelPath(level));
    if (offset < length) {
      std::fstream file(LevelPath(level), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(offset);
      file.put(static_cast<char>(byte));
    } else if (length > 0) {
      std::filesystem::resize_file(LevelPath(level), offset % length);
    }
  }
}

bool IsDamage(const absl::Status& status) { return absl::IsDataLoss(status); }

bool TryTree(Input input) {
  const uint64_t size = input.Take<uint16_t>() % (kMostLeaves + 1);
  WriteTree(size);
  Damage(input);
  TreeFiles tree(Folder());
  LUMBUNG_CHECK(tree.Open().ok());
  if (const absl::Status status = tree.Truncate(size); !status.ok()) {
    LUMBUNG_CHECK(IsDamage(status) && tree.size() == 0);
    return false;
  }
  const MerkleHash true_root = *RootOf(size, TrueNodes());
  const auto root = tree.Root(size);
  LUMBUNG_CHECK(root.ok() || IsDamage(root.status()));
  if (!root.ok() || *root != true_root) return false;
  // The places at which proofs change their form, and one that the input chooses.
  std::set<uint64_t> asked = {0, size / 2, size - 1, input.Take<uint16_t>() % (size + 1)};
  for (const uint64_t leaf : asked) {
    if (leaf >= size) continue;
    const auto path = InclusionPath({leaf, size}, tree.Nodes());
    LUMBUNG_CHECK(path.ok() || IsDamage(path.status()));
    if (path.ok()) {
      LUMBUNG_CHECK(VerifyInclusion({leaf, size}, Leaves()[leaf], *path, true_root));
    }
    const auto consistency = ConsistencyPath({leaf, size}, tree.Nodes());
    LUMBUNG_CHECK(consistency.ok() || IsDamage(consistency.status()));
    if (!consistency.ok()) continue;
    const MerkleHash first = *RootOf(leaf, TrueNodes());
    LUMBUNG_CHECK(VerifyConsistency({leaf, size}, {first, true_root}, *consistency));
  }
  return true;
}

// The checkpoint of one entry more than the sample's.
const std::string& NextNote() {
  static const std::string text = [] {
    Checkpoint checkpoint = *OpenCheckpoint(Sample().note, Sample().log);
    ++checkpoint.size;
    SignedNote note{.text = checkpoint.ToText()};
    note.signatures = {SampleLogKey().Sign(note.text)};
    return note.ToString();
  }();
  return text;
}

bool TryCheckpoints(std::string_view text) {
  const std::string path = Folder() + "/checkpoints";
  {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << WithNotes(text.substr(0, 4096));
    LUMBUNG_CHECK(file.good());
  }
  CheckpointFile file(path);
  if (const absl::Status status = file.Open(Sample().log); !status.ok()) {
    LUMBUNG_CHECK(IsDamage(status));
    return false;
  }
  for (const auto& [size, note] : file.newest()) {
    const auto checkpoint = OpenCheckpoint(note, Sample().log);
    LUMBUNG_CHECK(checkpoint.ok() && checkpoint->size == size);
  }
  LUMBUNG_CHECK(file.Append(Sample().leaves.size() + 1, NextNote()).ok());
  CheckpointFile again(path);
  LUMBUNG_CHECK(again.Open(Sample().log).ok() && again.newest() == file.newest());
  return true;
}

std::string DamageAt(uint8_t level, uint32_t offset, uint8_t byte) {
  std::string bytes(1, static_cast<char>(level));
  bytes.append(reinterpret_cast<const char*>(&offset), sizeof offset);
  return bytes + static_cast<char>(byte);
}

}  // namespace

bool Try(Input input) {
  const bool tree = input.Take<uint8_t>() % 2 == 0;
  return tree ? TryTree(input) : TryCheckpoints(input.rest());
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  return {
      {"tree-empty", "\0\0\0"s},
      {"tree-of-3", "\0\3\0"s},
      {"tree-of-700", "\0\xBC\2"s},
      // Behind what is good: cut off at the start.
      {"damage-unread", "\0\3\0"s + DamageAt(3, 5, 7)},
      {"damage-same", "\0\0\1"s + DamageAt(0, 0, static_cast<uint8_t>(Leaves()[0][0]))},
      {"checkpoints-none", "\1"},
      {"checkpoints", "\1" + RecordHead() + "@"},
      {"checkpoints-torn", "\1" + RecordHead() + "@" + "checkpoint 99"},
  };
}

}  // namespace lumbung::fuzz
