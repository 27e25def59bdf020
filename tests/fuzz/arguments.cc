// Input: the arguments of `lumbung`, one a line.
// Holds: what is refused is refused with the exit code of a malformed command line and says why;
// what was only asked for (--help) is told; nothing is told of what is taken. Global options may
// stand behind the command. Only parsed: no file is read but public keys, no server called.
#include <algorithm>
#include <memory>
#include <sstream>

#include "api/cli/command_line.h"
#include "engine/check.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

using Arguments = std::vector<std::string>;

// To make one takes longer than all else here, and it can read again and again; but what repeated
// options collect stays in it.
cli::CommandLine& Reader() {
  constexpr int kMostUses = 50;
  static std::unique_ptr<cli::CommandLine> line;
  static int uses = 0;
  if (line == nullptr || ++uses == kMostUses) {
    line = std::make_unique<cli::CommandLine>();
    uses = 0;
  }
  return *line;
}

bool IsTaken(const Arguments& arguments) {
  std::vector<const char*> argv = {"lumbung"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const auto ended = Reader().Parse(static_cast<int>(argv.size()), argv.data(), out, err);
  if (!ended) {
    LUMBUNG_CHECK(out.view().empty() && err.view().empty());
    return true;
  }
  const bool refused = *ended != cli::ExitCode::kOk;
  LUMBUNG_CHECK(!refused || *ended == cli::ExitCode::kMalformed);
  LUMBUNG_CHECK(out.view().empty() == refused && err.view().empty() != refused);
  return false;
}

// The words of a line as a shell takes them, with single quotes alone.
Arguments WordsOf(std::string_view line) {
  Arguments words;
  bool quoted = false;
  bool between = true;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      between = true;
      continue;
    }
    if (between) words.emplace_back();
    between = false;
    if (c != '\'') words.back() += c;
  }
  return words;
}

// The examples that the commands' help shows; a key's text in place of the file that has it.
void CollectExamples(CLI::App& app, const std::string& path, std::vector<Seed>& seeds) {
  for (CLI::App* below : app.get_subcommands([](CLI::App*) { return true; })) {
    const std::string longer = (path.empty() ? "" : path + "-") + below->get_name();
    CollectExamples(*below, longer, seeds);
    std::istringstream lines(below->get_footer());
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("  lumbung ")) continue;
      std::string bytes;
      const Arguments words = WordsOf(line);
      for (size_t i = 1; i < words.size(); ++i) {
        bytes += words[i] == "public-key" ? SampleLogKey().verifier().ToString() : words[i];
        bytes += '\n';
      }
      seeds.push_back({longer + (++count == 1 ? "" : "-" + std::to_string(count)), bytes});
    }
  }
}

}  // namespace

bool Try(Input input) {
  Arguments arguments;
  while (!input.rest().empty()) {
    std::string argument(input.TakeLine());
    argument.resize(std::min(argument.size(), argument.find('\0')));
    arguments.push_back(std::move(argument));
  }
  if (!IsTaken(arguments)) return false;
  if (std::ranges::find(arguments, "--") == arguments.end()) {
    arguments.push_back("--json");
    LUMBUNG_CHECK(IsTaken(arguments));
  }
  return true;
}

std::vector<Seed> Seeds() {
  std::vector<Seed> seeds;
  cli::CommandLine line;
  CollectExamples(line.root(), "", seeds);
  seeds.push_back({"server", "--server\n[::1]:7400\n--timeout=5\nid\n--json\n"});
  return seeds;
}

}  // namespace lumbung::fuzz
