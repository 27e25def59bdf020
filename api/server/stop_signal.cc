#include "api/server/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>

#include "engine/check.h"

namespace lumbung {

StopSignal::StopSignal() : event_(eventfd(0, EFD_CLOEXEC)) { LUMBUNG_CHECK(event_ >= 0); }

StopSignal::~StopSignal() { close(event_); }

void StopSignal::Request() {
  const int saved = errno;
  const uint64_t one = 1;
  // Can only fail if it was called 2^64 times before.
  [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof(one));
  errno = saved;
}

void StopSignal::Fail(const absl::Status& failure) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = failure;
  }
  Request();
}

void StopSignal::Wait() {
  // Not read, so that it stays raised for whoever waits again.
  pollfd raised{.fd = event_, .events = POLLIN, .revents = 0};
  while (poll(&raised, 1, -1) < 0 && errno == EINTR) {
  }
}

absl::Status StopSignal::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace lumbung
