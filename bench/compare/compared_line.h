// A line of the table of targets, and the table. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

namespace lumbung {

enum class Verdict {
  kNotRun,  // something that it needs is not there; says nothing about the target
  kMet,
  kNotMet,
};

struct ComparedLine {
  std::string key;
  std::string what;
  std::string target;
  std::string measured;  // kNotRun: why not
  std::string how;       // how it was measured, in a sentence
  double ratio = 0;  // of what was measured to the target; over 1: better than it. 0: no one ratio
  Verdict verdict = Verdict::kNotRun;

  // The ratio, and the verdict that follows from it.
  void Judge(double reached);
};

const char* NameOf(Verdict verdict);

// 2 if a line was not run, else 1 if one is not met, else 0.
int ExitCodeOf(const std::vector<ComparedLine>& lines);

// A table in Markdown.
std::string TableOf(const std::vector<ComparedLine>& lines);
std::string JsonOf(const std::vector<ComparedLine>& lines);

}  // namespace lumbung
