// One round of random traffic through the engine and the naive ledger, which must agree after each
// command on the outcome, on what was recorded, and on every balance; and, if they do not, the
// fewest commands that show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/outcome.h"
#include "engine/request.h"
#include "tests/engine/rules/books.h"
#include "tests/model/naive_ledger.h"

namespace lumbung {

// How the accounts of the two differ; empty: they do not.
std::string DifferenceOf(const Books& books, const NaiveLedger& model);

class Round {
 public:
  struct Settings {
    uint64_t seed = 0;
    size_t commands = 0;
    // Alters what the engine answered before it is compared: for tests of the comparison.
    std::function<void(const Command&, Result&)> spoil = {};
  };
  // Of what the engine answered to all commands.
  struct Counts {
    std::map<Outcome, uint64_t> outcomes;  // decided now: no repeat's, no answer's
    uint64_t duplicates = 0;
    uint64_t expired = 0;
    std::map<size_t, uint64_t> accepted;  // by Command::index()
    std::map<size_t, uint64_t> legs;      // accepted payments and holds, by the legs asked for
    uint64_t between_cooperatives = 0;    // accepted payments and holds
    // Accepted ones that, with what was taken on the day before, would be above the day's limit.
    uint64_t limits_begun_anew = 0;
  };
  struct Difference {
    size_t command = 0;  // its number
    std::string what;
  };
  // Numbers of commands, ascending.
  using Numbers = std::vector<size_t>;

  explicit Round(Settings settings) : settings_(std::move(settings)) {}

  // Plays all commands, up to the first difference.
  std::optional<Difference> Play(Counts& counts) const;

  // The fewest commands found that still bring a difference, after one that Play found. One that is
  // left out is still made, and its time passes, so the others stay what and when they were.
  Numbers ShrinkTo(const Difference& found) const;

  // All of it in words: the difference, the commands of ShrinkTo with the seconds since the round's
  // begin, and how to repeat it.
  std::string Explain(const Difference& found) const;

 private:
  // Plays the commands before `end` whose numbers are in `kept`; `see` is shown each.
  std::optional<Difference> PlayOnly(
      const Numbers& kept, size_t end, Counts& counts,
      const std::function<void(size_t, const Command&, Timestamp)>& see) const;

  static void CountAccepted(const Command& command, const NaiveLedger& model, Counts& counts);

  Settings settings_;
};

}  // namespace lumbung
