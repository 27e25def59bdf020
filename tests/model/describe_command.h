// A command in a line of a test's report.
#pragma once

#include <string>

#include "engine/command.h"

namespace lumbung {

// `POST PAYMENT by rule 1.2101.1>1.4101.1=500, branch 1, id 4f…`: what decides the outcome.
std::string Describe(const Command& command);

}  // namespace lumbung
