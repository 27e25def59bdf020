// What a person or a program is told when a call did not end well: one plain sentence, what to do
// next, and the exit code. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>

#include "api/cli/client.h"
#include "api/cli/exit_code.h"
#include "api/cli/json.h"
#include "engine/transaction_id.h"

namespace lumbung::cli {

// What a call would have changed.
struct CallPurpose {
  enum class Effect {
    kReads,       // nothing: it can be asked again
    kRepeatable,  // an administrative fact: the same command again does no harm
    kMoney,       // a transaction: if its outcome is unknown, its id must be resolved
  };
  Effect effect = Effect::kReads;
  std::optional<TransactionId> id;  // kMoney, unless many were sent
};

inline constexpr CallPurpose kReads{.effect = CallPurpose::Effect::kReads, .id = std::nullopt};
inline constexpr CallPurpose kRepeatable{.effect = CallPurpose::Effect::kRepeatable,
                                         .id = std::nullopt};

struct Failure {
  ExitCode code = ExitCode::kFailed;
  std::string sentence;  // what happened
  std::string next;      // what to do about it
};

// REQUIRES: !end.ok().
Failure Diagnose(const CallEnd& end, const CallPurpose& purpose, const std::string& server);

Json ToJson(const Failure& failure);

// The command that answers what became of the id, to be pasted into a shell.
std::string ResolveCommand(TransactionId id, const std::string& server);

}  // namespace lumbung::cli
