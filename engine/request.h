// A request: what one slot of the ring carries through the pipeline. Made by a gRPC thread, owned
// by it until it is taken by Pipeline::Submit; then by the pipeline until `done` is called, on the
// reply or apply thread or on one that helps, when everything that it saw or did is durable.
// Recycled by its owner, so that the vectors keep their capacity.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/command.h"
#include "engine/id_record.h"
#include "engine/outcome.h"
#include "engine/types.h"

namespace lumbung {

class State;

// What became of one command.
struct Result {
  Outcome outcome = Outcome::kNone;
  bool duplicate = false;  // the id was spent before with the same content; this is its outcome
  uint8_t leg_count = 0;   // entries recorded now; 0 for a duplicate and where nothing was recorded
  Sequence sequence{};     // of the (original) transaction's first entry; 0 if nothing is recorded
  Timestamp timestamp{};   // of the entry; 0 for a duplicate (the entry at `sequence` has it)
};

// The look-ups in the cold index that belong to one command.
struct Lookups {
  ColdLookup id;
  ColdLookup related;
};

struct Request {
  enum class Fate : uint8_t {
    kPending,
    kReplied,      // results are durable
    kUnavailable,  // the engine failed before they were: nothing is known, ask again by id
  };
  // Called once, on the reply or the apply thread, or on one that helps inside of Submit. Must not
  // block.
  using Done = void (*)(Request& request, void* context);
  // Runs on the apply thread, in its place in the sequence. Must be short, and must only read (the
  // checkpoint's query also moves its own bookkeeping, which is no part of the books).
  using Query = std::function<void(State& state, Sequence last_applied)>;

  std::vector<Command> commands;  // 0 … kMaxBatch
  std::vector<Leg> legs;          // what the commands' spans point into; the decoder reserves it
                                  // before it adds the first
  std::vector<Lookups> lookups;   // as many as commands
  std::vector<Result> results;  // as many as commands, filled in by the apply thread. A result that
                                // is already refused (malformed) is left alone, its command skipped
  Query query;                  // run after the commands, if set

  Done done = nullptr;
  void* context = nullptr;
  Fate fate = Fate::kPending;

  // Forgets the content, keeps the memory.
  void Clear() {
    commands.clear();
    legs.clear();
    lookups.clear();
    results.clear();
    query = nullptr;
    done = nullptr;
    context = nullptr;
    fate = Fate::kPending;
  }
};

}  // namespace lumbung
