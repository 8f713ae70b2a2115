#include "evaluation/horizon_budget.h"

#include <cmath>
#include <numeric>

#include "evaluation/error_table.h"
#include "report/statistics.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr double kFirstNoise = 0.01;  // tried first
constexpr int kTries = 3;  // until the size of the noise is that of the error, as far as it is linear

double median_after_one_decision(const ErrorTable& errors) {
  std::vector<size_t> all(static_cast<size_t>(errors.starts));
  std::iota(all.begin(), all.end(), size_t{0});
  return medians(errors, all).at(1);
}

}  // namespace

std::vector<double> unit_noise(const contract::EnvSpec& spec, std::span<const contract::Episode> episodes,
                               int control_steps) {
  const double seconds = control_steps * spec.control_dt;
  const auto nv = static_cast<size_t>(spec.nv);
  std::vector<double> noise(2 * nv);
  std::vector<double> values;
  for (size_t i = 0; i < nv; ++i) {
    values.clear();
    for (const contract::Episode& episode : episodes)
      for (int64_t t = 0; t <= episode.length(); ++t)
        values.push_back(episode.physics_state(t)[static_cast<size_t>(spec.qvel_offset()) + i]);
    noise[nv + i] = report::standard_deviation(values);
    noise[i] = noise[nv + i] * seconds;
  }
  return noise;
}

HorizonBudget horizon_budget(const std::shared_ptr<const sim::Task>& task, base::ThreadPool& pool,
                             const PairedRollouts& rollouts, std::span<const contract::Episode> episodes,
                             int64_t every, uint64_t seed, const base::Stop* stop) {
  HorizonBudget budget;
  const double wanted =
      rollouts.truth.decisions < 1
          ? 0.0
          : median_after_one_decision(observation_errors(rollouts, rollouts.world, rollouts.spread));
  if (!(wanted > 0.0) || !std::isfinite(wanted)) {
    budget.missing = "the median error after one decision is 0 or not finite.";
    return budget;
  }
  PairedRollouts& noisy = budget.rollouts;
  noisy.control_steps = rollouts.control_steps;
  noisy.spread = rollouts.spread;
  for (size_t n = 0; n < rollouts.starts.size(); n += static_cast<size_t>(every))
    noisy.starts.push_back(rollouts.starts[n]);
  const auto play_with = [&](double size, int64_t decisions) {
    std::vector<double> noise = unit_noise(task->spec(), episodes, rollouts.control_steps);
    for (double& deviation : noise) deviation *= size;
    const auto world = sim::make_simulated_world(
        task, pool,
        {.action_repeat = rollouts.control_steps, .perturbation_seed = seed, .step_noise = std::move(noise)});
    noisy.truth = recorded(noisy.starts, decisions, rollouts.control_steps);
    noisy.world = play_actions(*world, noisy.starts, decisions, stop);
  };
  budget.noise = kFirstNoise;
  for (int i = 0; i < kTries; ++i) {
    play_with(budget.noise, 1);
    const double error = median_after_one_decision(observation_errors(noisy, noisy.world, noisy.spread));
    if (!(error > 0.0) || !std::isfinite(error)) {
      budget.missing = "noise in the simulator has no finite effect on what is observed.";
      return budget;
    }
    budget.noise *= wanted / error;
  }
  play_with(budget.noise, rollouts.truth.decisions);
  return budget;
}

}  // namespace reverie::evaluation
