#include "bench/compare/machine.h"

#include <ctime>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace lumbung {

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string DateAndMachine() {
  return fmt::format("{:%Y-%m-%d}, {} cores ({})", fmt::gmtime(std::time(nullptr)),
                     std::thread::hardware_concurrency(), ProcessorName());
}

}  // namespace lumbung
