// What gRPC promises about order, told to ThreadSanitizer: what a thread did before it started an
// operation comes before what is done when its end is taken from a queue; what was done under a
// lock of Abseil's, which is gRPC's, before what is done under it later; and what a call did before
// what is done when its server has ended. The libraries keep these promises by means that are not
// seen (tsan.supp), so without this each hand-over of a call from one thread to another looks like
// a race.
//
// Part of every program that speaks gRPC, in the tsan build only: the dynamic linker takes these
// functions before those of the libraries.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpcpp/support/server_callback.h>
#include <sanitizer/tsan_interface.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/check.h"

namespace {

// The library's function whose place the program's takes.
template <typename Function>
Function* OfLibrary(const std::string& name) {
  void* const found = dlsym(RTLD_NEXT, name.c_str());
  LUMBUNG_CHECK(found != nullptr);
  return reinterpret_cast<Function*>(found);
}
// As Debian's Abseil names it.
template <typename Function>
Function* OfAbseil(const std::string& name) {
  return OfLibrary<Function>("_ZN4absl7debian3" + name);
}

char ended_calls = 0;  // its address stands for them

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  static auto* const start = OfLibrary<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return start(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next =
      OfLibrary<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = next(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const pluck =
      OfLibrary<decltype(grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  const grpc_event event = pluck(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(tag);
  return event;
}

// A server's end waits for the ends of all its calls, each of which lets go of it after OnDone. All
// but the last are counted by the library alone.
void grpc_call_unref(grpc_call* call) {
  static auto* const unref = OfLibrary<decltype(grpc_call_unref)>("grpc_call_unref");
  __tsan_release(&ended_calls);
  unref(call);
}

void grpc_server_destroy(grpc_server* server) {
  static auto* const destroy = OfLibrary<decltype(grpc_server_destroy)>("grpc_server_destroy");
  __tsan_acquire(&ended_calls);
  destroy(server);
}

}  // extern "C"

namespace grpc {
namespace internal {

// A call is over when the last of those that work for it has let go of it. We are seen to do that;
// if the last is the library, it is not seen that it comes after us.
void ServerCallbackCall::ScheduleOnDone(bool inline_ondone) {
  static auto* const schedule = OfLibrary<void(ServerCallbackCall*, bool)>(
      "_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  static_cast<void>(callbacks_outstanding_.load(std::memory_order_acquire));
  schedule(this, inline_ondone);
}

// The same where a call is cancelled: it is told on another thread, which then lets go of the call;
// in the library that would not be seen.
void ServerCallbackCall::CallOnCancel(ServerReactor* reactor) {
  if (reactor->InternalInlineable()) return reactor->OnCancel();
  Ref();
  std::thread([this, reactor] {
    reactor->OnCancel();
    MaybeDone();
  }).detach();
}

}  // namespace internal
}  // namespace grpc

namespace absl {

void Mutex::Lock() {
  static auto* const lock = OfAbseil<void(Mutex*)>("5Mutex4LockEv");
  lock(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static auto* const unlock = OfAbseil<void(Mutex*)>("5Mutex6UnlockEv");
  __tsan_release(this);
  unlock(this);
}

bool Mutex::TryLock() {
  static auto* const try_lock = OfAbseil<bool(Mutex*)>("5Mutex7TryLockEv");
  const bool locked = try_lock(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const wait = OfAbseil<void(CondVar*, Mutex*)>("7CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  wait(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const wait = OfAbseil<bool(CondVar*, Mutex*, Duration)>(
      "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool timed_out = wait(this, mutex, timeout);
  __tsan_acquire(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const wait =
      OfAbseil<bool(CondVar*, Mutex*, Time)>("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool timed_out = wait(this, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

}  // namespace absl
