// Money as Indonesians write it, and counts as English does. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "engine/types.h"

namespace lumbung {

// `Rp1.250.000,00`, `-Rp500,25`.
std::string FormatRupiah(Amount amount);
// `1,250,000`.
std::string FormatCount(uint64_t count);

}  // namespace lumbung
