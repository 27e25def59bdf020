#include "bench/day/progress.h"

#include <unistd.h>

#include <cstdio>

#include "bench/day/flight.h"

namespace lumbung {

namespace {

constexpr int64_t kRewriteNs = 200'000'000;
constexpr int64_t kPlainLineNs = 3'000'000'000;

}  // namespace

Progress::Progress() : terminal_(isatty(STDOUT_FILENO) != 0) {}

bool Progress::IsDue() {
  const int64_t now = SteadyNow();
  if (due_ns_ == 0) due_ns_ = now + (terminal_ ? kRewriteNs : kPlainLineNs);
  if (now < due_ns_) return false;
  due_ns_ = now + (terminal_ ? kRewriteNs : kPlainLineNs);
  return true;
}

void Progress::Print(const std::string& text) {
  if (terminal_) {
    const size_t blanks = width_ > text.size() ? width_ - text.size() : 0;
    std::printf("\r%s%s", text.c_str(), std::string(blanks, ' ').c_str());
    width_ = text.size();
  } else {
    std::printf("%s\n", text.c_str());
  }
  std::fflush(stdout);
}

void Progress::End() {
  if (width_ > 0) std::printf("\n");
  width_ = 0;
  std::fflush(stdout);
}

}  // namespace lumbung
