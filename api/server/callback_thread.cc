#include "api/server/callback_thread.h"

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "api/server/send_together.h"
#include "engine/check.h"

namespace lumbung {

namespace {

// What is to be done afterwards, and the lock that its end waits for.
std::mutex afterwards_mutex;
std::vector<CallbackThread::Afterwards*> asked_for;  // guarded by afterwards_mutex

thread_local bool is_callback_thread = false;

// What is to be done afterwards does not wait for longer than these events, although there are
// always more: a flood of other calls may not hold payments up.
constexpr uint32_t kMostTurns = 64;

// Replies that are sent together. The client can go on with them while the rest of the group is
// answered.
constexpr int kMostTogether = 16;

// One queue of gRPC's events and the thread that empties it.
class EventLoop {
 public:
  EventLoop() : alarm_tag_(SetFirstAlarm()), thread_([this] { Run(); }) {}
  // Deals with all events that are still to come, then ends the thread.
  ~EventLoop() {
    // Acquires what the posting threads did; an alarm can't be set in a queue that is shut.
    while (posting_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
    queue_.Shutdown();
    thread_.join();
  }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  grpc::CompletionQueue* queue() { return &queue_; }

  void Post(CallbackThread::Work& work) {
    // As soon as the work is in the list it may run, and with it the last call and the last server
    // may end: what comes then would be done to a loop that is gone, if its end did not wait. The
    // list's exchanges take the count along to the end.
    posting_.fetch_add(1, std::memory_order_relaxed);
    work.next = posted_.load(std::memory_order_relaxed);
    while (!posted_.compare_exchange_weak(work.next, &work)) {
    }
    // Sequentially consistent, as is Park: either this sees that the thread is parked, or the
    // thread sees the work before it waits.
    State parked = State::kParked;
    if (state_.compare_exchange_strong(parked, State::kWaking)) SetAlarm();
    posting_.fetch_sub(1, std::memory_order_release);  // pairs with the end's wait
  }

 private:
  enum class State : uint8_t {
    kAtWork,
    kParked,  // waits for an event, or is about to
    kWaking,  // the alarm is set and its event has not come yet
  };

  void SetAlarm() { alarm_.Set(&queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), nullptr); }

  // gRPC gives an alarm's event a tag of its own, which is needed to tell it from callbacks. On a
  // new queue the first event can only be the alarm's.
  void* SetFirstAlarm() {
    SetAlarm();
    const grpc_event event = Next(gpr_inf_future(GPR_CLOCK_MONOTONIC));
    Finalize(event.tag);
    return event.tag;
  }

  static void Finalize(void* tag) {
    bool ok = true;
    void* unused = tag;
    static_cast<grpc::internal::CompletionQueueTag*>(tag)->FinalizeResult(&unused, &ok);
  }

  // The core's own function: what the callback API puts into the queue are functions to be run.
  grpc_event Next(gpr_timespec deadline) {
    return grpc_completion_queue_next(queue_.cq(), deadline, nullptr);
  }

  void Run() {
    is_callback_thread = true;
    for (uint32_t turns = 1;; ++turns) {
      if (turns % kMostTurns == 0) CallbackThread::Afterwards::RunDue();
      grpc_event event = Next(gpr_inf_past(GPR_CLOCK_MONOTONIC));
      if (event.type == GRPC_QUEUE_TIMEOUT) {
        if (RunPosted() || CallbackThread::Afterwards::RunDue() || !Park()) continue;
        event = Next(gpr_inf_future(GPR_CLOCK_MONOTONIC));
        Unpark();
      }
      if (event.type == GRPC_QUEUE_SHUTDOWN) break;
      Handle(event);
      RunPosted();
    }
    CallbackThread::Afterwards::RunDue();
    LUMBUNG_CHECK(!RunPosted());
  }

  void Handle(const grpc_event& event) {
    if (event.tag == alarm_tag_) {
      Finalize(event.tag);
      state_.store(State::kAtWork);
      return;
    }
    auto* const callback = static_cast<grpc_completion_queue_functor*>(event.tag);
    callback->functor_run(callback, event.success);
  }

