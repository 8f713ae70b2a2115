// Horizon budget: for how long could a model hold that errs as much as this one in every decision?
// The simulator itself is given noise of one size before every decision, and goes on from what became of it.
#pragma once

#include <string>
#include <vector>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "evaluation/fidelity.h"
#include "sim/task/task.h"

namespace reverie::evaluation {

// Noise of size 1, [2 nv]: for velocities their standard deviations in `episodes`; for positions, which stand first, what
// becomes of an error of velocity in one decision: the same times its seconds.
std::vector<double> unit_noise(const contract::EnvSpec& spec, std::span<const contract::Episode> episodes,
                               int control_steps);

struct HorizonBudget {
  double noise = 0.0;       // its size, in units of unit_noise
  PairedRollouts rollouts;  // of the noisy simulator
  std::string missing;      // why there are none; empty when there are
};

// The noisy simulator from every `every`-th start of `rollouts`, its noise so large that the median error after one
// decision is that of the world in `rollouts`.
HorizonBudget horizon_budget(const std::shared_ptr<const sim::Task>& task, base::ThreadPool& pool,
                             const PairedRollouts& rollouts, std::span<const contract::Episode> episodes,
                             int64_t every, uint64_t seed, const base::Stop* stop = nullptr);

}  // namespace reverie::evaluation
