// Returns of a policy in physics, over fresh episodes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "contract/policy.h"
#include "sim/task/task.h"

namespace reverie::training {

// Returns of `episodes` simulated episodes of the keys (seed, 0 .. episodes-1): [episodes]. The same seed
// means the same starts, so two policies can be compared in pairs. One decision is repeated for `action_repeat`
// control steps; row n draws by {seed, n, decision}. Throws
// base::Interrupted when `stop` is asked for.
std::vector<double> simulated_returns(contract::Policy& policy, const std::shared_ptr<const sim::Task>& task,
                                      int action_repeat, int64_t episodes, uint64_t seed,
                                      base::ThreadPool& pool, const base::Stop* stop = nullptr);

}  // namespace reverie::training
