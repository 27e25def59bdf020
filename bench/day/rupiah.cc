#include "bench/day/rupiah.h"

namespace lumbung {

namespace {

std::string InThousands(uint64_t count, char separator) {
  std::string text = std::to_string(count);
  for (size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, 1, separator);
  return text;
}

}  // namespace

std::string FormatRupiah(Amount amount) {
  const bool negative = amount.value() < 0;
  // Also right for the most negative number.
  const uint64_t sen = negative ? uint64_t{0} - static_cast<uint64_t>(amount.value())
                                : static_cast<uint64_t>(amount.value());
  std::string text = negative ? "-Rp" : "Rp";
  text += InThousands(sen / 100, '.') + ",";
  text += static_cast<char>('0' + sen % 100 / 10);
  text += static_cast<char>('0' + sen % 10);
  return text;
}

std::string FormatCount(uint64_t count) { return InThousands(count, ','); }

}  // namespace lumbung
