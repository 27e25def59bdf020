// Standard input, output and error of a program that was started with one of them closed.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace lumbung {

// First in main, one thread. Numbers 0, 1 and 2 that are closed are taken, so that no file that is
// opened later gets one of them: what is written to standard error would be written into it, into
// the ledger's log for example. Reading and writing there fails with EBADF, as it does where they
// are closed. What a library opened before main stays where it is. Ends the process with 1 if even
// this can't be done.
inline void TakeStandardStreams() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    const int useless_way = number == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // The lowest number that is free: those below are taken.
    if (open("/dev/null", useless_way) != number) _exit(EXIT_FAILURE);
  }
}

}  // namespace lumbung
