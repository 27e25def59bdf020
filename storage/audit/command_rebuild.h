// The command that a recorded transaction answered, put together again from its entries and their
// attachment, so that the rules can decide it once more.
//
// Everything that decides is recorded, so every kind can be rebuilt: postings (explicit, or payer,
// payee and amount of one by rule), holds, captures, voids, refunds, reversals and fences; the
// opening of one account, limits, status and policy. Two are not commands: an expiry, which the
// engine makes itself, and the openings of cooperatives, branches and terminals, which open
// accounts in the same stroke (after a crash only the first of them), so that each entry is checked
// alone.
//
// Pure functions; any thread. The entries may say anything.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/attachment.h"
#include "engine/command.h"
#include "engine/entry.h"

namespace lumbung::audit {

enum class Origin : uint8_t {
  kCommand,  // `command` is it
  kExpiry,
  kOpening,  // of a cooperative, branch or terminal: `command` is its opening
  kUnknown,  // nothing that the engine records
};

struct Rebuilt {
  Origin origin = Origin::kUnknown;
  Command command;
};

// The legs of one transaction (or one fact), and its attachment. The command's views point into the
// attachment's bytes and into `legs`, to which at most as many are added as there are entries.
// REQUIRES: at least one entry; room in `legs`, which must not move.
Rebuilt Rebuild(std::span<const Entry> entries, const Attachment& attachment,
                std::vector<Leg>& legs);

// The id that the command names as its hold or original; nothing if it names none.
std::optional<TransactionId> RelatedOf(const Command& command);

}  // namespace lumbung::audit
