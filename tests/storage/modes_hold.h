// While one lives, the modes of files hold for this thread, and for those that it starts, also if
// it is root's, who otherwise reads what is closed.
#pragma once

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "engine/check.h"

namespace lumbung {

class ModesHold {
 public:
  ModesHold() {
    LUMBUNG_CHECK(syscall(SYS_capget, &header_, before_.data()) == 0);
    std::array<__user_cap_data_struct, 2> without = before_;
    without[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
    LUMBUNG_CHECK(syscall(SYS_capset, &header_, without.data()) == 0);
  }
  ~ModesHold() { LUMBUNG_CHECK(syscall(SYS_capset, &header_, before_.data()) == 0); }
  ModesHold(const ModesHold&) = delete;
  ModesHold& operator=(const ModesHold&) = delete;

 private:
  __user_cap_header_struct header_ = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> before_{};
};

}  // namespace lumbung
