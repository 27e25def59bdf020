#include "storage/transparency/transparency_log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "storage/folder.h"
#include "storage/transparency/checkpoint_file.h"
#include "storage/transparency/cosignatures.h"
#include "storage/transparency/day_change.h"
#include "storage/transparency/entry_leaves.h"
#include "storage/transparency/new_blocks.h"
#include "storage/transparency/signing_key.h"
#include "storage/transparency/synced_file.h"
#include "storage/transparency/tree_files.h"

namespace lumbung {

namespace {

using SteadyClock = std::chrono::steady_clock;

// Entries in the ledger that are not in the tree yet, from which on there is no pause.
constexpr uint64_t kFarBehind = uint64_t{1} << 15;
// Between checkpoints that somebody asked for: each costs a few syncs.
constexpr auto kAskedInterval = std::chrono::milliseconds(500);
// Entries that one round takes, so that stopping and signing never wait long.
constexpr uint64_t kMostInRound = uint64_t{1} << 18;
// Entries that a stop still takes, in about a second.
constexpr uint64_t kMostAtStop = uint64_t{1} << 22;
// Leaves that are appended at once: the tree's vectors stay within the processor's caches.
constexpr size_t kLeavesAtOnce = 4096;
// A disk that damages the tree again and again is not mended by rebuilding.
constexpr int kMostRebuilds = 3;
// Heads kept in memory, for proofs to be compared with.
constexpr size_t kMostHeads = 4096;

std::string TreeFolder(const std::string& folder) { return folder + "/tree"; }
std::string CheckpointPath(const std::string& folder) { return folder + "/checkpoints"; }

// The key is made before the first checkpoint: without it, it was lost, and another can't go on.
absl::Status CheckKeyIsThere(const std::string& key_file, const std::string& checkpoints) {
  std::error_code error;
  if (std::filesystem::exists(key_file, error) || !std::filesystem::exists(checkpoints, error)) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the signing key " + key_file + " is gone, but " + checkpoints +
                             " was signed with it: put the key back, or begin a new log by moving "
                             "the checkpoints and cosignatures away");
}

}  // namespace

struct TransparencyLog::Parts {
  Parts(Options given, const LedgerStore& ledger, Listener listener, SigningKey key)
      : options(std::move(given)),
        ledger(ledger),
        blocks(ledger),
        listener(std::move(listener)),
        key(std::move(key)),
        checkpoints(CheckpointPath(options.folder)),
        tree(TreeFolder(options.folder)),
        cosignatures(options.folder + "/cosignatures", options.witnesses) {}

  absl::Status Open();
  absl::Status WritePublicKey() const;
  absl::Status OpenTree();
  absl::StatusOr<bool> TreeIsOfLedger();
  absl::Status FollowFrom(uint64_t size);

  void Run();
  absl::Status Round(uint64_t most);
  absl::Status CatchUp(uint64_t most);
  absl::Status Take(const StoredBlock& block);
  absl::Status AppendLeaves();
  absl::Status Rebuild(const absl::Status& damage);
  absl::Status CompareWithSigned();
  std::string Contradiction();
  bool CheckpointIsDue() const;
  absl::Status SignDue();
  absl::Status Sign(uint64_t size);
  void Publish(SignedHead head);
  void Halt(const absl::Status& why);
  void Report(const std::string& text) const {
    if (listener.on_report) listener.on_report(text);
  }

  absl::StatusOr<SignedHead> HeadOf(uint64_t size) const;
  std::optional<MerkleHash> SignedRoot(uint64_t size) const;
  absl::StatusOr<MerkleHash> RootToProve(uint64_t size) const;
  absl::Status Provable(uint64_t size) const;
  absl::Status Noticed(const absl::Status& status) const;

  // Set at opening.
  const Options options;
  const LedgerStore& ledger;
  NewBlocks blocks;  // the log's thread
  const Listener listener;
  const SigningKey key;

  // The log's thread, or who runs it in its place.
  CheckpointFile checkpoints;
  SignedHead head;  // the last that was signed, without cosignatures
  DayChange days;
  std::vector<MerkleHash> leaves;  // hashed and not yet appended
  std::vector<uint64_t> closings;  // sizes at which a day ended, to be signed
  bool rebuilding = false;         // the tree has not been compared with the last head yet
  int rebuilds = 0;
  std::optional<SteadyClock::time_point> last_signed;  // since this log was opened
  absl::Status failure;  // of the disk: what the tree has in memory may be no tree any more

