// The cosignatures that witnesses handed in for the log's checkpoints: checked, kept in a file that
// only grows (record_file.h), and handed out with the checkpoints.
//
// A record of the file is `cosignature <bytes>`, then a line with the size of the checkpoint's tree
// and the signature line.
//
// INVARIANTS
//  1. One is handed out, or acknowledged, only when it is on the disk.
//  2. Each one handed out is right: of a trusted witness, over the text of the log's own
//     checkpoint. It was checked before it was written and is checked when it is read.
//  3. A witness has at most one on a checkpoint, the first that came: repeats cost nothing, and
//     no checkpoint has more than kMostWitnesses.
//
// WHAT A KILL LEAVES BEHIND
//
//   killed                            found at the next start     what happens
//   before the record is whole        a torn record               cut off: nobody was told
//   after its sync, before the reply  the cosignature             it counts; the witness's repeat
//                                                                   is a duplicate
//
// The checkpoint is on the disk before anyone can sign it, so that a cosignature without its
// checkpoint is damage (or a file that belongs to another log), which Open refuses.
//
// What a witness that is no longer trusted has signed stays in the file and is not handed out.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/transparency/record_file.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

class Cosignatures {
 public:
  // REQUIRES: the witnesses are as ParseWitnesses gives them.
  Cosignatures(std::string path, std::vector<VerifierKey> witnesses);

  // Reads the newest. `checkpoints`: the newest notes by the tree's size. DATA_LOSS if what is read
  // is damaged, or not over the checkpoint that it names.
  absl::Status Open(const std::map<uint64_t, std::string>& checkpoints);

  // All of the following: any thread.

  // A checkpoint of the log.
  struct Signed {
    uint64_t size = 0;
    const std::string& note;
  };
  // Checks the signature line and keeps it. OK also if the witness has cosigned this checkpoint
  // before. INVALID_ARGUMENT says what is wrong with the line, PERMISSION_DENIED that its witness
  // is not trusted, UNAVAILABLE that the disk failed.
  absl::Status Add(const Signed& checkpoint, std::string_view line);

  // The note with the cosignatures that are there.
  std::string WithCosignatures(const Signed& checkpoint) const;
  // The size of the newest checkpoint that at least so many witnesses have cosigned. REQUIRES:
  // least > 0.
  std::optional<uint64_t> NewestWith(size_t least) const;
  size_t trusted() const { return witnesses_.size(); }

 private:
  absl::Status Take(std::string_view record, const std::map<uint64_t, std::string>& checkpoints);
  const VerifierKey* WitnessOf(const NoteSignature& signature) const;
  bool Has(uint64_t size, const NoteSignature& signature) const;
  void Keep(uint64_t size, NoteSignature signature);

  // Set at construction.
  const std::vector<VerifierKey> witnesses_;

  std::mutex adding_;  // taken before kept_mutex_
  RecordFile file_;    // guarded by adding_
  mutable std::mutex kept_mutex_;
  std::map<uint64_t, std::vector<NoteSignature>> kept_;  // by tree size; guarded by kept_mutex_
};

}  // namespace lumbung
