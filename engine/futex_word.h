// A word that threads wait on, as std::atomic's wait and notify_one, but straight in the system's
// futex: the C++ library first yields the processor four times. On processors that are busy each of
// them costs whoever waits the rest of its time slice, just before it is needed.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace lumbung {

class FutexWord : public std::atomic<uint32_t> {
 public:
  using std::atomic<uint32_t>::atomic;

  // Returns when the word is not `old`, read with `order`. Any thread.
  void wait(uint32_t old, std::memory_order order) const {
    // It returns at once if the word is another by then, and sometimes for no reason.
    while (load(order) == old) Call(FUTEX_WAIT_PRIVATE, old);
  }
  // Any thread, after it changed the word.
  void notify_one() { Call(FUTEX_WAKE_PRIVATE, 1); }

 private:
  void Call(int operation, uint32_t value) const {
    static_assert(sizeof(*this) == sizeof(uint32_t) && is_always_lock_free);
    syscall(SYS_futex, this, operation, value, nullptr, nullptr, 0);
  }
};

}  // namespace lumbung
