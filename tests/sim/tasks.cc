#include "tests/sim/tasks.h"

#include <algorithm>

#include "contract/rng.h"

namespace reverie::sim {
std::vector<float> random_action(const contract::EnvSpec& spec, uint64_t index, int64_t step) {
  contract::Rng rng(17, index, contract::Stream::kPolicy, static_cast<uint64_t>(step));
  std::vector<float> action(spec.action_dim);
  for (int k = 0; k < spec.action_dim; ++k) {
    action[k] = static_cast<float>(rng.uniform(spec.action_low[k], spec.action_high[k]));
  }
  return action;
}

std::vector<float> random_actions(const VectorEnv& envs) {
  std::vector<float> actions;
  for (int i = 0; i < envs.size(); ++i) {
    const std::vector<float> action = random_action(envs.spec(), envs.episode_indices()[i], envs.steps()[i]);
    actions.insert(actions.end(), action.begin(), action.end());
  }
  return actions;
}

std::vector<contract::Episode> record_episodes(const std::shared_ptr<const Task>& task, int count,
                                               int64_t steps, uint64_t seed) {
  base::ThreadPool pool(1);
  VectorEnv envs(task, count, seed, 0, pool);
  envs.set_recording(true);
  envs.reset();
  for (int64_t t = 0; t < steps; ++t) envs.step(random_actions(envs));
  std::vector<contract::Episode> episodes = envs.take_finished();
  for (int i = 0; i < count; ++i) {
    if (envs.running(i).index == static_cast<uint64_t>(i)) episodes.push_back(envs.running(i));
  }
  std::erase_if(episodes,
                [&](const contract::Episode& e) { return e.index >= static_cast<uint64_t>(count); });
  std::ranges::sort(episodes, {}, &contract::Episode::index);
  return episodes;
}

std::shared_ptr<const Task> terminating_task() { return Task::load(REVERIE_TEST_DATA "/cart.toml"); }

std::shared_ptr<const Task> diverging_task() { return Task::load(REVERIE_TEST_DATA "/violent-cart.toml"); }

}  // namespace reverie::sim
