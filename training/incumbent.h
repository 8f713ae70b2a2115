// Incumbent: the current best checkpoint and its evaluation returns.
// A later policy takes its place only when physics, not the dream, shows that it is better.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reverie::training {

// The policy that holds the name `best`, with its returns in the simulated evaluation that it won by.
struct Incumbent {
  int64_t step = 0;             // name of its checkpoint
  std::vector<double> returns;  // [episodes], one a start; empty: nobody holds the name yet
};

// The test: evaluations of a run play the same starts, so returns are compared start by start; the challenger
// wins when the lower end of the bootstrap 95% interval of the mean difference lies above 0. Without an
// incumbent any finite returns win. When the numbers of starts differ, the common first ones count. `seed`
// and `step` name the resampling. Never true when a return is not finite.
bool beats(std::span<const double> challenger, const Incumbent& incumbent, uint64_t seed, int64_t step);

}  // namespace reverie::training
