// SimulatedWorld: a world answered by physics.
// It restores the stored state of each start point and steps it.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "contract/world.h"
#include "sim/task/task.h"

namespace reverie::sim {

struct SimulatedWorldOptions {
  // Control steps per step(); rewards are summed.
  int action_repeat = 1;
  // Each reset adds N(0, perturbation) to qpos (tangent space) and qvel: the chaos floor. The draw belongs to
  // the start point and this seed; the reported observation stays the stored one.
  double perturbation = 0.0;
  uint64_t perturbation_seed = 0;
  // [2 nv] standard deviations of normal noise that is added to qpos (tangent space) and qvel before every step();
  // empty: none. The draw belongs to the episode of the start, its control step and perturbation_seed.
  std::vector<double> step_noise = {};
  // != 1: a private copy of the model with scaled gravity (the self-test's wrong world).
  double gravity_scale = 1.0;
  // Stands for the task's model: the same sizes with other numbers. Copied; null: the task's own.
  const mjModel_* replacement = nullptr;
};

// A rollout that terminated or diverged stays where it is: continuation 0, no further reward. After a
// divergence everything reported is that of the last control step that was finite. A snapshot may be restored
// into any simulated world of the same task, also one with other options: the same present under other
// physics. reset() throws UserError for an episode of another task and std::out_of_range for a step outside
// it. The returned world shares `task` and `pool`, both of which must outlive it.
std::unique_ptr<contract::World> make_simulated_world(std::shared_ptr<const Task> task,
                                                      base::ThreadPool& pool,
                                                      SimulatedWorldOptions options = {});

}  // namespace reverie::sim