  // Appended to by the log's thread; read under `tree_use`, which it takes whole to start anew.
  TreeFiles tree;
  mutable std::shared_mutex tree_use;

  // Any thread.
  Cosignatures cosignatures;
  mutable std::atomic<bool> damage_seen{false};  // by a reader, who holds tree_use
  std::atomic<bool> asked{false};
  mutable std::mutex heads_mutex;
  std::map<uint64_t, SignedHead> heads;  // by size, without cosignatures; guarded by heads_mutex
  absl::Status halted;                   // guarded by heads_mutex

  std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;   // guarded by mutex
  bool ended = false;  // by Stop
  std::atomic<bool> stopping{false};
  std::thread thread;
};

// ------------------------------------------------------------------------------------ opening

absl::Status TransparencyLog::Parts::Open() {
  if (absl::Status status = checkpoints.Open(key.verifier()); !status.ok()) return status;
  if (absl::Status status = WritePublicKey(); !status.ok()) return status;
  for (const auto& [size, note] : checkpoints.newest()) {
    const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(note, key.verifier());
    if (!checkpoint.ok()) return checkpoint.status();
    Publish({checkpoint->size, checkpoint->root, note});
  }
  if (absl::Status status = cosignatures.Open(checkpoints.newest()); !status.ok()) return status;
  if (head.note.empty()) {
    SignedNote note{.text = Checkpoint{options.origin, 0, EmptyRoot()}.ToText()};
    note.signatures = {key.Sign(note.text)};
    if (absl::Status status = checkpoints.Append(0, note.ToString()); !status.ok()) return status;
    Publish({0, EmptyRoot(), note.ToString()});
  }
  if (ledger.last().value() < head.size) {
    return absl::DataLossError(
        absl::StrCat("the ledger ends at entry ", ledger.last().value(), ", but a checkpoint of ",
                     head.size, " entries was signed: entries that were acknowledged are missing"));
  }
  return OpenTree();
}

absl::Status TransparencyLog::Parts::WritePublicKey() const {
  const std::string path = options.folder + "/public-key";
  const std::string vkey = key.verifier().ToString() + "\n";
  const absl::StatusOr<std::string> there = ReadWhole(path, vkey.size());
  return there.ok() && *there == vkey ? absl::OkStatus() : ReplaceSynced(path, vkey);
}

absl::Status TransparencyLog::Parts::OpenTree() {
  if (absl::Status status = MakeFolder(TreeFolder(options.folder), {}); !status.ok()) {
    return status;
  }
  if (absl::Status status = tree.Open(); !status.ok()) return status;
  const absl::StatusOr<uint64_t> stored = tree.LeavesOnDisk();
  if (!stored.ok()) return stored.status();
  absl::Status status = tree.Truncate(head.size);
  if (status.ok()) {
    const absl::StatusOr<bool> same = TreeIsOfLedger();
    if (!same.ok() && !absl::IsDataLoss(same.status())) return same.status();
    if (same.ok() && *same) return FollowFrom(head.size);
  } else if (!absl::IsDataLoss(status)) {
    return status;
  }
  if (*stored > 0) Report("the Merkle tree on disk is not the signed one");
  rebuilding = true;
  Report(absl::StrCat("the Merkle tree of ", head.size, " signed entries is rebuilt"));
  return tree.BeginAnew();
}

// Whether the tree has the root that was signed, and at its end the ledger's entries.
absl::StatusOr<bool> TransparencyLog::Parts::TreeIsOfLedger() {
  const absl::StatusOr<MerkleHash> root = tree.Root(head.size);
  if (!root.ok()) return root.status();
  if (*root != head.root) return false;
  if (head.size == 0) return true;
  const auto block = ledger.ReadBlock(Sequence{head.size});
  if (!block.ok()) return block.status();
  AppendLeafHashes({(*block)->entries, (*block)->attachments}, leaves);
  const uint64_t first = (*block)->first.value();
  bool same = true;
  for (uint64_t sequence = first; sequence <= head.size && same; ++sequence) {
    const absl::StatusOr<MerkleHash> leaf = tree.Node({0, sequence - 1});
    if (!leaf.ok()) return leaf.status();
    same = *leaf == leaves[sequence - first];
  }
  leaves.clear();
  return same;
}

