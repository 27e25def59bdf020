// The transparency log: the Merkle tree (merkle.h) kept up with the ledger, and its signed heads.
// A thread of its own follows the ledger's durable end; no payment ever waits for it.
//
// In `folder`: `checkpoints` (all that was ever signed; can't be rebuilt), `cosignatures` (of
// witnesses; cosignatures.h; can't be rebuilt either), `key` unless it is kept
// elsewhere, `public-key` (the vkey, to be handed out), and `tree/`, which is derived.
//
// INVARIANTS
//  1. A checkpoint never covers an entry that is not durable: the tree takes entries up to
//     LedgerStore::last(), which moves after the sync, and recent blocks, which come after that.
//  2. Never are two different trees of one size signed: sizes only grow; the tree only grows from
//     the last signed head, which it was compared with when it was opened or rebuilt; and a head
//     is signed only with a verified proof that it extends the head signed before.
//  3. A checkpoint is handed out only when it is on the disk, and the tree below it was synced
//     before that. So it outlives whatever happens, and old ones are kept for ever.
//  4. A checkpoint covers whole transactions: it ends where a block ends, or between two days.
//  5. A proof is handed out only after it was verified against the tree's root, the signed one if
//     the size was signed.
//
// WHAT A KILL LEAVES BEHIND
//
//   killed                              found at the next start      what happens
//   after leaves were appended          a tree longer than the last  cut off there; the entries
//   or the tree was synced                checkpoint says              after it are read again
//   while the checkpoint is written     a torn record                cut off: nobody got it; the
//                                                                      same head is signed anew
//   after its sync, before anyone       the checkpoint               it counts
//     got it
//   while the tree is rebuilt           its mark, too few leaves,    rebuilt from the first entry
//                                         or a root that is not the
//                                         signed one
//
// DAMAGE. The tree is derived: where it is missing or damaged it is rebuilt from the ledger, and
// compared with the last signed head on the way; proofs end in UNAVAILABLE meanwhile. A ledger that
// is shorter than what was signed, or has another root, is not the ledger that was signed: Open
// fails with DATA_LOSS, or, where it is found while the tree is rebuilt, the log halts: it signs
// and proves nothing more and says why to whoever asks.
//
// What it can't see: an old entry changed with all hashes of the ledger recomputed, as long as the
// tree is not rebuilt. That takes an auditor who replays, and a checkpoint that someone else holds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/ledger_store.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

// A signed head of the tree.
struct SignedHead {
  uint64_t size = 0;
  MerkleHash root{};
  std::string note;  // the checkpoint, as C2SP tlog-checkpoint, with the cosignatures it has
};

class TransparencyLog {
 public:
  struct Options {
    std::string folder;    // made if it is not there
    std::string key_file;  // empty: `key` in the folder
    std::string origin = "lumbung/ledger";
    int64_t sign_interval_ms = 10'000;        // at least, from one checkpoint to the next
    std::vector<VerifierKey> witnesses = {};  // whose cosignatures are taken (ParseWitnesses)
  };
  // How the log's thread speaks to its owner.
  struct Listener {
    // Once, when the disk failed: the log has ended.
    std::function<void(const absl::Status&)> on_failure;
    // Damage that was found, rebuilding that began or ended, a halt.
    std::function<void(std::string_view)> on_report;
  };

  // Opens or makes the log of the ledger, which must outlive it, and signs the empty tree if
  // nothing was ever signed. DATA_LOSS if what was signed is damaged, of another origin or key, or
  // contradicts the ledger; FAILED_PRECONDITION if others may read the key, or if it is that of a
  // witness; UNAVAILABLE names a file. REQUIRES: IsKeyName(options.origin).
  static absl::StatusOr<std::unique_ptr<TransparencyLog>> Open(Options options,
                                                               const LedgerStore& ledger,
                                                               Listener listener);
  // Removes the tree, which the next Open rebuilds.
  static absl::Status DropTree(const std::string& folder);
  ~TransparencyLog();

  void Start();
  enum class Ending : uint8_t {
    kSigned,  // takes what the ledger has, if it is not too much, and signs it
    kAtOnce,
  };
  // Ends the thread. More than once is the same as once. If the disk has failed before, nothing is
  // signed, and kSigned says what failed.
  absl::Status Stop(Ending ending);
  // One round of the thread's work, for who runs it in the thread's place. REQUIRES: Start was not
  // called.
  absl::Status RunOnce();

  // All of the following: any thread.

  const VerifierKey& verifier() const;
  // Entries in the tree so far, durable ones all of them.
  uint64_t size() const;
  SignedHead newest() const;
  // DATA_LOSS says why if the log has halted, and so signs nothing more.
  absl::Status halted() const;
  // The newest that at least so many witnesses have cosigned; newest() for 0. INVALID_ARGUMENT if
  // it is more than there are witnesses, NOT_FOUND if there is none among the newest.
  absl::StatusOr<SignedHead> NewestCosigned(size_t least) const;
  // Keeps a witness's signature line over the checkpoint of this size, one of the newest 4,096, and
  // returns the checkpoint with it; when that returns, the line is on the disk. NOT_FOUND if there
  // is no such checkpoint, DATA_LOSS if the log has halted; otherwise as Cosignatures::Add.
  absl::StatusOr<SignedHead> AddCosignature(uint64_t size, std::string_view line);
  // The newest entries are wanted in a checkpoint: one is signed soon, before its interval is over.
  void AskForCheckpoint();

  // INVALID_ARGUMENT if the leaf is not in a tree of this size. NOT_FOUND if the size is more than
  // was signed, UNAVAILABLE while the tree is rebuilt, DATA_LOSS if it is damaged or the log has
  // halted.
  absl::StatusOr<MerkleProof> ProveInclusion(const InclusionQuestion& question) const;
  // The same; INVALID_ARGUMENT if first > second.
  absl::StatusOr<MerkleProof> ProveConsistency(const ConsistencyQuestion& question) const;

 private:
  struct Parts;
  explicit TransparencyLog(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung
