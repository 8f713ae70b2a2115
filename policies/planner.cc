#include "policies/planner.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/flush_denormals.h"
#include "policies/agent_impl.h"
#include "tensor/normals.h"

namespace reverie::policies {
namespace {

PlannerConfig checked(const PlannerConfig& config) {
  check_config(config);
  return config;
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
      discount_(discount),
      scorer_(make_sequence_scorer(*agent_, config_, discount)),
      mppi_(config_.horizon, agent_->spec().action_dim, config_) {
  const int64_t count = prior_count(config_, budget_);
  prior_.scores.resize(static_cast<size_t>(count));
  prior_.actions.resize(static_cast<size_t>(config_.horizon * count * agent_->spec().action_dim));
  noise_.resize(prior_.actions.size());
}

void Planner::reset(int64_t row) {
  if (row >= std::ssize(plans_)) return;
  plans_[static_cast<size_t>(row)] = {};
  trust_[static_cast<size_t>(row)] = {config_.patience, discount_};
}
void Planner::reset() {
  plans_.clear();
  trust_.clear();
}

void Planner::act(std::span<const float> observations, std::span<const contract::DrawKey> keys,
                  std::span<float> actions, std::span<const float> states) {
  decide({.observations = observations, .keys = keys, .states = states}, false, actions);
}

void Planner::act_latent(std::span<const float> latents, std::span<const contract::DrawKey> keys,
                         std::span<float> actions) {
  decide({.latents = latents, .keys = keys}, false, actions);
}

void Planner::explore(std::span<const float> observations, std::span<const contract::DrawKey> keys,
                      std::span<float> actions, std::span<const float> states) {
  decide({.observations = observations, .keys = keys, .states = states}, true, actions);
}

void Planner::decide(const contract::PolicyInput& input, bool exploring, std::span<float> actions) {
  const base::FlushDenormals flush;
  const auto start = std::chrono::steady_clock::now();
  const std::span<const contract::DrawKey> keys = input.keys;
  const size_t action_dim = actions.size() / keys.size();
  plans_.resize(std::max(plans_.size(), keys.size()));
  trust_.resize(plans_.size(), {config_.patience, discount_});
  for (size_t n = 0; n < keys.size(); ++n) {
    const contract::PolicyInput row = input.row(n);
    if (row.latents.empty()) {
      scorer_->start_at_observation(row.observations, row.states);
    } else {
      scorer_->start_at_latent(row.latents);
    }
    contract::Rng rng(keys[n].seed, keys[n].episode, contract::Stream::kPlanner, keys[n].decision);
    imagine_actor(rng);
    Plan cold;
    Plan& plan = exploring ? cold : plans_[n];
    begin(plan);
    const Decision decision = exploring ? search(plan, 0.0F, rng) : search_with_trust(plan, trust_[n], rng);
    stats_->planned += decision.planned ? 1 : 0;
    write_action(plan, exploring ? &keys[n] : nullptr, actions.subspan(n * action_dim, action_dim));
  }
  stats_->decisions += std::ssize(keys);
  stats_->seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Planner::imagine_actor(contract::Rng& rng) {
  const int64_t count = prior_.count(), action_dim = agent_->spec().action_dim;
  tensor::fill_normals(rng, noise_);
  for (int64_t k = 0; k < config_.horizon; ++k)
    std::fill_n(noise_.begin() + k * count * action_dim, action_dim, 0.0F);
  scorer_->roll_out(noise_, prior_.actions, prior_.scores);
}

std::span<const float> Planner::actor_action(int64_t k) const {
  const auto action_dim = static_cast<size_t>(agent_->spec().action_dim);
  return std::span(prior_.actions).subspan(k * prior_.count() * action_dim, action_dim);
}

void Planner::begin(Plan& plan) const {
  const int64_t action_dim = agent_->spec().action_dim, size = config_.horizon * action_dim;
  if (plan.mean.empty()) {
    plan.mean.resize(size);
    keep_actor(plan);
  } else {
    std::shift_left(plan.mean.begin(), plan.mean.end(), action_dim);
    std::ranges::copy(actor_action(config_.horizon - 1), plan.mean.end() - action_dim);
  }
  plan.std.assign(size, static_cast<float>(config_.max_std));
}

float Planner::score_of(const Plan& plan) {
  float score = 0.0F;
  scorer_->score(plan.mean, std::span(&score, 1));
  return score;
}

void Planner::refine(Plan& plan, const PlanBudget& budget, contract::Rng& rng) {
  mppi_.refine(plan, prior_, budget, rng, [this](std::span<const float> actions, std::span<float> scores) {
    scorer_->score(actions, scores);
  });
}

float Planner::least_gain() const {
  return static_cast<float>(config_.gain_threshold * (1.0 - discount_)) * std::abs(prior_.scores[0]);
}

Planner::Decision Planner::act_as_actor(Plan& plan, bool planned) const {
  keep_actor(plan);
  return {.planned = planned, .score = prior_.scores[0]};
}

Planner::Decision Planner::improve(Plan& plan, float worth, contract::Rng& rng) {
  refine(plan, budget_, rng);
  const float score = score_of(plan);
  if (score - prior_.scores[0] < worth) return act_as_actor(plan, true);
  return {.planned = true, .score = score};
}

Planner::Decision Planner::improve_while_it_pays(Plan& plan, contract::Rng& rng) {
  const float actor = prior_.scores[0], worth = least_gain();
  float score = score_of(plan);
  bool pays = std::max(score, *std::ranges::max_element(prior_.scores)) - actor > worth;
  if (!pays) return act_as_actor(plan, false);
  for (const Think think : {Think::kLight, Think::kMedium, Think::kDeep}) {
    if (!pays) break;
    refine(plan, budget_of(think), rng);
    const float better = score_of(plan);
    pays = better - std::max(score, actor) > worth;
    score = better;
  }
  if (score < actor) return act_as_actor(plan, true);
  return {.planned = true, .score = score};
}

Planner::Decision Planner::search(Plan& plan, float worth, contract::Rng& rng) {
  return think_ == Think::kAdaptive ? improve_while_it_pays(plan, rng) : improve(plan, worth, rng);
}

Planner::Decision Planner::search_with_trust(Plan& plan, PlanTrust& trust, contract::Rng& rng) {
  const float actor = prior_.scores[0];
  if (!trust.allow(actor)) return act_as_actor(plan, false);
  const Decision decision = search(plan, least_gain(), rng);
  if (decision.score > actor)
    trust.played(actor, decision.score, scorer_->reward(std::span(plan.mean).first(action_dim())));
  return decision;
}

void Planner::keep_actor(Plan& plan) const {
  for (int64_t k = 0; k < config_.horizon; ++k)
    std::ranges::copy(actor_action(k), plan.mean.begin() + k * std::ssize(actor_action(k)));
}

void Planner::write_action(const Plan& plan, const contract::DrawKey* exploring, std::span<float> out) const {
  const contract::EnvSpec& spec = agent_->spec();
  std::vector<float> noise(out.size(), 0.0F);
  if (exploring != nullptr) exploration_noise(*exploring, agent_->impl().noise_octaves, noise);
  for (size_t i = 0; i < out.size(); ++i) {
    const float a = std::clamp(plan.mean[i] + plan.std[i] * noise[i], -1.0F, 1.0F);
    out[i] = spec.action_low[i] + (a + 1.0F) * 0.5F * (spec.action_high[i] - spec.action_low[i]);
  }
}

}  // namespace reverie::policies
