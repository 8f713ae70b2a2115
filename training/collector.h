// Collector: steps the environments with the current policy, feeds the replay buffer and keeps finished
// episodes for the shards on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/thread_pool.h"
#include "policies/agent.h"
#include "policies/planner.h"
#include "sim/task.h"
#include "sim/vector_env.h"
#include "training/config.h"
#include "training/replay_buffer.h"

namespace reverie {

// What a replay row holds beside the observation: qpos and qvel as features, the probe's targets. Rows are [O
// + F].
EnvSpec replay_spec(const EnvSpec& spec);

class Collector {
 public:
  // `pool` and `replay` are shared, not owned.
  Collector(const std::shared_ptr<const Task>& task, const TrainConfig& config, ThreadPool& pool,
            ReplayBuffer& replay);

  void start();  // first episode of every environment

  // Go on from stored episodes: they refill the replay buffer; `running` has one an environment, in order.
  // Throws UserError when their number is wrong.
  void resume(const std::vector<Episode>& finished, const std::vector<Episode>& running);

  // One decision of every environment: uniformly random actions, the agent's exploration, or plans
  // (TrainConfig::collect_think), always of the same agent. Returns the control steps made.
  int64_t step(Agent& agent, bool random);

  std::vector<Episode> take_finished();  // since the last call, diverged ones included
  std::vector<Episode> running() const;  // the episode in progress of each environment
  int64_t diverged() const;              // episodes left out of replay so far

 private:
  void choose_actions(Agent& agent, bool random);
  void explore(Agent& agent);
  bool is_planned(uint64_t episode) const;
  Planner& planner(Agent& agent);
  int64_t feed(int stream,
               const Episode& episode);  // rows not yet in the replay buffer; returns their number
  void begin(int stream, const Episode& episode);

  TrainConfig config_;
  VectorEnv envs_;
  ReplayBuffer& replay_;
  Think think_;                     // TrainConfig::collect_think
  std::optional<Planner> planner_;  // made when first needed
  std::vector<float> actions_, row_;
  std::vector<NoiseKey> keys_;
  std::vector<int64_t> fed_;  // per environment: rows of the running episode in the replay buffer
  std::vector<Episode> finished_;
  int64_t diverged_ = 0;
};

}  // namespace reverie
