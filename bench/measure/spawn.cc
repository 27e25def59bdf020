#include "bench/measure/spawn.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace lumbung {

namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// As execve takes them.
std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
}

// The child's side of the fork: never returns.
[[noreturn]] void Become(const Program& program, char* const* arguments, char* const* environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int log = OpenToAppend(program.log);
  const int output = program.output.empty() ? log : OpenToAppend(program.output);
  if (log >= 0) dup2(log, STDERR_FILENO);
  if (output >= 0) dup2(output, STDOUT_FILENO);
  execve(arguments[0], arguments, environment);
  constexpr int kNotFound = 127;
  _exit(kNotFound);
}

}  // namespace

pid_t Spawn(Program program) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    program.environment.emplace_back(*variable);
  }
  // Before the fork: afterwards the child of a process with threads must not allocate.
  const std::vector<char*> arguments = PointersTo(program.arguments);
  const std::vector<char*> environment = PointersTo(program.environment);
  const pid_t pid = fork();
  if (pid == 0) Become(program, arguments.data(), environment.data());
  return pid;
}

std::string ReadyAddress(const std::string& ready_file) {
  std::string address = TextOf(ready_file);
  if (address.empty() || address.back() != '\n') return "";
  address.pop_back();
  return address;
}

std::string EndOfLog(const std::string& log) {
  constexpr size_t kBytes = 2'000;
  std::string text = TextOf(log);
  if (text.size() > kBytes) text.erase(0, text.size() - kBytes);
  return text;
}

}  // namespace lumbung
