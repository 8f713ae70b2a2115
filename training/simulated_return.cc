#include "training/simulated_return.h"

#include "contract/driver.h"
#include "sim/vector_env.h"
#include "sim/vector_env_rows.h"

namespace reverie::training {

std::vector<double> simulated_returns(contract::Policy& policy, const std::shared_ptr<const sim::Task>& task,
                                      int action_repeat, int64_t episodes, uint64_t seed,
                                      base::ThreadPool& pool, const base::Stop* stop) {
  sim::VectorEnv envs(task, static_cast<int>(episodes), seed, 0, pool);
  envs.reset();
  sim::VectorEnvRows rows(envs, action_repeat, seed, sim::DrawBy::kRow);
  contract::Driver driver(rows, policy);
  std::vector<double> returns(episodes, 0.0);
  std::vector<bool> running(episodes, true);
  int64_t left = episodes;
  while (left > 0) {
    base::check_stop(stop);
    driver.step();
    for (int64_t i = 0; i < episodes; ++i) {
      if (!running[i]) continue;
      returns[i] += envs.rewards()[i];
      if (rows.ended()[i] != 0) {
        running[i] = false;
        --left;
      }
    }
  }
  return returns;
}

}  // namespace reverie::training