absl::Status TransparencyLog::Parts::FollowFrom(uint64_t size) {
  if (absl::Status status = tree.EndAnew(); !status.ok() || size == 0) return status;
  const absl::StatusOr<StoredEntry> last = ledger.ReadEntry(Sequence{size});
  if (!last.ok()) return last.status();
  days.Follow(last->entry.timestamp);
  return absl::OkStatus();
}

// --------------------------------------------------------------------------- the log's thread

void TransparencyLog::Parts::Run() {
  std::unique_lock lock(mutex);
  while (!stop) {
    lock.unlock();
    const absl::Status status = Round(kMostInRound);
    const bool behind = ledger.last().value() - tree.size() >= kFarBehind;
    lock.lock();
    if (!status.ok()) {
      if (!absl::IsDataLoss(status) && listener.on_failure) listener.on_failure(status);
      return;
    }
    if (!behind) changed.wait_for(lock, blocks.NextPause(), [&] { return stop; });
  }
}

absl::Status TransparencyLog::Parts::Round(uint64_t most) {
  if (!failure.ok()) return failure;
  absl::Status status = damage_seen.load()
                            ? Rebuild(absl::DataLossError("a damaged tile was met by a proof"))
                            : absl::OkStatus();
  if (status.ok()) status = CatchUp(most);
  if (status.ok() && !rebuilding) status = SignDue();
  if (absl::IsDataLoss(status)) Halt(status);
  failure = absl::IsDataLoss(status) ? absl::OkStatus() : status;
  return status;
}

absl::Status TransparencyLog::Parts::CatchUp(uint64_t most) {
  const uint64_t end = ledger.last().value();  // durable
  const uint64_t begin = tree.size();
  if (begin >= end) return absl::OkStatus();
  absl::Status status;
  const absl::Status read = blocks.Read({begin + 1, end}, [&](const StoredBlock& block) {
    status = Take(block);
    return status.ok() && tree.size() - begin < most && !stopping.load(std::memory_order_relaxed);
  });
  if (!read.ok()) return read;
  if (status.ok()) status = AppendLeaves();
  if (status.ok() && rebuilding && tree.size() >= head.size) status = CompareWithSigned();
  return status;
}

absl::Status TransparencyLog::Parts::Take(const StoredBlock& block) {
  const uint64_t taken = tree.size() + leaves.size();
  const uint64_t first = block.first.value();
  LUMBUNG_CHECK(first <= taken + 1 && taken < first - 1 + block.entries.size());
  const size_t before = leaves.size();
  AppendLeafHashes({block.entries, block.attachments}, leaves);
  // A checkpoint between two days may have ended within the block.
  const auto skipped = static_cast<ptrdiff_t>(taken + 1 - first);
  const auto begin = leaves.begin() + static_cast<ptrdiff_t>(before);
  leaves.erase(begin, begin + skipped);
  std::span<const Entry> rest = block.entries.subspan(static_cast<size_t>(skipped));
  for (uint64_t size = taken; const auto index = days.Next(rest);) {
    size += *index;
    if (size > head.size) closings.push_back(size);
    rest = rest.subspan(*index + 1);
    ++size;
  }
  return leaves.size() >= kLeavesAtOnce ? AppendLeaves() : absl::OkStatus();
}

absl::Status TransparencyLog::Parts::AppendLeaves() {
  absl::Status status = tree.Append(leaves);
  leaves.clear();
  return status;
}

// What was seen so far says nothing about the ledger: it is read again from the first entry.
absl::Status TransparencyLog::Parts::Rebuild(const absl::Status& damage) {
  if (++rebuilds > kMostRebuilds) {
    return absl::DataLossError(
        absl::StrCat("the Merkle tree was rebuilt ", kMostRebuilds,
                     " times and is damaged again: ", std::string(damage.message())));
  }
  Report(absl::StrCat("the Merkle tree is damaged and rebuilt: ", std::string(damage.message())));
  leaves.clear();
  closings.clear();
  days = DayChange();
  rebuilding = true;
  const std::unique_lock lock(tree_use);
  damage_seen.store(false);
  return tree.BeginAnew();
}

