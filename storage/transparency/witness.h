// A witness of one log: what it remembers of it, and when it signs. Whoever trusts the witness
// knows that nobody was shown another history of the log than the one that the witness saw.
//
// INVARIANT. It never signs two checkpoints of which one does not extend the other, whatever kill:
// it signs none but the one that it remembers, it remembers another one only after that one was
// proven to extend the one before (RFC 9162 consistency), and it signs only when the memory is on
// the disk, written aside, synced, and renamed.
//
//   killed                            found at the next start       what happens
//   before the rename                 the checkpoint before         the new one is judged again
//   between rename and signature      the new one, unsigned         it is signed when the log shows
//                                                                     it again, or one behind it
//   after the signature               the new one                   the same text is signed again
//
// The memory is a file of its own, which is made before the key: a key without its memory is
// refused, since a witness that has forgotten what it signed could sign a fork. One process at a
// time holds the memory (flock on `<state_file>.lock`). Of a symbolic link, the file that it leads
// to is the memory.
//
// The first checkpoint of a log is believed, as every witness must; from there on nothing is.
//
// A FORK (another tree of a size, a tree that does not extend the remembered one) or a rollback (a
// smaller tree than the remembered one) is never signed, and both notes are kept (fork.h) in a file
// `<state_file>.fork-<size>-<root>`.
//
// File, in text: `lumbung-witness 1`; a line with the log's vkey; the note that is remembered, with
// the log's own signature alone. The second and third are missing until there is a log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signed_note.h"
#include "storage/transparency/signing_key.h"

namespace lumbung {

class Witness {
 public:
  struct Options {
    std::string key_file;  // made, mode 0600, if neither it nor the memory is there
    std::string state_file;
    std::string name;                // of its key
    std::optional<VerifierKey> log;  // nothing: the one that is remembered
  };
  // FAILED_PRECONDITION if the memory is lost, of another log or held by another process, or if
  // others may read the key; DATA_LOSS if memory or key are damaged; UNAVAILABLE names a file.
  // REQUIRES: IsKeyName(options.name).
  static absl::StatusOr<std::unique_ptr<Witness>> Open(const Options& given);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  const VerifierKey& verifier() const { return key_.verifier(); }
  // Nothing as long as there is no log that it watches.
  const std::optional<VerifierKey>& log() const { return log_; }
  // REQUIRES: there is no log yet.
  void Trust(VerifierKey log);
  // The size of the tree that it remembers; 0 if it remembers none.
  uint64_t size() const { return last_.size; }

  struct Offer {
    std::string_view note;  // of the log
    MerkleProof proof;      // that it extends the tree of size(); empty if the sizes are equal
  };
  // The cosignature, made only after the checkpoint is remembered. INVALID_ARGUMENT if the note is
  // not the log's, ABORTED if it is a fork or a rollback: the message names the file with the
  // evidence, or why it could not be kept. UNAVAILABLE if the memory can't be written.
  // REQUIRES: there is a log.
  absl::StatusOr<NoteSignature> Cosign(const Offer& offer, uint64_t time_s);

 private:
  Witness(std::string state_file, int lock, SigningKey key);
  absl::Status Recall(const std::string& state);
  absl::Status Remember(const Checkpoint& checkpoint, const std::string& note);

  const std::string state_file_;
  const int lock_;
  const SigningKey key_;
  std::optional<VerifierKey> log_;
  Checkpoint last_;
  std::string last_note_;  // empty: none
};

}  // namespace lumbung
