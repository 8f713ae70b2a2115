// World answered by physics: restores the stored state of each start point and steps it.
#pragma once

#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "sim/task.h"
#include "sim/world.h"

namespace reverie {

struct SimulatedWorldOptions {
  int action_repeat = 1;        // control steps per step(); rewards are summed
  double perturbation = 0.0;    // each reset adds N(0, perturbation) to qpos (tangent space) and qvel: the chaos floor
  uint64_t perturbation_seed = 0;
  double gravity_scale = 1.0;   // != 1: a private copy of the model with scaled gravity (the self-test's wrong world)
};

// The returned world shares `task` and `pool`, both of which must outlive it.
std::unique_ptr<World> make_simulated_world(std::shared_ptr<const Task> task, ThreadPool& pool,
                                            SimulatedWorldOptions options = {});

}  // namespace reverie
