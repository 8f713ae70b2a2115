// Divergence: how many of some episodes had physics that became non-finite, and why the first did.
// A few are nothing to worry about. Many mean that the simulation itself is wrong, which nobody sees in a return.
#pragma once

#include <cstdint>
#include <string>

#include "contract/episode.h"

namespace reverie::contract {

struct Divergence {
  int64_t episodes = 0, diverged = 0;
  std::string first;  // Episode::divergence of the first that diverged

  void add(const Episode& episode);
  // At least a quarter of the episodes: worth a warning.
  bool is_frequent() const { return diverged > 0 && 4 * diverged >= episodes; }
};

// "physics diverged in 3 of 4 episodes, first: Nan, Inf or huge value in QACC at DOF 0. [...] Time = 0.02. Likely
// causes: ...", one line.
std::string divergence_text(const Divergence& divergence);

}  // namespace reverie::contract
