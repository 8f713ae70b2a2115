#include "policies/planner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"

namespace reverie {
namespace {

PlannerConfig checked(const PlannerConfig& c) {
  if (c.horizon < 1) throw_user_error("planner.horizon: found {}, expected at least 1", c.horizon);
  const auto share = [](const char* name, double value) {
    if (!(value > 0.0 && value <= 1.0))
      throw_user_error("planner.{}: found {}, expected more than 0 and at most 1", name, value);
  };
  share("prior_share", c.prior_share);
  share("elite_share", c.elite_share);
  if (!(c.temperature > 0.0))
    throw_user_error("planner.temperature: found {}, expected more than 0", c.temperature);
  if (!(c.min_std >= 0.0 && c.min_std <= c.max_std))
    throw_user_error("planner.min_std: found {}, expected from 0 to planner.max_std ({})", c.min_std,
                     c.max_std);
  return c;
}

int64_t prior_count(const PlannerConfig& config, const PlanBudget& budget) {
  const auto wanted = std::lround(config.prior_share * static_cast<double>(budget.samples));
  return std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, budget.samples - 1));
}

}  // namespace

double PlanningStats::milliseconds() const {
  return decisions == 0 ? 0.0 : 1e3 * seconds / static_cast<double>(decisions);
}
double PlanningStats::planned_share() const {
  return decisions == 0 ? 0.0 : static_cast<double>(planned) / static_cast<double>(decisions);
}

Planner::Planner(std::shared_ptr<Agent> agent, Think think, const PlannerConfig& config, double discount)
    : agent_(std::move(agent)),
      think_(think),
      config_(checked(config)),
      budget_(budget_of(think)),
      scorer_(*agent_, config_.horizon, discount),
      mppi_(config_.horizon, agent_->spec().action_dim, config_) {
  const int64_t count = prior_count(config_, budget_);
  prior_.scores.resize(static_cast<size_t>(count));
  prior_.actions.resize(static_cast<size_t>(config_.horizon * count * agent_->spec().action_dim));
  noise_.resize(prior_.actions.size());
}

void Planner::reset(int64_t row) {
  if (row < std::ssize(plans_)) plans_[static_cast<size_t>(row)] = {};
}
void Planner::reset() { plans_.clear(); }

void Planner::act(std::span<const float> observations, std::span<const NoiseKey> keys,
                  std::span<float> actions) {
  decide(Input::kObservation, observations, keys, false, actions);
}

void Planner::act_latent(std::span<const float> latents, std::span<const NoiseKey> keys,
                         std::span<float> actions) {
  decide(Input::kLatent, latents, keys, false, actions);
}

void Planner::explore(std::span<const float> observations, std::span<const NoiseKey> keys,
                      std::span<float> actions) {
  decide(Input::kObservation, observations, keys, true, actions);
}

void Planner::decide(Input input, std::span<const float> rows, std::span<const NoiseKey> keys, bool exploring,
                     std::span<float> actions) {
  const auto start = std::chrono::steady_clock::now();
  const size_t width = rows.size() / keys.size(), action_dim = actions.size() / keys.size();
  plans_.resize(std::max(plans_.size(), keys.size()));
  for (size_t n = 0; n < keys.size(); ++n) {
    const std::span<const float> row = rows.subspan(n * width, width);
    if (input == Input::kObservation) {
      scorer_.start_at_observation(row);
    } else {
      scorer_.start_at_latent(row);
    }
    Rng rng(keys[n].seed, keys[n].episode, Stream::kPlanner, keys[n].decision);
    imagine_actor(rng);
    Plan cold;
    Plan& plan = exploring ? cold : plans_[n];
    begin(plan);
    improve(plan, rng);
    write_action(plan, exploring ? &keys[n] : nullptr, actions.subspan(n * action_dim, action_dim));
  }
  stats_->decisions += std::ssize(keys);
  stats_->planned += std::ssize(keys);
  stats_->seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Planner::imagine_actor(Rng& rng) {
  const int64_t count = prior_.count(), action_dim = agent_->spec().action_dim;
  for (int64_t i = 0; i < std::ssize(noise_); ++i) {
    const bool mean = i / action_dim % count == 0;
    noise_[static_cast<size_t>(i)] = mean ? 0.0F : static_cast<float>(rng.normal());
  }
  scorer_.roll_out(noise_, prior_.actions, prior_.scores);
}

std::span<const float> Planner::actor_action(int64_t k) const {
  const auto action_dim = static_cast<size_t>(agent_->spec().action_dim);
  return std::span(prior_.actions).subspan(k * prior_.count() * action_dim, action_dim);
}

void Planner::begin(Plan& plan) const {
  const int64_t action_dim = agent_->spec().action_dim, size = config_.horizon * action_dim;
  if (plan.mean.empty()) {
    plan.mean.resize(size);
    for (int64_t k = 0; k < config_.horizon; ++k)
      std::ranges::copy(actor_action(k), plan.mean.begin() + k * action_dim);
  } else {
    std::shift_left(plan.mean.begin(), plan.mean.end(), action_dim);
    std::ranges::copy(actor_action(config_.horizon - 1), plan.mean.end() - action_dim);
  }
  plan.std.assign(size, static_cast<float>(config_.max_std));
}

void Planner::improve(Plan& plan, Rng& rng) {
  const auto score = [this](std::span<const float> actions, std::span<float> scores) {
    scorer_.score(actions, scores);
  };
  mppi_.refine(plan, prior_, budget_, rng, score);
  float planned = 0.0F;
  scorer_.score(plan.mean, std::span(&planned, 1));
  if (planned >= prior_.scores[0]) return;
  const std::vector<float> std = plan.std;
  plan.mean.clear();
  begin(plan);
  plan.std = std;
}

void Planner::write_action(const Plan& plan, const NoiseKey* exploring, std::span<float> out) const {
  const EnvSpec& spec = agent_->spec();
  std::optional<Rng> rng;
  if (exploring != nullptr)
    rng.emplace(exploring->seed, exploring->episode, Stream::kPolicy, exploring->decision);
  for (size_t i = 0; i < out.size(); ++i) {
    float a = plan.mean[i];
    if (rng) a = std::clamp(a + plan.std[i] * static_cast<float>(rng->normal()), -1.0F, 1.0F);
    out[i] = spec.action_low[i] + (a + 1.0F) * 0.5F * (spec.action_high[i] - spec.action_low[i]);
  }
}

}  // namespace reverie
