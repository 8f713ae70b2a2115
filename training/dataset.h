// Collecting a dataset of episodes with a fixed policy.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace reverie {

struct DatasetOptions {
  std::string task = "dmc/cartpole-swingup";  // ignored when the policy is a run: its own task is used
  std::string policy = "random";  // "random", "zero", or the path of a run (mean actions, last checkpoint)
  std::string device = "auto";    // for a run's policy
  int64_t episodes = 10;          // with indices 0 .. episodes-1 of `seed`
  uint64_t seed = 1;
  int64_t envs = 8;         // environments stepped together
  int64_t sim_threads = 1;  // results do not depend on it
};

struct DatasetResult {
  std::string task, policy;
  int64_t episodes = 0;
  int64_t control_steps = 0;
  int64_t diverged = 0;  // episodes whose physics became non-finite, stored and marked
  double mean_return = 0.0;
};

// Writes shards into `directory` (must not exist or be empty), ordered by episode index. Stops early, keeping
// whole episodes, when `stop` becomes true. Throws UserError for a wrong task, policy or directory.
DatasetResult collect_dataset(const DatasetOptions& options, const std::filesystem::path& directory,
                              const std::atomic<bool>* stop = nullptr);

}  // namespace reverie
