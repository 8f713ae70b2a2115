// Asks the task's own reward program what the states of a dream are worth.
// The simulator is put on each imagined state and takes the decision with the imagined action; no one has to judge.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "contract/world.h"
#include "evaluation/decision_log.h"
#include "evaluation/progress.h"
#include "sim/task/task.h"

namespace reverie::evaluation {

// What the program pays for the decisions of a log.
struct ProgramRewards {
  std::vector<double>
      rewards;             // [K, N] summed over the control steps of a decision; NaN where it cannot be asked
  int64_t asked = 0;       // decisions that count, those whose episode may still go on
  int64_t unanswered = 0;  // of these: the state is not finite, or physics breaks down within the decision
};

// Rollout n of `log` began at starts[n]. Positions and velocities are those of the log, quaternions brought to length 1.
// What they do not tell (time, activations, targets, commands, pushes, delays) is that of the recorded episode at the same
// step, its last one when it ended earlier. Of a log that tells physics the whole state is used, and answers are exact.
// A decision ends early where the task terminates. Where an episode cannot go on any more, the answer is 0 without asking.
// Results do not depend on the threads of `pool`. Throws base::Interrupted when `stop` is asked for.
ProgramRewards ask_program(const std::shared_ptr<const sim::Task>& task, const DecisionLog& log,
                           std::span<const contract::StartPoint> starts, base::ThreadPool& pool,
                           const base::Stop* stop = nullptr, const Progress& progress = {});

}  // namespace reverie::evaluation
