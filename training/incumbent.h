// Who holds a name among the checkpoints of a run: the best policy, and the dream that holds longest.
// A later policy becomes the best one only when physics, not the dream, shows that it is better.
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

// The dream that holds the name `most_faithful`, with its figures in the evaluation that it won by.
struct MostFaithful {
  static constexpr double kNobody = -1.0;

  int64_t step = 0;              // name of its checkpoint
  double valid_steps = kNobody;  // control steps for which the dream held, DreamFigures::valid_steps
  double error_2 = 0.0;          // decides between equals; NaN is the worst
  bool held() const { return valid_steps != kNobody; }
};

// The longer one wins, and of equally long ones the one with the smaller error. Figures are compared as they are: an
// evaluation's episodes are those of the policy of its time. Never true when valid_steps is not finite.
bool is_more_faithful(const MostFaithful& challenger, const MostFaithful& holder);

}  // namespace reverie::training
