#include "bench/measure/process_figures.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace lumbung {

namespace {

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

std::optional<ProcessFigures> ReadProcessFigures(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/";
  const std::optional<std::string> stat = ReadFile(folder + "stat");
  const std::optional<std::string> io = ReadFile(folder + "io");
  if (!stat || !io) return std::nullopt;
  // The name in parentheses may have blanks in it; the numbers stand behind it: of these the 12th
  // and 13th are user and system time in ticks, the 22nd the resident pages.
  std::istringstream numbers(stat->substr(stat->rfind(')') + 2));
  std::string skipped;
  ProcessFigures figures;
  int64_t user = 0;
  int64_t system = 0;
  int64_t pages = 0;
  for (int i = 1; i <= 11; ++i) numbers >> skipped;
  numbers >> user >> system;
  for (int i = 14; i <= 21; ++i) numbers >> skipped;
  numbers >> pages;
  if (!numbers) return std::nullopt;
  figures.cpu_us = (user + system) * (1'000'000 / sysconf(_SC_CLK_TCK));
  figures.rss_bytes = pages * sysconf(_SC_PAGESIZE);
  constexpr char kWritten[] = "\nwrite_bytes: ";
  const size_t found = io->find(kWritten);
  if (found == std::string::npos) return std::nullopt;
  figures.written_bytes = std::stoll(io->substr(found + sizeof(kWritten) - 1));
  return figures;
}

}  // namespace lumbung
