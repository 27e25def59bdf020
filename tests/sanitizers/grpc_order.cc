// What gRPC promises about order, told to ThreadSanitizer: what a thread did before it started an
// operation comes before what is done when its end is taken from a queue. gRPC keeps the promise by
// means that are not seen (tsan.supp), so without this each hand-over of a call looks like a race.
//
// Part of every program with a callback thread (api/server/callback_thread.h), in the tsan build
// only: the dynamic linker takes these functions before those of the library.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include "engine/check.h"

namespace {

// The library's function whose place the program's takes.
template <typename Function>
Function* OfGrpc(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  LUMBUNG_CHECK(found != nullptr);
  return reinterpret_cast<Function*>(found);
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  static auto* const start = OfGrpc<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return start(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next =
      OfGrpc<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = next(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const pluck =
      OfGrpc<decltype(grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  const grpc_event event = pluck(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(tag);
  return event;
}

}  // extern "C"
