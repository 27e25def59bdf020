#include "tests/protocol/explorer.h"

#include <ucontext.h>

#include <algorithm>
#include <exception>
#include <unordered_set>
#include <utility>

namespace lumbung {

namespace {

constexpr size_t kStackBytes = 128 << 10;

Explorer* current = nullptr;

uint64_t Mix(uint64_t hash, uint64_t what) {
  hash = (hash ^ what) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

bool HasAcquire(std::memory_order order) {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
bool HasRelease(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

// "void lumbung::Signal::WaitUntil(Condition) [with …]" is called WaitUntil.
std::string FunctionName(std::string pretty) {
  pretty = pretty.substr(0, pretty.find('('));
  const size_t begin = pretty.find_last_of(": ");
  return begin == std::string::npos ? pretty : pretty.substr(begin + 1);
}

}  // namespace

struct Explorer::Thread {
  enum class Standing : uint8_t { kNew, kRunnable, kWaits, kEnded };

  std::string name;
  Ends ends;
  std::function<void()> body;
  Standing standing = Standing::kNew;
  View view;
  uint64_t hash;  // of all that it has seen, which decides all that it does
  int stale_loads = 0;
  size_t waits_at = 0;
  bool chosen = false;  // for its first operation
  ucontext_t context;
  std::unique_ptr<char[]> stack;
};

struct Explorer::KnownStates {
  std::unordered_set<uint64_t> hashes;
  ucontext_t main;
  std::vector<std::unique_ptr<char[]>> free_stacks;
  bool known = false;  // this run came to a state that was explored before
};

Explorer::Explorer(Options options)
    : options_(std::move(options)), known_(std::make_shared<KnownStates>()) {}
Explorer::~Explorer() = default;

Explorer& Explorer::Current() { return *current; }

Explorer::Report Explorer::Explore(Options options, const Scenario& scenario) {
  Explorer explorer(std::move(options));
  current = &explorer;
  Report& report = explorer.report_;
  do {
    explorer.Run(scenario);
    ++report.runs;
  } while (report.violation.empty() && report.runs < explorer.options_.most_runs &&
           explorer.NextBranch());
  report.complete = report.violation.empty() && explorer.choices_.empty();
  report.states = explorer.known_->hashes.size();
  current = nullptr;
  return report;
}

void Explorer::Run(const Scenario& scenario) {
  depth_ = 0;
  preemptions_ = 0;
  unwinding_ = false;
  known_->known = false;
  setup_view_.fill(0);
  violation_.clear();
  try {
    scenario(*this);
    for (auto& thread : threads_) thread->view = setup_view_;
    if (Thread* const first = ChooseThread(); first != nullptr) SwitchTo(first);
    running_ = nullptr;
    for (const auto& thread : threads_) {
      if (known_->known || thread->ends == Ends::kMayWaitForEver) continue;
      if (thread->standing == Thread::Standing::kEnded) continue;
      if (violation_.empty()) violation_ = thread->name + " waits for ever";
    }
    if (violation_.empty() && !known_->known && at_end_) at_end_();
  } catch (const Abandoned&) {
  }
  running_ = nullptr;
  report_.violation = violation_;
  UnwindAll();
  for (auto& thread : threads_) known_->free_stacks.push_back(std::move(thread->stack));
  threads_.clear();
  at_end_ = nullptr;
  kept_.clear();
  locations_.clear();
}

// The next run takes the next way at the last choice that has one left.
bool Explorer::NextBranch() {
  while (!choices_.empty() && choices_.back().taken + 1 == choices_.back().count) {
    choices_.pop_back();
  }
  if (choices_.empty()) return false;
  ++choices_.back().taken;
  return true;
}

// Each thread that has begun ends by an exception, so that what is on its stack is destroyed.
void Explorer::UnwindAll() {
  unwinding_ = true;
  for (const auto& thread : threads_) {
    if (thread->standing == Thread::Standing::kNew) continue;
    if (thread->standing == Thread::Standing::kEnded) continue;
    SwitchTo(thread.get());
    running_ = nullptr;
  }
}

// --- the scenario ---

void Explorer::AddThread(std::string name, Ends ends, std::function<void()> body) {
  auto thread = std::make_unique<Thread>();
  thread->name = std::move(name);
  thread->ends = ends;
  thread->body = std::move(body);
  thread->hash = threads_.size() + 1;
  if (known_->free_stacks.empty()) {
    thread->stack = std::make_unique_for_overwrite<char[]>(kStackBytes);
  } else {
    thread->stack = std::move(known_->free_stacks.back());
    known_->free_stacks.pop_back();
  }
  threads_.push_back(std::move(thread));
}

void Explorer::Fail(const std::string& what) {
  if (violation_.empty() && !unwinding_) violation_ = what;
  throw Abandoned{};
}

// --- who runs ---

uint32_t Explorer::Choose(uint32_t count) {
  if (depth_ == choices_.size()) choices_.push_back({.taken = 0, .count = count});
  return choices_[depth_++].taken;
}

bool Explorer::IsKnown() {
  uint64_t hash = 0;
  for (const auto& thread : threads_) {
    hash = Mix(hash, thread->hash);
    hash = Mix(hash, static_cast<uint64_t>(thread->standing));
  }
  for (const Location& location : locations_) hash = Mix(hash, location.hash);
  if (options_.preemptions >= 0) {
    hash = Mix(hash, static_cast<uint64_t>(preemptions_));
    hash = Mix(hash, running_ == nullptr ? 0 : running_->hash);
  }
  return !known_->hashes.insert(hash).second;
}

// Null if none can go on, or if what follows was explored before.
Explorer::Thread* Explorer::ChooseThread() {
  const auto may_run = [](const Thread& thread) {
    return thread.standing == Thread::Standing::kNew ||
           thread.standing == Thread::Standing::kRunnable;
  };
  std::array<Thread*, kMostThreads> candidates;
  uint32_t count = 0;
  const bool goes_on = running_ != nullptr && may_run(*running_);
  if (goes_on) candidates[count++] = running_;
  if (!goes_on || options_.preemptions < 0 || preemptions_ < options_.preemptions) {
    for (const auto& thread : threads_) {
      if (thread.get() != running_ && may_run(*thread)) candidates[count++] = thread.get();
    }
  }
  if (count == 0) return nullptr;
  if (depth_ == choices_.size() && IsKnown()) {
    known_->known = true;
    return nullptr;
  }
  Thread* const chosen = candidates[Choose(count)];
  if (goes_on && chosen != running_) ++preemptions_;
  return chosen;
}

// Gives the turn to a thread, or to whoever explores if it is null; returns when it comes back.
void Explorer::SwitchTo(Thread* next) {
  ucontext_t& from = running_ == nullptr ? known_->main : running_->context;
  running_ = next;
  if (next == nullptr) {
    swapcontext(&from, &known_->main);
    return;
  }
  if (next->standing == Thread::Standing::kNew) {
    next->standing = Thread::Standing::kRunnable;
    next->chosen = true;
    getcontext(&next->context);
    next->context.uc_stack.ss_sp = next->stack.get();
    next->context.uc_stack.ss_size = kStackBytes;
    next->context.uc_link = nullptr;
    makecontext(&next->context, &Explorer::Enter, 0);
  }
  swapcontext(&from, &next->context);
}

void Explorer::Enter() {
  Explorer& explorer = *current;
  Thread& self = *explorer.running_;
  try {
    self.body();
  } catch (const Abandoned&) {
  }
  self.standing = Thread::Standing::kEnded;
  const bool over = explorer.unwinding_ || !explorer.violation_.empty();
  explorer.SwitchTo(over ? nullptr : explorer.ChooseThread());
}

// Where another thread may take the turn, and where a run that is over ends.
void Explorer::BeforeOperation() {
  if (running_ == nullptr) return;
  if (unwinding_) {
    if (std::uncaught_exceptions() == 0) throw Abandoned{};
    return;
  }
  if (std::exchange(running_->chosen, false)) return;
  Thread* const self = running_;
  Thread* const next = ChooseThread();
  if (next == self) return;
  SwitchTo(next);
  if (unwinding_) throw Abandoned{};
}

// --- the memory ---

size_t Explorer::NewLocation(Value initial) {
  if (locations_.size() == kMostLocations) Fail("more locations than the explorer has room for");
  locations_.emplace_back().messages.push_back({.value = initial, .view = {}, .hash = 0});
  return locations_.size() - 1;
}

Explorer::View& Explorer::view() { return running_ == nullptr ? setup_view_ : running_->view; }

void Explorer::Note(uint64_t what) {
  if (running_ != nullptr) running_->hash = Mix(running_->hash, what);
}

void Explorer::Join(const View& other) {
  View& mine = view();
  for (size_t i = 0; i < locations_.size(); ++i) mine[i] = std::max(mine[i], other[i]);
}

Fault Explorer::FaultAt(const Call& call) {
  const uint64_t key = reinterpret_cast<uintptr_t>(call.where.file_name()) ^ uint64_t {
    call.where.line()
  } << 48 ^ uint64_t { call.where.column() } << 40;
  const auto found = faults_.find(key);
  return found != faults_.end() ? found->second : NoteSite(call, key);
}

Fault Explorer::NoteSite(const Call& call, uint64_t key) {
  const std::string_view file = call.where.file_name();
  const Site site{.file = std::string(file.substr(file.find_last_of('/') + 1)),
                  .line = call.where.line(),
                  .column = call.where.column()};
  report_.sites[site] = {
      .name = site.file + " " + FunctionName(call.where.function_name()) + " " + call.name,
      .operation = call.operation,
      .order = call.order};
  return faults_[key] = site == options_.mutation.site ? options_.mutation.fault : Fault::kNone;
}

// Chooses among the values that may be read.
const Explorer::Message& Explorer::ReadMessage(size_t location, bool acquire, Newest newest) {
  const std::vector<Message>& messages = locations_[location].messages;
  const size_t last = messages.size() - 1;
  size_t index = last;
  if (running_ != nullptr && newest == Newest::kNotOnly && !unwinding_ &&
      running_->stale_loads < options_.stale_loads && view()[location] < last) {
    index = last - Choose(static_cast<uint32_t>(last - view()[location] + 1));
    if (index != last) ++running_->stale_loads;
  }
  view()[location] = static_cast<uint16_t>(index);
  if (acquire) Join(messages[index].view);
  Note(Mix(location + 1, messages[index].hash));
  return messages[index];
}

void Explorer::Append(size_t location, Value value, bool release, const Message* continued) {
  Location& place = locations_[location];
  Note(location + 1'000);
  View& mine = view();
  mine[location] = static_cast<uint16_t>(place.messages.size());
  Message message{.value = value, .view = {}, .hash = running_ == nullptr ? 0 : running_->hash};
  if (release) message.view = mine;
  message.view[location] = mine[location];
  if (continued != nullptr) {
    for (size_t i = 0; i < locations_.size(); ++i) {
      message.view[i] = std::max(message.view[i], continued->view[i]);
    }
  }
  place.hash = Mix(place.hash, message.hash);
  place.messages.push_back(std::move(message));
}

Explorer::Value Explorer::Load(size_t location, const Call& call) {
  BeforeOperation();
  const bool acquire = HasAcquire(call.order) && FaultAt(call) != Fault::kNoAcquire;
  return ReadMessage(location, acquire, Newest::kNotOnly).value;
}

void Explorer::Store(size_t location, Value value, const Call& call) {
  BeforeOperation();
  const Fault fault = FaultAt(call);
  if (fault == Fault::kLeftOut) return;
  Append(location, value, HasRelease(call.order) && fault != Fault::kNoRelease, nullptr);
}

Explorer::Value Explorer::ReadModifyWrite(size_t location, const Change& change, const Call& call,
                                          const Value* expected) {
  BeforeOperation();
  const Fault fault = FaultAt(call);
  const bool acquire = HasAcquire(call.order) && fault != Fault::kNoAcquire;
  const bool release = HasRelease(call.order) && fault != Fault::kNoRelease;
  const bool torn = fault == Fault::kTornApart;
  const Message read = ReadMessage(location, acquire, torn ? Newest::kNotOnly : Newest::kOnly);
  if (expected != nullptr && read.value != *expected) return read.value;
  if (fault == Fault::kLeftOut) return read.value;
  if (torn) BeforeOperation();
  Append(location, change(read.value), release, torn ? nullptr : &read);
  return read.value;
}

// As a futex does: it sleeps only if the newest value is the old one, and who is woken has seen
// what whoever woke him knows of this location.
void Explorer::Wait(size_t location, Value old, const Call& call) {
  BeforeOperation();
  const bool acquire = HasAcquire(call.order) && FaultAt(call) != Fault::kNoAcquire;
  while (locations_[location].messages.back().value == old) {
    if (unwinding_) return;
    running_->standing = Thread::Standing::kWaits;
    running_->waits_at = location;
    Note(location + 2'000);
    SwitchTo(ChooseThread());
    if (unwinding_) throw Abandoned{};
  }
  ReadMessage(location, acquire, Newest::kOnly);
}

void Explorer::NotifyOne(size_t location, const Call& call) {
  BeforeOperation();
  Note(location + 3'000);
  if (FaultAt(call) == Fault::kLeftOut) return;
  for (const auto& thread : threads_) {
    if (thread->standing != Thread::Standing::kWaits || thread->waits_at != location) continue;
    thread->standing = Thread::Standing::kRunnable;
    thread->hash = Mix(thread->hash, running_ == nullptr ? 0 : running_->hash);
    return;
  }
}

void Explorer::AccessPlain(size_t location) {
  if (running_ == nullptr || unwinding_) return;
  Location& place = locations_[location];
  if (view()[location] + size_t{1} != place.messages.size()) {
    Fail("a data race of " + running_->name + " with another thread");
  }
  Append(location, 0, false, nullptr);
}

}  // namespace lumbung
