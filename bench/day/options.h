// The day's client's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace lumbung {

struct Options {
  std::string server;
  std::string record;
  uint64_t transactions = 200'000;
  uint32_t clients = 2;
  uint32_t in_flight = 32;
  uint32_t batch = 100;
  uint32_t cooperatives = 6;
  uint32_t reads_per_hundred = 50;
  std::optional<uint64_t> seed;
  std::chrono::seconds reconnect{60};
  bool check_only = false;
};

// Reads the arguments. An exit code if the program is to end here, with help or a complaint
// printed.
std::optional<int> ReadOptions(int argc, char** argv, Options& options);

}  // namespace lumbung
