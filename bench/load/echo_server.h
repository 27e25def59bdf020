// The bare gRPC server to compare with: the same messages in arenas, the same number of results of
// the same size, and nothing done for them.
#pragma once

#include <string>

namespace lumbung {

// Serves on a free port of 127.0.0.1, writes the address to `ready_file`, and returns after
// SIGTERM.
void ServeEcho(const std::string& ready_file);

}  // namespace lumbung
