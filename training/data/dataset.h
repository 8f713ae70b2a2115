// Collects a dataset of episodes with fixed policies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/divergence.h"

namespace reverie::training {

struct DatasetOptions {
  std::string task;  // "": that of the runs among the policies, else dmc/cartpole-swingup
  // Names of scripted policies, a run's path (its last checkpoint) or RUN@CHECKPOINT ("last", "best", "most_faithful" or a step).
  // Several share the episodes evenly, in this order.
  std::vector<std::string> policies = {"random"};
  bool explore = false;         // a run's sampled actions as in training instead of its mean actions
  std::string device = "auto";  // for a run's policy
  double pushed_share = 0.0;    // of the episodes, in which random actions take over now and then
  int64_t episodes = 10;        // with indices 0 .. episodes-1 of `seed`
  int64_t action_repeat = 2;    // control steps a decision of scripted policies; a run has its own
  uint64_t seed = 1;
  int64_t envs = 8;         // environments stepped together
  int64_t sim_threads = 1;  // results do not depend on it
};

struct PolicyResult {
  std::string policy;  // as in Episode::policy: "random", "zero", "actor@20000"
  int64_t episodes = 0;
  double mean_return = 0.0;
};

struct DatasetResult {
  std::string task;
  std::vector<PolicyResult> policies;
  int64_t episodes = 0;
  int64_t control_steps = 0;
  contract::Divergence divergence = {};  // episodes whose physics became non-finite are stored and marked
  double mean_return = 0.0;
};

// Writes shards into `directory` (must not exist or be empty), ordered by episode index. Stops early, keeping
// whole episodes, when `stop` becomes true. Throws UserError for a wrong task, policy or directory, and when
// the task cannot go on (NonFiniteError): the episodes before that are in the directory then.
DatasetResult collect_dataset(const DatasetOptions& options, const std::filesystem::path& directory,
                              const base::Stop* stop = nullptr);

}  // namespace reverie::training
