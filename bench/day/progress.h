// Shows how far a long job is: one line that is rewritten on a terminal, a plain line every few
// seconds otherwise. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace lumbung {

class Progress {
 public:
  Progress();
  // Shows the text if it is time for it; cheap otherwise.
  template <typename MakeText>
  void Show(MakeText make_text) {
    if (IsDue()) Print(make_text());
  }
  // Leaves the last line as it is; what is printed next begins a new one.
  void End();

 private:
  bool IsDue();
  void Print(const std::string& text);

  bool terminal_;
  int64_t due_ns_ = 0;
  size_t width_ = 0;  // of the line that stands on the terminal
};

}  // namespace lumbung
