// What the program is told on its command line. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lumbung {

struct Options {
  std::string server;  // lumbungd
  std::string folder;  // in which the round's own folder is made
  uint64_t seed = 0;   // drawn if not given
  uint64_t kills = 20;
  uint64_t seconds = 60;
  uint32_t clients = 4;
  double rate = 6'000;  // new transactions a second, of all clients
  uint64_t most_rows = 4'000;
  bool full_disk = false;    // the ledger is on a small file system that is full at times
  bool clock_jumps = false;  // of the server's clock
  // The canary: after each kill the end of RocksDB's log is cut off, as if it had not been written.
  bool tear_the_log = false;
};

// The exit code, if the program is to end now.
std::optional<int> ReadOptions(int argc, char** argv, Options& options);

}  // namespace lumbung
