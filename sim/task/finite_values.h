// Finite values: what the expressions of a task gave must be numbers that can be stored and learned from.
// Physics that became non-finite ends an episode as diverged. An expression that is not finite while the
// physics is sound is a mistake in the task file, and said at once.
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {

// "<file>:line:column: reward term 'near': 'sqrt(1 - x)' is nan in control step 3 of episode 0 (seed 1); ...".
class NonFiniteError : public base::UserError {
 public:
  using base::UserError::UserError;
};

// Values whose size is beyond this are refused like infinite ones: squares and sums of them would not fit
// into the float32 of episodes and networks.
constexpr double kLargestValue = 1e15;

// The control step in which something was found.
struct Moment {
  uint64_t seed = 0, index = 0;  // of the episode
  int64_t step = 0;              // control steps since its reset; 0: the first state
};

// What an Env computed for one state.
struct StateValues {
  std::span<const double> workspace;                // evaluated slots of Task::Impl::program
  std::span<const double> observation, privileged;  // [O] and the privileged items
  std::span<const double> task_state;               // [S]
};

// Throws NonFiniteError naming the first signal, reward term, termination or observation that is not finite,
// or the part of the task's own state. Rewards and terminations are of a step, not of the first state.
void check_finite(const Task::Impl& task, const StateValues& values, const Moment& moment);

// The same of one reward, the sum of its terms.
void check_reward(const Task::Impl& task, double reward, const Moment& moment);

}  // namespace reverie::sim