// The tree is new and as long as what was signed: now it shows whether the ledger is the same.
absl::Status TransparencyLog::Parts::CompareWithSigned() {
  const absl::StatusOr<MerkleHash> root = tree.Root(head.size);
  if (!root.ok()) return absl::IsDataLoss(root.status()) ? Rebuild(root.status()) : root.status();
  if (*root != head.root) return absl::DataLossError(Contradiction());
  if (absl::Status status = tree.EndAnew(); !status.ok()) return status;
  rebuilding = false;
  if (head.size > 0) {
    Report(absl::StrCat("the Merkle tree is rebuilt; its root at ", head.size,
                        " entries is the signed one"));
  }
  return absl::OkStatus();
}

// Between which checkpoints the ledger was changed.
std::string TransparencyLog::Parts::Contradiction() {
  const std::lock_guard lock(heads_mutex);
  uint64_t good = 0;
  uint64_t bad = head.size;
  for (const auto& [size, signed_head] : heads) {
    const absl::StatusOr<MerkleHash> root = tree.Root(size);
    if (root.ok() && *root == signed_head.root) {
      good = size;
    } else {
      bad = size;
      break;
    }
  }
  return absl::StrCat("the ledger contradicts the checkpoint of ", bad, " entries: one of entries ",
                      good + 1, " to ", bad, " was changed after it was signed");
}

bool TransparencyLog::Parts::CheckpointIsDue() const {
  if (tree.size() <= head.size) return false;
  if (!last_signed) return true;
  const auto pause = SteadyClock::now() - *last_signed;
  return pause >= std::chrono::milliseconds(options.sign_interval_ms) ||
         (asked.load(std::memory_order_relaxed) && pause >= kAskedInterval);
}

absl::Status TransparencyLog::Parts::SignDue() {
  for (const uint64_t size : std::exchange(closings, {})) {
    if (size <= head.size || rebuilding) continue;
    if (absl::Status status = Sign(size); !status.ok()) return status;
  }
  return !rebuilding && CheckpointIsDue() ? Sign(tree.size()) : absl::OkStatus();
}

absl::Status TransparencyLog::Parts::Sign(uint64_t size) {
  LUMBUNG_CHECK(size > head.size && size <= tree.size() && size <= ledger.last().value());
  asked.store(false, std::memory_order_relaxed);
  last_signed = SteadyClock::now();
  if (absl::Status status = tree.Sync(); !status.ok()) return status;
  const absl::StatusOr<MerkleHash> root = tree.Root(size);
  if (!root.ok()) return absl::IsDataLoss(root.status()) ? Rebuild(root.status()) : root.status();
  const auto proof = ConsistencyPath({head.size, size}, tree.Nodes());
  if (!proof.ok()) {
    return absl::IsDataLoss(proof.status()) ? Rebuild(proof.status()) : proof.status();
  }
  if (!VerifyConsistency({head.size, size}, {head.root, *root}, *proof)) {
    return Rebuild(absl::DataLossError("it does not extend the tree that was signed"));
  }
  SignedNote note{.text = Checkpoint{options.origin, size, *root}.ToText()};
  note.signatures = {key.Sign(note.text)};
  const std::string text = note.ToString();
  if (absl::Status status = checkpoints.Append(size, text); !status.ok()) return status;
  Publish({size, *root, text});
  return absl::OkStatus();
}

void TransparencyLog::Parts::Publish(SignedHead signed_head) {
  head = std::move(signed_head);
  const std::lock_guard lock(heads_mutex);
  heads.insert_or_assign(head.size, head);
  if (heads.size() > kMostHeads) heads.erase(heads.begin());
}

void TransparencyLog::Parts::Halt(const absl::Status& why) {
  {
    const std::lock_guard lock(heads_mutex);
    if (!halted.ok()) return;
    halted = why;
  }
  Report("the transparency log halts, it signs and proves nothing more: " +
         std::string(why.message()));
}

// -------------------------------------------------------------------------------- any thread

std::optional<MerkleHash> TransparencyLog::Parts::SignedRoot(uint64_t size) const {
  const std::lock_guard lock(heads_mutex);
  const auto found = heads.find(size);
  if (found == heads.end()) return std::nullopt;
  return found->second.root;
}

