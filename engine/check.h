// The one invariant macro. A failed check is a bug of ours, never a user's input: it prints what
// was violated and aborts, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

#define LUMBUNG_CHECK(condition)                                                               \
  do {                                                                                         \
    if (!(condition)) [[unlikely]] {                                                           \
      std::fprintf(stderr, "%s:%d: invariant violated: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)
