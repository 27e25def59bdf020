// libFuzzer's entry points. `TARGET --seeds FOLDER` writes the seeds there instead.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/check.h"
#include "tests/fuzz/target.h"

namespace {

using lumbung::fuzz::Input;
using lumbung::fuzz::Seed;

void WriteSeeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const Seed& seed : lumbung::fuzz::Seeds()) {
    std::ofstream file(folder / seed.name, std::ios::binary);
    file << seed.bytes;
    LUMBUNG_CHECK(file.good());
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc == 3 && std::string_view((*argv)[1]) == "--seeds") {
    WriteSeeds((*argv)[2]);
    std::exit(0);
  }
  // A target that refuses even what is good would find nothing and look well.
  for (const Seed& seed : lumbung::fuzz::Seeds()) {
    if (lumbung::fuzz::Try(Input(seed.bytes))) continue;
    std::fprintf(stderr, "the seed %s is refused\n", seed.name.c_str());
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lumbung::fuzz::Try(Input({reinterpret_cast<const char*>(data), size}));
  return 0;
}
