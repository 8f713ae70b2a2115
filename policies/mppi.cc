#include "policies/mppi.h"

#include <algorithm>
#include <cmath>

#include "tensor/normals.h"

namespace reverie::policies {

Mppi::Mppi(int64_t horizon, int64_t action_dim, const PlannerConfig& config)
    : horizon_(horizon), action_dim_(action_dim), config_(config) {}

void Mppi::refine(Plan& plan, const Candidates& prior, const PlanBudget& budget, contract::Rng& rng,
                  const ScoreFunction& score) {
  const int64_t drawn = budget.samples - prior.count();
  const auto elites = static_cast<int64_t>(config_.elite_share * static_cast<double>(budget.samples));
  samples_.scores.resize(static_cast<size_t>(drawn));
  samples_.actions.resize(static_cast<size_t>(horizon_ * drawn * action_dim_));
  for (int64_t i = 0; i < budget.iterations; ++i) {
    draw(plan, rng);
    score(samples_.actions, samples_.scores);
    choose_elites(prior, std::clamp<int64_t>(elites, 1, budget.samples));
    fit(plan, prior);
  }
}

void Mppi::draw(const Plan& plan, contract::Rng& rng) {
  tensor::fill_normals(rng, samples_.actions);
  float* out = samples_.actions.data();
  for (int64_t k = 0; k < horizon_; ++k) {
    for (int64_t s = 0; s < samples_.count(); ++s) {
      for (int64_t i = k * action_dim_; i < (k + 1) * action_dim_; ++i, ++out)
        *out = std::clamp(*out * plan.std[i] + plan.mean[i], -1.0F, 1.0F);
    }
  }
}

void Mppi::choose_elites(const Candidates& prior, int64_t count) {
  elites_.clear();
  for (int64_t i = 0; i < prior.count(); ++i) elites_.push_back({prior.scores[i], 0.0F, i});
  for (int64_t i = 0; i < samples_.count(); ++i)
    elites_.push_back({samples_.scores[i], 0.0F, prior.count() + i});
  const auto better = [](const Elite& a, const Elite& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  };
  std::partial_sort(elites_.begin(), elites_.begin() + count, elites_.end(), better);
  elites_.resize(static_cast<size_t>(count));

  double mean = 0.0, square = 0.0, total = 0.0;
  for (const Elite& e : elites_) mean += e.score / static_cast<double>(count);
  for (const Elite& e : elites_) square += (e.score - mean) * (e.score - mean) / static_cast<double>(count);
  const double unit = config_.temperature * std::sqrt(square) + 1e-9;
  for (Elite& e : elites_) {
    e.weight = static_cast<float>(std::exp((e.score - elites_.front().score) / unit));
    total += e.weight;
  }
  for (Elite& e : elites_) e.weight /= static_cast<float>(total);
}

void Mppi::fit(Plan& plan, const Candidates& prior) const {
  const auto action = [&](const Elite& e, int64_t k, int64_t a) {
    const bool own = e.index >= prior.count();
    const Candidates& from = own ? samples_ : prior;
    const int64_t row = own ? e.index - prior.count() : e.index;
    return from.actions[(k * from.count() + row) * action_dim_ + a];
  };
  for (int64_t k = 0; k < horizon_; ++k) {
    for (int64_t a = 0; a < action_dim_; ++a) {
      double mean = 0.0, square = 0.0;
      for (const Elite& e : elites_) mean += e.weight * action(e, k, a);
      for (const Elite& e : elites_) square += e.weight * std::pow(action(e, k, a) - mean, 2);
      plan.mean[k * action_dim_ + a] = static_cast<float>(mean);
      plan.std[k * action_dim_ + a] =
          static_cast<float>(std::clamp(std::sqrt(square), config_.min_std, config_.max_std));
    }
  }
}

}  // namespace reverie::policies
