#include "training/simulated_return.h"

#include "sim/vector_env.h"

namespace reverie::training {

std::vector<double> simulated_returns(policies::Agent& agent, const std::shared_ptr<const sim::Task>& task,
                                      int64_t episodes, uint64_t seed, base::ThreadPool& pool) {
  sim::VectorEnv envs(task, static_cast<int>(episodes), seed, 0, pool);
  envs.reset();
  std::vector<double> returns(episodes, 0.0);
  std::vector<bool> running(episodes, true);
  std::vector<float> actions(episodes * task->spec().action_dim);
  int64_t left = episodes;
  while (left > 0) {
    agent.act(envs.observations(), actions);
    envs.step(actions, agent.action_repeat());
    for (int64_t i = 0; i < episodes; ++i) {
      if (!running[i]) continue;
      returns[i] += envs.rewards()[i];
      if (envs.terminated()[i] || envs.truncated()[i] || envs.diverged()[i]) {
        running[i] = false;
        --left;
      }
    }
  }
  return returns;
}

}  // namespace reverie::training
