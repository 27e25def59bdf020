// Where and when something was measured, as a table's heading needs it. Any thread.
#pragma once

#include <string>

namespace lumbung {

// The processor's name, as the kernel tells it; "unknown processor" if it tells none.
std::string ProcessorName();

// "2026-11-26, 2 cores (AMD EPYC 7B13)": today, UTC, and the cores that this process may use.
std::string DateAndMachine();

}  // namespace lumbung
