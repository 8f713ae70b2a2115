// What a policy is worth in physics: the mean action, without exploration or planning, over fresh episodes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "policies/agent.h"
#include "sim/task/task.h"

namespace reverie::training {

// Returns of `episodes` simulated episodes of the keys (seed, 0 .. episodes-1): [episodes]. The same seed
// means the same starts, so two policies can be compared in pairs.
std::vector<double> simulated_returns(policies::Agent& agent, const std::shared_ptr<const sim::Task>& task,
                                      int64_t episodes, uint64_t seed, base::ThreadPool& pool);

}  // namespace reverie::training
