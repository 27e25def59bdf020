// What the explorer runs: the engine's ring, queue, turn, signals and id window (the sources
// themselves) under two or three threads that do with them what the stages do.
#pragma once

#include <span>

#include "tests/protocol/explorer.h"

namespace lumbung {

struct NamedScenario {
  const char* name;
  Explorer::Scenario scenario;
  Explorer::Options options;
};

std::span<const NamedScenario> Scenarios();

}  // namespace lumbung
