#include "api/server/quoted.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace lumbung {

namespace {

// More than any date, and enough of a path to know it by.
constexpr size_t kMostShown = 128;

// Where a text of UTF-8 may be cut, so that no character is: not before a byte 10xxxxxx.
size_t CutOf(std::string_view text) {
  size_t cut = kMostShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

}  // namespace

std::string Quoted(std::string_view text) {
  if (text.size() <= kMostShown) return absl::StrCat("\"", std::string(text), "\"");
  return absl::StrCat("\"", std::string(text.substr(0, CutOf(text))), "...\" of ", text.size(),
                      " bytes");
}

}  // namespace lumbung
