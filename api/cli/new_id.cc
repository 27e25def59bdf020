#include "api/cli/new_id.h"

#include <chrono>
#include <cstdint>
#include <random>

namespace lumbung::cli {

TransactionId NewTransactionId() {
  std::random_device device;  // the kernel's generator: two machines never draw the same
  const auto draw = [&device] { return (uint64_t{device()} << 32) | device(); };
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  constexpr uint64_t kVersion7 = 0x7000;
  constexpr uint64_t kVariantRfc9562 = uint64_t{0b10} << 62;
  return {(milliseconds << 16) | kVersion7 | (draw() & 0x0FFF),
          kVariantRfc9562 | (draw() & ((uint64_t{1} << 62) - 1))};
}

}  // namespace lumbung::cli
