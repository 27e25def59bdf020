// A tree over the sample ledger's entries, its signed and cosigned head, and a receipt of two legs.
// The keys are the published ones of RFC 8032, so that an input means the same in every run.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "storage/transparency/receipt.h"
#include "storage/transparency/signed_note.h"
#include "storage/transparency/signing_key.h"

namespace lumbung::fuzz {

struct SignedSample {
  VerifierKey log;
  VerifierKey witness;
  std::vector<std::vector<std::byte>> leaves;
  std::string note_text;  // of the checkpoint over all leaves
  std::string note;       // with the signatures of both
  Receipt receipt;
};

// Made when it is first asked for.
const SignedSample& Sample();

// A log's file of checkpoints, in which `@` stands for the sample's note: the fuzzer would hardly
// change a file and leave the signatures in it right. A record of it begins with the head.
std::string WithNotes(std::string_view text);
std::string RecordHead();

// The keys that sign it, and the file of the witness's.
SigningKey SampleLogKey();
SigningKey SampleWitnessKey();
std::string SampleWitnessPem();

}  // namespace lumbung::fuzz
