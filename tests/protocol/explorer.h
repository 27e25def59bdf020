// Runs a few threads of real engine code again and again until every interleaving of their atomic
// operations was tried, and every value that each load may return: a model checker.
//
// The memory is that of C++: a location is the list of all values stored to it (its modification
// order). A load may return any of them that the thread is not bound to have overtaken; release and
// acquire pass on what is bound; a read-modify-write continues a release sequence, a plain store
// ends it. (The view machine of Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising semantics for
// relaxed-memory concurrency", POPL 2017, without its promises.) Left out, so not found: loads
// that return what is stored only later in their own thread's future, and stores that enter a
// location's order before one that was made earlier; and a compare-and-swap that fails reads the
// newest value and never fails for no reason. seq_cst counts as acq_rel, and fences as nothing:
// what is right under that is right.
//
// What is found: a thread that waits for ever (a lost wake-up), an access to a Plain that another
// is not ordered before (a data race), and whatever the scenario itself calls Fail for.
//
// One operating-system thread; the threads of a scenario are coroutines on it. Not thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <source_location>
#include <string>
#include <unordered_map>
#include <vector>

namespace lumbung {

enum class Operation : uint8_t { kLoad, kStore, kReadModifyWrite, kWait, kNotify };

// A place in the engine's source at which an atomic operation is made.
struct Site {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  auto operator<=>(const Site&) const = default;
};

struct SiteUse {
  std::string name;  // "wait_strategy.h Notify exchange"
  Operation operation = Operation::kLoad;
  std::memory_order order = std::memory_order_relaxed;
};

// A fault to put into the protocol, at one place.
enum class Fault : uint8_t {
  kNone,
  kNoAcquire,  // the order loses its acquire half
  kNoRelease,  // the order loses its release half
  kLeftOut,    // the store, the writing half or the notification is not made
  kTornApart,  // the read-modify-write becomes a load and a store
};
struct Mutation {
  Site site;
  Fault fault = Fault::kNone;
};

class Explorer {
 public:
  struct Options {
    // How often a thread may be given another value than the newest, in one run: bounds the loops
    // that go on until they see it.
    int stale_loads = 3;
    // How often a thread may lose the turn while it could go on; unbounded if negative.
    int preemptions = -1;
    uint64_t most_runs = 2'000'000;
    Mutation mutation{};
  };
  struct Report {
    std::string violation;  // empty: none
    uint64_t runs = 0;
    uint64_t states = 0;
    bool complete = false;  // all was tried
    std::map<Site, SiteUse> sites;
  };
  // Makes the shared objects, adds threads, and says what must hold at the end.
  using Scenario = std::function<void(Explorer&)>;

  static Report Explore(Options options, const Scenario& scenario);
  // The one that explores now, for the objects under test.
  static Explorer& Current();

  // --- scenario ---
  enum class Ends : uint8_t { kMust, kMayWaitForEver };
  void AddThread(std::string name, Ends ends, std::function<void()> body);
  // Called after all threads have ended (or wait for ever, if they may).
  void AtEnd(std::function<void()> check) { at_end_ = std::move(check); }
  // Keeps an object alive for the run.
  template <typename T, typename... Args>
  T& Make(Args&&... args) {
    auto object = std::make_shared<T>(std::forward<Args>(args)...);
    kept_.push_back(object);
    return *object;
  }
  // Something is wrong: ends the run and the exploration.
  [[noreturn]] void Fail(const std::string& what);
  void Expect(bool condition, const char* what) {
    if (!condition) Fail(what);
  }

  // --- the objects under test ---
  using Value = uint64_t;
  using Change = std::function<Value(Value)>;
  // What the operation is and where it is made.
  struct Call {
    const char* name;
    Operation operation;
    std::memory_order order;
    std::source_location where;
  };
  size_t NewLocation(Value initial);
  Value Load(size_t location, const Call& call);
  void Store(size_t location, Value value, const Call& call);
  // Returns the value before. `change` is not called, and the order that of a load, if the value is
  // not `expected` (a compare-and-swap).
  Value ReadModifyWrite(size_t location, const Change& change, const Call& call,
                        const Value* expected = nullptr);
  void Wait(size_t location, Value old, const Call& call);
  void NotifyOne(size_t location, const Call& call);
  void AccessPlain(size_t location);

 private:
  static constexpr size_t kMostLocations = 40;
  static constexpr size_t kMostThreads = 8;
  // By location: the oldest value that may still be read.
  using View = std::array<uint16_t, kMostLocations>;
  struct Message {
    Value value;
    View view;      // what whoever acquires it is bound to
    uint64_t hash;  // who wrote it, after what
  };
  struct Location {
    std::vector<Message> messages;
    uint64_t hash = 0;
  };
  struct Thread;
  struct KnownStates;
  struct Choice {
    uint32_t taken;
    uint32_t count;
  };
  struct Abandoned {};  // thrown through a thread whose run is over

  explicit Explorer(Options options);
  ~Explorer();
  void Run(const Scenario& scenario);
  bool NextBranch();
  void UnwindAll();

  uint32_t Choose(uint32_t count);
  bool IsKnown();
  Thread* ChooseThread();
  void SwitchTo(Thread* next);
  void BeforeOperation();
  static void Enter();

  enum class Newest : uint8_t { kOnly, kNotOnly };
  Fault FaultAt(const Call& call);
  Fault NoteSite(const Call& call, uint64_t key);
  const Message& ReadMessage(size_t location, bool acquire, Newest newest);
  void Append(size_t location, Value value, bool release, const Message* continued);
  View& view();
  void Join(const View& other);
  void Note(uint64_t what);

  // Set at construction.
  const Options options_;

  // Over all runs.
  std::vector<Choice> choices_;
  std::shared_ptr<KnownStates> known_;
  std::unordered_map<uint64_t, Fault> faults_;  // by place
  Report report_;

  // Of this run.
  size_t depth_ = 0;
  std::vector<Location> locations_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<std::shared_ptr<void>> kept_;
  std::function<void()> at_end_;
  Thread* running_ = nullptr;  // null: the scenario itself
  View setup_view_;
  bool unwinding_ = false;
  int preemptions_ = 0;
  std::string violation_;
};

// Memory that is not atomic and belongs to one thread at a time, reading or writing.
class Plain {
 public:
  Plain() : location_(Explorer::Current().NewLocation(0)) {}
  uint64_t Read() const {
    Explorer::Current().AccessPlain(location_);
    return value_;
  }
  void Write(uint64_t value) {
    Explorer::Current().AccessPlain(location_);
    value_ = value;
  }

 private:
  const size_t location_;
  uint64_t value_ = 0;
};

}  // namespace lumbung
