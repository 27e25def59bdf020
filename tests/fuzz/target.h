// A fuzz target: one decoder of the project under random bytes. Each target's .cc defines the two
// functions; start.cc makes libFuzzer's entry points of them. What must hold for every input is
// said by LUMBUNG_CHECK, so a violation ends the process and libFuzzer keeps the input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace lumbung::fuzz {

// The bytes of one input, taken from the front. What is not there reads as zero.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Take() {
    T number{};
    const size_t size = std::min(sizeof number, bytes_.size());
    if (size > 0) std::memcpy(&number, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return number;
  }
  std::string_view TakeBytes(size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  // Up to the line's end, which is taken too.
  std::string_view TakeLine() {
    const std::string_view line = bytes_.substr(0, bytes_.find('\n'));
    bytes_.remove_prefix(std::min(bytes_.size(), line.size() + 1));
    return line;
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// A good input, from which the fuzzer starts.
struct Seed {
  std::string name;
  std::string bytes;
};

// Tries one input. Whether the decoder took it; each seed is taken.
bool Try(Input input);
std::vector<Seed> Seeds();

}  // namespace lumbung::fuzz