  // Whether there was any.
  bool RunPosted() {
    CallbackThread::Work* work = TakePosted();
    if (work == nullptr) return false;
    while (work != nullptr) {
      std::optional<SendTogether> together;
      if (work->next != nullptr) together.emplace();
      for (int i = 0; i < kMostTogether && work != nullptr; ++i) {
        CallbackThread::Work* const next = work->next;
        work->run(*work);
        work = next;
      }
    }
    return true;
  }

  // The oldest of what was posted, the others behind it; null if there is nothing.
  CallbackThread::Work* TakePosted() {
    if (posted_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    CallbackThread::Work* newest = posted_.exchange(nullptr);
    CallbackThread::Work* oldest = nullptr;
    while (newest != nullptr) {
      CallbackThread::Work* const older = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = older;
    }
    return oldest;
  }

  // False if there is work. Otherwise whoever posts some sets the alarm.
  bool Park() {
    State at_work = State::kAtWork;
    state_.compare_exchange_strong(at_work, State::kParked);
    if (posted_.load() == nullptr) return true;
    Unpark();
    return false;
  }
  // With the alarm set this stays so until its event comes: it can't be set twice.
  void Unpark() {
    State parked = State::kParked;
    state_.compare_exchange_strong(parked, State::kAtWork);
  }

  grpc::CompletionQueue queue_;
  grpc::Alarm alarm_;
  void* const alarm_tag_;
  alignas(64) std::atomic<CallbackThread::Work*> posted_{nullptr};  // newest first
  std::atomic<uint32_t> posting_{0};                                // threads that are in Post
  std::atomic<State> state_{State::kAtWork};
  std::thread thread_;
};

// Servers and clients share one loop, which lives as long as there is any of them.
std::mutex loop_mutex;
uint64_t loop_users = 0;                        // guarded by loop_mutex
std::atomic<EventLoop*> running_loop{nullptr};  // written under loop_mutex
std::atomic<bool> left_to_grpc{false};

// The library's function whose place the program's takes.
template <typename Function>
Function* OfGrpc(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  LUMBUNG_CHECK(found != nullptr);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

void CallbackThread::LeaveToGrpc() { left_to_grpc = true; }

bool CallbackThread::IsCurrent() { return is_callback_thread; }

void CallbackThread::Post(Work& work) { running_loop.load()->Post(work); }

CallbackThread::Afterwards::~Afterwards() {
  const std::lock_guard lock(afterwards_mutex);
  std::erase(asked_for, this);
}

bool CallbackThread::Afterwards::RunDue() {
  const std::lock_guard lock(afterwards_mutex);
  if (asked_for.empty()) return false;
  for (Afterwards* const due : asked_for) {
    due->run_(due->context_, std::exchange(due->asked_, 0));
  }
  asked_for.clear();  // keeps its memory: this is asked for with each lone payment
  return true;
}

void CallbackThread::Afterwards::Ask() {
  if (asked_++ > 0) return;
  const std::lock_guard lock(afterwards_mutex);
  asked_for.push_back(this);
}

}  // namespace lumbung

// As grpc++ declares them in its CompletionQueue; it calls them for each server and each channel
// that has callbacks.
namespace grpc {

CompletionQueue* CompletionQueue::CallbackAlternativeCQ() {
  if (lumbung::left_to_grpc) {
    return lumbung::OfGrpc<CompletionQueue*()>(
        "_ZN4grpc15CompletionQueue21CallbackAlternativeCQEv")();
  }
  const std::lock_guard lock(lumbung::loop_mutex);
  if (lumbung::loop_users++ == 0) lumbung::running_loop = new lumbung::EventLoop;
  return lumbung::running_loop.load()->queue();
}

void CompletionQueue::ReleaseCallbackAlternativeCQ(CompletionQueue* queue) {
  if (lumbung::left_to_grpc) {
    return lumbung::OfGrpc<void(CompletionQueue*)>(
        "_ZN4grpc15CompletionQueue28ReleaseCallbackAlternativeCQEPS0_")(queue);
  }
  const std::lock_guard lock(lumbung::loop_mutex);
  if (--lumbung::loop_users == 0) delete lumbung::running_loop.exchange(nullptr);
}

}  // namespace grpc
