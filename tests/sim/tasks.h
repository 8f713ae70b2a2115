// Tasks for tests of everything that runs on them: those of the scene directories and small
// ones with a known ending.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "contract/episode.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"

namespace reverie::sim {

// Uniformly random actions [A] of control step `step` of episode `index`, within the task's range.
std::vector<float> random_action(const contract::EnvSpec& spec, uint64_t index, int64_t step);

// The same for all environments of `envs` at their current step: [N, A].
std::vector<float> random_actions(const VectorEnv& envs);

// `count` episodes (indices 0, 1, ...) of random actions, cut after `steps` control steps when
// they did not end before.
std::vector<contract::Episode> record_episodes(const std::shared_ptr<const Task>& task, int count,
                                               int64_t steps, uint64_t seed = 1);

// A cart of 1 kg on a rail, starting at rest at 0, observed as (position, velocity). An action of 1
// pushes it with 1 N until the episode terminates beyond 0.2 m; in the other task with 1e12 N, and
// physics becomes non-finite.
std::shared_ptr<const Task> terminating_task();
std::shared_ptr<const Task> diverging_task();

}  // namespace reverie::sim
