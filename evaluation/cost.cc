#include "evaluation/cost.h"

#include <chrono>

#include "contract/world_rows.h"

namespace reverie::evaluation {
namespace {

template <typename F>
double seconds_of(const F& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::vector<double> step_seconds(contract::World& world, std::span<const contract::StartPoint> starts,
                                 const contract::EnvSpec& spec, int64_t decisions) {
  const std::vector<float> still(starts.size() * static_cast<size_t>(spec.action_dim), 0.0f);
  world.reset(starts);
  world.step(still);
  std::vector<double> seconds;
  for (int64_t k = 0; k < decisions; ++k) seconds.push_back(seconds_of([&] { world.step(still); }));
  return seconds;
}

std::vector<double> decision_seconds(contract::World& world, const contract::StartPoint& start,
                                     contract::Policy& policy, const contract::EnvSpec& spec, uint64_t seed,
                                     int64_t decisions) {
  world.reset(std::span(&start, 1));
  contract::WorldRows rows(world, spec, {.seed = seed});
  policy.reset(1);
  std::vector<float> action(static_cast<size_t>(spec.action_dim));
  std::vector<double> seconds;
  for (int64_t k = 0; k <= decisions; ++k) {
    const contract::PolicyInput input = rows.input(policy.reads_states());
    const double taken = seconds_of([&] { policy.act(input, action); });
    if (k > 0) seconds.push_back(taken);
    rows.step(action);
  }
  return seconds;
}

}  // namespace reverie::evaluation
