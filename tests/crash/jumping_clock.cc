#include "tests/crash/jumping_clock.h"

#include <filesystem>
#include <fstream>
#include <optional>

namespace lumbung {

namespace {

// Where Debian has it, for whichever machine.
std::optional<std::string> FindLibrary() {
  std::error_code ignored;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", ignored)) {
    const std::filesystem::path library = folder.path() / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(library, ignored)) return library.string();
  }
  return std::nullopt;
}

}  // namespace

bool JumpingClock::IsInstalled() { return FindLibrary().has_value(); }

// Renamed into its place, so that the server never reads half of it.
void JumpingClock::Set(int64_t seconds) {
  const std::string next = path_ + ".next";
  std::ofstream(next) << (seconds < 0 ? "" : "+") << seconds << "\n";
  std::filesystem::rename(next, path_);
}

std::vector<std::string> JumpingClock::Environment() const {
  return {"LD_PRELOAD=" + FindLibrary().value_or(""), "FAKETIME_TIMESTAMP_FILE=" + path_,
          "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"};
}

}  // namespace lumbung
