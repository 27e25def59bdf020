// Faults that a sanitizer must tell of, one for each name on the command line: if one of them goes
// unnoticed, then because of an option or a suppression that hides as much of our own code.
//
// Exit code: that of the sanitizer, which is not 0; 0 if the fault was not noticed; 2 for a name
// that there is not.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

// Not known to the compiler, which would else see the fault and leave it out.
volatile size_t bytes = 3'000;
char source[4'096];
char target[4'096];
volatile int sink = 0;

void Race() {
  int plain = 0;
  std::thread other([&plain] { ++plain; });
  ++plain;
  other.join();
  sink = plain;
}

// The accesses are in a function of the C library.
void RaceOfCopies() {
  std::thread other([] { std::memcpy(target, source, bytes); });
  std::memcpy(target, source, bytes);
  other.join();
}

void UseAfterFree() {
  auto* const freed = new std::vector<int>(bytes);
  const int* const inside = freed->data();
  delete freed;
  sink = *inside;
}

void Leak() {
  auto* leaked = new std::string(bytes, 'x');
  sink = static_cast<int>(leaked->size());
  leaked = nullptr;
}

void Overflow() {
  volatile int32_t most = std::numeric_limits<int32_t>::max();
  sink = most + 1;
}

const std::map<std::string, std::function<void()>>& Faults() {
  static const std::map<std::string, std::function<void()>> faults = {
      {"race", Race},         {"race_of_copies", RaceOfCopies},
      {"leak", Leak},         {"use_after_free", UseAfterFree},
      {"overflow", Overflow},
  };
  return faults;
}

}  // namespace

int main(int argc, char** argv) {
  const auto fault = Faults().find(argc == 2 ? argv[1] : "");
  if (fault == Faults().end()) {
    std::fprintf(stderr, "expected the name of one fault\n");
    return 2;
  }
  fault->second();
  return 0;
}
