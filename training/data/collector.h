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
#include "sim/task/task.h"
#include "sim/vector_env.h"
#include "training/config.h"
#include "training/data/replay_buffer.h"

namespace reverie::training {

// What a replay row holds beside the observation: qpos and qvel as features, the probe's targets. Rows are [O
// + F].
contract::EnvSpec replay_spec(const contract::EnvSpec& spec);

class Collector {
 public:
  // `pool` and `replay` are shared, not owned.
  Collector(const std::shared_ptr<const sim::Task>& task, const TrainConfig& config, base::ThreadPool& pool,
            ReplayBuffer& replay);

  void start();  // first episode of every environment

  // Go on from stored episodes: they refill the replay buffer; `running` has one an environment, in order.
  // Throws UserError when their number is wrong.
  void resume(const std::vector<contract::Episode>& finished, const std::vector<contract::Episode>& running);

  // One decision of every environment: uniformly random actions, the agent's exploration, or plans
  // (TrainConfig::collect_think), always of the same agent. Returns the control steps made.
  int64_t step(policies::Agent& agent, bool random);

  std::vector<contract::Episode> take_finished();  // since the last call, diverged ones included
  std::vector<contract::Episode> running() const;  // the episode in progress of each environment
  int64_t diverged() const;                        // episodes left out of replay so far

 private:
  void choose_actions(policies::Agent& agent, bool random);
  void explore(policies::Agent& agent);
  bool is_planned(uint64_t episode) const;
  policies::Planner& planner(policies::Agent& agent);
  int64_t feed(int stream,
               const contract::Episode& episode);  // rows not yet in the replay buffer; returns their number
  void begin(int stream, const contract::Episode& episode);

  TrainConfig config_;
  sim::VectorEnv envs_;
  ReplayBuffer& replay_;
  policies::Think think_;                     // TrainConfig::collect_think
  std::optional<policies::Planner> planner_;  // made when first needed
  std::vector<float> actions_, row_;
  std::vector<contract::DrawKey> keys_;
  std::vector<int64_t> fed_;  // per environment: rows of the running episode in the replay buffer
  std::vector<contract::Episode> finished_;
  int64_t diverged_ = 0;
};

}  // namespace reverie::training
