#include "evaluation/shooting.h"

#include <algorithm>

#include "contract/rng.h"
#include "policies/mppi.h"

namespace reverie::evaluation {
namespace {

constexpr float kFirstDeviation = 1.0f;  // of the candidates of a plan, in half action ranges
constexpr float kNextDeviation = 0.5f;   // when it goes on from the decision before

// The present of physics as an episode that a world can start from: row `step` alone holds something.
class Present {
 public:
  Present(const contract::StartPoint& start, const contract::EnvSpec& spec, int64_t last_step) {
    const contract::Episode& from = *start.episode;
    episode_ = contract::make_episode(spec, from.seed, from.index);
    episode_.randomisation = from.randomisation;
    const auto rows = static_cast<size_t>(last_step + 1);
    episode_.observations.resize(rows * static_cast<size_t>(episode_.observation_dim));
    episode_.physics.resize(rows * static_cast<size_t>(episode_.physics_dim));
    episode_.task_state.resize(rows * static_cast<size_t>(episode_.task_dim));
    episode_.rewards.resize(rows - 1);
    episode_.actions.resize((rows - 1) * static_cast<size_t>(episode_.action_dim));
  }

  contract::StartPoint at(const contract::World& physics, size_t n, int64_t step) {
    copy(physics.observations(), n, episode_.observation_dim, step, episode_.observations);
    copy(physics.physics_states(), n, episode_.physics_dim, step, episode_.physics);
    copy(physics.task_states(), n, episode_.task_dim, step, episode_.task_state);
    return {&episode_, step};
  }

 private:
  template <typename T>
  static void copy(std::span<const T> all, size_t n, int width, int64_t step, std::vector<T>& rows) {
    if (all.empty()) return;  // a world that has no such rows
    const auto w = static_cast<size_t>(width);
    std::ranges::copy(all.subspan(n * w, w), rows.begin() + step * width);
  }

  contract::Episode episode_;
};

// Plays [H, S, A] in [-1, 1] from where `model` is put and tells what every sequence is worth.
void score_in(contract::World& model, const contract::StartPoint& present, const contract::EnvSpec& spec,
              std::span<const float> actions, std::span<float> scores) {
  const std::vector<contract::StartPoint> repeated(scores.size(), present);
  const auto width = static_cast<size_t>(spec.action_dim);
  model.reset(repeated);
  std::vector<float> step(scores.size() * width), alive(scores.size(), 1.0f);
  std::ranges::fill(scores, 0.0f);
  for (size_t first = 0; first < actions.size(); first += step.size()) {
    for (size_t i = 0; i < step.size(); ++i) {
      const float low = spec.action_low[i % width], high = spec.action_high[i % width];
      step[i] = low + (actions[first + i] + 1.0f) * 0.5f * (high - low);
    }
    model.step(step);
    for (size_t s = 0; s < scores.size(); ++s) {
      scores[s] += alive[s] * model.rewards()[s];
      alive[s] *= model.continuation()[s];
    }
  }
}

// Everything of one decision onwards; the last decision of the horizon begins at zero.
void go_on(policies::Plan& plan, size_t action_dim) {
  std::shift_left(plan.mean.begin(), plan.mean.end(), static_cast<std::ptrdiff_t>(action_dim));
  std::fill(plan.mean.end() - static_cast<std::ptrdiff_t>(action_dim), plan.mean.end(), 0.0f);
  std::ranges::fill(plan.std, kNextDeviation);
}

}  // namespace

std::vector<double> shoot(contract::World& physics, contract::World& model,
                          std::span<const contract::StartPoint> starts, const contract::EnvSpec& spec,
                          const ShootingSettings& settings, const base::Stop* stop,
                          const Progress& progress) {
  const auto width = static_cast<size_t>(spec.action_dim);
  const int repeat = physics.control_steps();
  policies::Mppi mppi(settings.horizon, spec.action_dim, {.horizon = settings.horizon});
  const size_t numbers = static_cast<size_t>(settings.horizon) * width;
  const policies::Plan fresh{std::vector<float>(numbers, 0.0f), std::vector<float>(numbers, kFirstDeviation)};
  std::vector<policies::Plan> plans(starts.size(), fresh);
  std::vector<Present> presents;
  for (const contract::StartPoint& start : starts)
    presents.emplace_back(start, spec, start.step + settings.decisions * repeat);
  std::vector<double> returns(starts.size(), 0.0), alive(starts.size(), 1.0);
  std::vector<float> actions(starts.size() * width);
  physics.reset(starts);
  for (int64_t k = 0; k < settings.decisions; ++k) {
    for (size_t n = 0; n < starts.size(); ++n) {
      base::check_stop(stop);
      progress.at(k * std::ssize(starts) + static_cast<int64_t>(n), settings.decisions * std::ssize(starts));
      const contract::StartPoint present = presents[n].at(physics, n, starts[n].step + k * repeat);
      contract::Rng rng(settings.seed, n, contract::Stream::kPlanner, static_cast<uint64_t>(k));
      mppi.refine(plans[n], {}, {settings.candidates, settings.refinements}, rng,
                  [&](std::span<const float> sequences, std::span<float> scores) {
                    score_in(model, present, spec, sequences, scores);
                  });
      for (size_t a = 0; a < width; ++a)
        actions[n * width + a] = spec.action_low[a] + (plans[n].mean[a] + 1.0f) * 0.5f *
                                                          (spec.action_high[a] - spec.action_low[a]);
      go_on(plans[n], width);
    }
    physics.step(actions);
    for (size_t n = 0; n < starts.size(); ++n) {
      returns[n] += alive[n] * physics.rewards()[n];
      alive[n] *= physics.continuation()[n];
    }
  }
  return returns;
}

const char* verdict_name(PlanningVerdict verdict) {
  switch (verdict) {
    case PlanningVerdict::kModelBottleneck:
      return "model bottleneck";
    case PlanningVerdict::kPlannerBottleneck:
      return "planner bottleneck";
    case PlanningVerdict::kAsGood:
      return "as good";
    case PlanningVerdict::kLearnedIsBetter:
      return "learned is better";
    case PlanningVerdict::kInconclusive:
      break;
  }
  return "inconclusive";
}

PlanningVerdict planning_verdict(const report::Estimate& gap, const report::Estimate& shortfall,
                                 double margin) {
  if (gap.n < 2) return PlanningVerdict::kInconclusive;
  if (gap.low > margin) return PlanningVerdict::kModelBottleneck;
  if (gap.high < -margin) return PlanningVerdict::kLearnedIsBetter;
  if (!(gap.low >= -margin && gap.high <= margin)) return PlanningVerdict::kInconclusive;
  return shortfall.n > 0 && shortfall.low > margin ? PlanningVerdict::kPlannerBottleneck
                                                   : PlanningVerdict::kAsGood;
}

}  // namespace reverie::evaluation
