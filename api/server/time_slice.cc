#include "api/server/time_slice.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace lumbung {

namespace {

// sched_setattr(2); the C library has neither the type nor the calls.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;  // of an ordinary thread: its slice
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
  uint32_t least_utilisation = 0;
  uint32_t most_utilisation = 0;
};

constexpr uint64_t kSliceNs = 500'000;

}  // namespace

void ShortenTimeSlice() {
  SchedulingAttributes attributes;
  constexpr long kThisThread = 0;
  if (syscall(SYS_sched_getattr, kThisThread, &attributes, sizeof(attributes), 0) != 0) return;
  attributes.runtime_ns = kSliceNs;
  syscall(SYS_sched_setattr, kThisThread, &attributes, 0);
}

}  // namespace lumbung
