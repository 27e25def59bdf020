// A world: one seed, one disk, one ledger from genesis on, and what its clients know. Its engine
// lives and dies again and again; after each death it is held to what README.md promises.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/model/naive_ledger.h"
#include "tests/model/random_traffic.h"
#include "tests/simulation/life.h"

namespace lumbung {

// What happened, by name: faults, ends, refusals, replies.
using Tally = std::map<std::string, uint64_t>;

// Of these some must come up too, or what follows them is not tried.
inline constexpr char kAppendsByHelper[] = "appends by the helping thread";
inline constexpr char kAppendsByPersistThread[] = "appends by the persist thread";
inline constexpr char kGenerationsIndexed[] = "generations of ids indexed";
inline constexpr char kCheckpoints[] = "checkpoints completed";

class World {
 public:
  World(uint64_t seed, Tally& tally);

  // One life. False if something is wrong: then violation() says what.
  bool Cycle();
  const std::string& violation() const { return violation_; }
  // Whether the ledger has grown so long that checking it takes too much of the time.
  bool old() const { return written_.entries.size() > 4000; }

 private:
  // A request and what its client knows.
  struct Sent {
    World* world = nullptr;
    Request request;
    std::vector<const Command*> commands;
    std::vector<bool> refused;  // before the ring
    bool answered = false;      // with results, while the engine lived
    Sequence seen;              // by a query
    int64_t applied_at = 0;     // the clock's answer
    uint64_t slot = 0;          // of the ring, counted from the life's start
    bool applied = false;
  };
  struct Acknowledged {
    const Command* command;
    Result result;
  };

  void TakeDeeds(const Life::Deeds& deeds);
  void Damage();
  void ArmFaults();
  bool Explained(const absl::Status& refusal);
  void JudgeRecovery(Life& life);
  void CompareWithGenesis(Life& life);
  void CompareWithModel(const State& state);
  void CompareIds(Life& life);
  void CatchUp(Sequence last);
  void Drive(Life& life);
  void Act(Life& life);
  void EndInOrder(Life& life);
  void Send(Life& life);
  void RefuseUnread(const Sent& sent);
  // Requests that were sent in this life and not answered.
  size_t InFlight() const;
  void MoveClock();
  const Command& NextCommand();
  void AddRequestsOfOthers(Life& life);
  void TakeAnswers(Life& life);
  // Applies a request to the model as the engine did; up to entry `last` if `compare` is null.
  void ApplyToModel(const Sent& sent, Sequence last, const Request* compare);
  void Compare(const Command& command, const Result& found, const Result& expected);
  void OnDone(Sent& sent);
  bool Dead(Life& life) const;
  // Whether the disk may have failed to give back what was written.
  bool MayBeUnreadable() const;
  void Violate(const std::string& what);
  uint64_t Number(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t percent) { return Number(100) < percent; }

  std::mt19937_64 random_;
  Tally& tally_;
  std::shared_ptr<SimulatedDisk> disk_;
  SimulatedEnv env_;
  RandomTraffic traffic_;
  NaiveLedger model_;
  Written written_;
  int64_t now_;
  int64_t last_time_ = 0;  // that the apply thread gave, as the model has it
  std::vector<Acknowledged> acknowledged_;
  std::deque<const Command*> unresolved_;        // sent, never answered
  std::deque<std::unique_ptr<Sent>> sent_;       // in this life, in order
  std::deque<std::unique_ptr<Sent>> in_flight_;  // applied in the last life, perhaps durable
  Life* life_ = nullptr;
  bool calm_ = false;  // this life has few requests at a time, of one command: they are helped with
  Sequence acknowledged_up_to_;
  bool damaged_ = false;
  bool must_recover_ = false;
  std::string last_damage_;
  std::string violation_;
};

}  // namespace lumbung
