// Programs that are started as children: servers on folders of their own, and what they leave in
// their files.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace lumbung {

struct Program {
  std::vector<std::string> arguments;    // the program first
  std::string log;                       // file for what it prints, appended to
  std::vector<std::string> environment;  // NAME=VALUE, beside that of this process
  std::string output;                    // file for its standard output alone; empty: the log
};

// Starts it: its process id, or -1 if no process can be made. It is killed when the calling thread
// ends. It blocks no signal, whatever this thread blocks. It exits with 127 if there is no such
// program. Any thread.
pid_t Spawn(Program program);

// The address that a server wrote into its ready file; empty while it has not. Any thread.
std::string ReadyAddress(const std::string& ready_file);

// The last 2,000 bytes of a log. Any thread.
std::string EndOfLog(const std::string& log);

}  // namespace lumbung
