// Collector: lets a policy act in the training environments.
// It feeds the replay buffer and keeps finished episodes for the shards on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "contract/divergence.h"
#include "contract/driver.h"
#include "contract/policy.h"
#include "sim/task/task.h"
#include "sim/vector_env.h"
#include "sim/vector_env_rows.h"
#include "training/config.h"
#include "training/data/replay_buffer.h"

namespace reverie::training {

class Collector {
 public:
  // `policy` acts first. `pool`, `replay` and `policy` are shared, not owned.
  Collector(const std::shared_ptr<const sim::Task>& task, const TrainConfig& config, base::ThreadPool& pool,
            ReplayBuffer& replay, contract::Policy& policy);

  void start();  // first episode of every environment

  // Before resume(): stored episodes, in the order in which they ended, refill the replay buffer.
  void refill(const std::vector<contract::Episode>& finished);
  // Go on from `running`, one an environment, in order. Throws UserError when their number is wrong.
  void resume(const std::vector<contract::Episode>& running);

  // `policy` acts from the next step() on, anew in every environment; nothing changes when it does already.
  void act_by(contract::Policy& policy);

  // One decision of every environment. Row n draws by {seed, episode index, decision of the episode}. Returns
  // the control steps made. When the task throws, what is replayed and recorded is as before.
  int64_t step();

  std::vector<contract::Episode> take_finished();  // since the last call, diverged ones included
  std::vector<contract::Episode> running() const;  // the episode in progress of each environment
  const contract::Divergence& divergence()
      const;  // of all episodes so far; those that diverged are not replayed

 private:
  sim::VectorEnv envs_;
  sim::VectorEnvRows rows_;
  contract::Driver driver_;
  ReplayBuffer& replay_;
  std::vector<contract::Episode> finished_;
  contract::Divergence divergence_;
};

}  // namespace reverie::training