absl::StatusOr<SignedHead> TransparencyLog::Parts::HeadOf(uint64_t size) const {
  const std::lock_guard lock(heads_mutex);
  if (!halted.ok()) return halted;
  const auto found = heads.find(size);
  if (found != heads.end()) return found->second;
  return absl::NotFoundError(
      absl::StrCat("tree_size: expected that of one of the newest "
                   "checkpoints, of which the last has ",
                   heads.rbegin()->first, " entries, found ", size));
}

// The signed root if there is one. REQUIRES: tree_use is held.
absl::StatusOr<MerkleHash> TransparencyLog::Parts::RootToProve(uint64_t size) const {
  if (const std::optional<MerkleHash> root = SignedRoot(size)) return *root;
  return tree.Root(size);
}

// REQUIRES: tree_use is held.
absl::Status TransparencyLog::Parts::Provable(uint64_t size) const {
  {
    const std::lock_guard lock(heads_mutex);
    if (!halted.ok()) return halted;
    const uint64_t newest = heads.rbegin()->first;
    if (size > newest) {
      return absl::NotFoundError(absl::StrCat("no checkpoint of ", size,
                                              " entries was signed yet; the newest has ", newest));
    }
  }
  if (size <= tree.size()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the Merkle tree is being rebuilt and has ", tree.size(), " entries so far"));
}

absl::Status TransparencyLog::Parts::Noticed(const absl::Status& status) const {
  if (absl::IsDataLoss(status)) damage_seen.store(true);
  return status;
}

TransparencyLog::TransparencyLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TransparencyLog::~TransparencyLog() { Stop(Ending::kAtOnce).IgnoreError(); }

absl::StatusOr<std::unique_ptr<TransparencyLog>> TransparencyLog::Open(Options options,
                                                                       const LedgerStore& ledger,
                                                                       Listener listener) {
  if (absl::Status status = MakeFolder(options.folder, {}); !status.ok()) return status;
  if (options.key_file.empty()) options.key_file = options.folder + "/key";
  absl::Status there = CheckKeyIsThere(options.key_file, CheckpointPath(options.folder));
  if (!there.ok()) return there;
  absl::StatusOr<SigningKey> key =
      SigningKey::ReadOrMake(options.key_file, options.origin, KeyType::kEd25519);
  if (!key.ok()) return key.status();
  for (const VerifierKey& witness : options.witnesses) {
    if (witness.public_key != key->verifier().public_key) continue;
    return absl::FailedPreconditionError("the key of the witness " + witness.name +
                                         " is the log's own: it would be its own witness");
  }
  auto parts =
      std::make_unique<Parts>(std::move(options), ledger, std::move(listener), std::move(*key));
  if (absl::Status status = parts->Open(); !status.ok()) return status;
  return std::unique_ptr<TransparencyLog>(new TransparencyLog(std::move(parts)));
}

absl::Status TransparencyLog::DropTree(const std::string& folder) {
  return TreeFiles::Drop(TreeFolder(folder));
}

void TransparencyLog::Start() {
  LUMBUNG_CHECK(!parts_->thread.joinable());
  parts_->thread = std::thread([this] { parts_->Run(); });
}

absl::Status TransparencyLog::RunOnce() {
  LUMBUNG_CHECK(!parts_->thread.joinable());
  return parts_->Round(kMostInRound);
}

absl::Status TransparencyLog::Stop(Ending ending) {
  Parts& parts = *parts_;
  {
    const std::lock_guard lock(parts.mutex);
    parts.stop = true;
    parts.stopping.store(true, std::memory_order_relaxed);
    parts.changed.notify_all();
  }
  if (parts.thread.joinable()) parts.thread.join();
  if (std::exchange(parts.ended, true) || ending == Ending::kAtOnce) return absl::OkStatus();
  if (absl::Status status = halted(); !status.ok()) return status;
  parts.stopping.store(false, std::memory_order_relaxed);
  absl::Status status = parts.failure;
  if (status.ok() && parts.ledger.last().value() - parts.tree.size() <= kMostAtStop) {
    status = parts.Round(kMostAtStop);
  }
  const bool more = !parts.rebuilding && parts.tree.size() > parts.head.size;
  return status.ok() && more ? parts.Sign(parts.tree.size()) : status;
}

const VerifierKey& TransparencyLog::verifier() const { return parts_->key.verifier(); }
uint64_t TransparencyLog::size() const { return parts_->tree.size(); }

absl::Status TransparencyLog::halted() const {
  const std::lock_guard lock(parts_->heads_mutex);
  return parts_->halted;
}

SignedHead TransparencyLog::newest() const {
  SignedHead newest;
  {
    const std::lock_guard lock(parts_->heads_mutex);
    newest = parts_->heads.rbegin()->second;
  }
  newest.note = parts_->cosignatures.WithCosignatures({newest.size, newest.note});
  return newest;
}

absl::StatusOr<SignedHead> TransparencyLog::NewestCosigned(size_t least) const {
  if (least == 0) return newest();
  const size_t trusted = parts_->cosignatures.trusted();
  if (least > trusted) {
    return absl::InvalidArgumentError(absl::StrCat("cosignatures: expected at most ", trusted,
                                                   ", the witnesses of this server, found ",
                                                   least));
  }
  const std::optional<uint64_t> size = parts_->cosignatures.NewestWith(least);
  absl::StatusOr<SignedHead> head = absl::NotFoundError(
      absl::StrCat("none of the newest checkpoints has ", least, " cosignatures"));
  if (size) head = parts_->HeadOf(*size);
  if (head.ok()) head->note = parts_->cosignatures.WithCosignatures({head->size, head->note});
  return head;
}

absl::StatusOr<SignedHead> TransparencyLog::AddCosignature(uint64_t size, std::string_view line) {
  absl::StatusOr<SignedHead> head = parts_->HeadOf(size);
  if (!head.ok()) return head;
  const absl::Status status = parts_->cosignatures.Add({size, head->note}, line);
  if (!status.ok()) return status;
  head->note = parts_->cosignatures.WithCosignatures({size, head->note});
  return head;
}

void TransparencyLog::AskForCheckpoint() { parts_->asked.store(true, std::memory_order_relaxed); }

absl::StatusOr<MerkleProof> TransparencyLog::ProveInclusion(
    const InclusionQuestion& question) const {
  if (question.leaf >= question.size) {
    return absl::InvalidArgumentError(absl::StrCat("sequence: expected 1 to ", question.size,
                                                   ", the tree's size, found ", question.leaf + 1));
  }
  const std::shared_lock lock(parts_->tree_use);
  if (absl::Status status = parts_->Provable(question.size); !status.ok()) return status;
  const absl::StatusOr<MerkleHash> root = parts_->RootToProve(question.size);
  if (!root.ok()) return parts_->Noticed(root.status());
  const absl::StatusOr<MerkleHash> leaf = parts_->tree.Node({0, question.leaf});
  if (!leaf.ok()) return parts_->Noticed(leaf.status());
  absl::StatusOr<MerkleProof> proof = InclusionPath(question, parts_->tree.Nodes());
  if (!proof.ok()) return parts_->Noticed(proof.status());
  if (!VerifyInclusion(question, *leaf, *proof, *root)) {
    return parts_->Noticed(absl::DataLossError("the Merkle tree does not have its signed root"));
  }
  return proof;
}

absl::StatusOr<MerkleProof> TransparencyLog::ProveConsistency(
    const ConsistencyQuestion& question) const {
  if (question.first > question.second) {
    return absl::InvalidArgumentError(absl::StrCat("first_tree_size: expected at most ",
                                                   question.second, ", the second, found ",
                                                   question.first));
  }
  const std::shared_lock lock(parts_->tree_use);
  if (absl::Status status = parts_->Provable(question.second); !status.ok()) return status;
  const absl::StatusOr<MerkleHash> first = parts_->RootToProve(question.first);
  if (!first.ok()) return parts_->Noticed(first.status());
  const absl::StatusOr<MerkleHash> second = parts_->RootToProve(question.second);
  if (!second.ok()) return parts_->Noticed(second.status());
  absl::StatusOr<MerkleProof> proof = ConsistencyPath(question, parts_->tree.Nodes());
  if (!proof.ok()) return parts_->Noticed(proof.status());
  if (!VerifyConsistency(question, {*first, *second}, *proof)) {
    return parts_->Noticed(absl::DataLossError("the Merkle tree does not have its signed roots"));
  }
  return proof;
}

}  // namespace lumbung
