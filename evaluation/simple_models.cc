#include "evaluation/simple_models.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace reverie::evaluation {
namespace {

std::span<float> observation_of(Rollouts& rollouts, int64_t k, int64_t n) {
  return {rollouts.observations.data() + (k * rollouts.count + n) * rollouts.observation_dim,
          static_cast<size_t>(rollouts.observation_dim)};
}

// As many observations as `truth` has, none of them filled.
Rollouts like(const Rollouts& truth) {
  Rollouts rollouts;
  rollouts.observation_dim = truth.observation_dim;
  rollouts.count = truth.count;
  rollouts.decisions = truth.decisions;
  rollouts.lengths = truth.lengths;
  rollouts.observations.resize(static_cast<size_t>((truth.decisions + 1) * truth.count) *
                               static_cast<size_t>(truth.observation_dim));
  return rollouts;
}

int64_t decisions_of(const contract::Episode& episode, int control_steps) {
  return episode.length() / control_steps;
}

// Adds x y' to the matrix `sum` [X, Y].
void add_product(std::span<double> sum, std::span<const double> x, std::span<const double> y) {
  for (size_t i = 0; i < x.size(); ++i)
    for (size_t j = 0; j < y.size(); ++j) sum[i * y.size() + j] += x[i] * y[j];
}

}  // namespace

Rollouts constant_velocity(const PairedRollouts& rollouts) {
  Rollouts result = like(rollouts.truth);
  for (int64_t n = 0; n < result.count; ++n) {
    const auto& [episode, step] = rollouts.starts[static_cast<size_t>(n)];
    const int64_t before = step >= rollouts.control_steps ? step - rollouts.control_steps : step;
    const auto now = episode->observation(step), earlier = episode->observation(before);
    for (int64_t k = 0; k <= result.decisions; ++k) {
      const std::span<float> row = observation_of(result, k, n);
      for (size_t d = 0; d < row.size(); ++d) row[d] = now[d] + static_cast<float>(k) * (now[d] - earlier[d]);
    }
  }
  return result;
}

LinearModel::LinearModel(std::span<const contract::Episode* const> episodes, std::span<const double> spread,
                         int control_steps) {
  for (size_t d = 0; d < spread.size(); ++d) {
    if (!(spread[d] >= kSmallestSpread)) continue;
    varying_.push_back(static_cast<int>(d));
    spread_.push_back(spread[d]);
  }
  const size_t outputs = varying_.size();
  const size_t width = outputs + (episodes.empty() ? 0 : static_cast<size_t>(episodes.front()->action_dim));
  std::vector<double> x(width), y(outputs), xx(width * width), xy(width * outputs);
  mean_x_.assign(width, 0.0);
  mean_y_.assign(outputs, 0.0);
  int64_t count = 0;
  for (const contract::Episode* episode : episodes) {
    for (int64_t k = 0; k < decisions_of(*episode, control_steps); ++k, ++count) {
      const auto now = episode->observation(k * control_steps),
                 next = episode->observation((k + 1) * control_steps);
      inputs(now, episode->action(k * control_steps), x);
      for (size_t d = 0; d < outputs; ++d) {
        const auto column = static_cast<size_t>(varying_[d]);
        y[d] = (static_cast<double>(next[column]) - static_cast<double>(now[column])) / spread_[d];
      }
      add_product(xx, x, x);
      add_product(xy, x, y);
      for (size_t i = 0; i < width; ++i) mean_x_[i] += x[i];
      for (size_t d = 0; d < outputs; ++d) mean_y_[d] += y[d];
    }
  }
  if (count == 0) base::throw_user_error("a linear model has no decision to be fitted to");
  const auto n = static_cast<double>(count);
  for (double& mean : mean_x_) mean /= n;
  for (double& mean : mean_y_) mean /= n;
  for (size_t i = 0; i < width; ++i) {
    for (size_t j = 0; j < width; ++j) xx[i * width + j] -= n * mean_x_[i] * mean_x_[j];
    for (size_t d = 0; d < outputs; ++d) xy[i * outputs + d] -= n * mean_x_[i] * mean_y_[d];
    xx[i * width + i] += n * kRidge;
  }
  mju_cholFactor(xx.data(), static_cast<int>(width), 0.0);
  weights_.resize(outputs * width);
  for (size_t d = 0; d < outputs; ++d) {
    for (size_t i = 0; i < width; ++i) x[i] = xy[i * outputs + d];
    mju_cholSolve(weights_.data() + d * width, xx.data(), x.data(), static_cast<int>(width));
  }
}

void LinearModel::inputs(std::span<const float> observation, std::span<const float> action,
                         std::span<double> x) const {
  for (size_t d = 0; d < varying_.size(); ++d)
    x[d] = static_cast<double>(observation[static_cast<size_t>(varying_[d])]) / spread_[d];
  std::ranges::copy(action, x.begin() + std::ssize(varying_));
}

void LinearModel::step(std::span<const float> observation, std::span<const float> action,
                       std::span<float> next) const {
  std::vector<double> x(mean_x_.size());
  inputs(observation, action, x);
  for (size_t i = 0; i < x.size(); ++i) x[i] -= mean_x_[i];
  std::ranges::copy(observation, next.begin());
  for (size_t d = 0; d < varying_.size(); ++d) {
    const double change =
        mean_y_[d] + mju_dot(weights_.data() + d * x.size(), x.data(), static_cast<int>(x.size()));
    next[static_cast<size_t>(varying_[d])] += static_cast<float>(change * spread_[d]);
  }
}

Rollouts linear_rollouts(const PairedRollouts& rollouts, std::span<const contract::Episode> episodes,
                         const base::Stop* stop) {
  if (episodes.size() < 2)
    base::throw_user_error("a linear model needs an episode that is not evaluated: there is {}",
                           episodes.size());
  std::array<std::vector<const contract::Episode*>, 2> halves;
  for (size_t i = 0; i < episodes.size(); ++i) halves[i % 2].push_back(&episodes[i]);
  const std::array<LinearModel, 2> of_half{LinearModel(halves[0], rollouts.spread, rollouts.control_steps),
                                           LinearModel(halves[1], rollouts.spread, rollouts.control_steps)};
  Rollouts result = like(rollouts.truth);
  for (int64_t n = 0; n < result.count; ++n) {
    base::check_stop(stop);
    const auto& [episode, step] = rollouts.starts[static_cast<size_t>(n)];
    const auto half = static_cast<size_t>(episode - episodes.data()) % 2;
    std::ranges::copy(episode->observation(step), observation_of(result, 0, n).begin());
    for (int64_t k = 0; k < result.decisions; ++k) {
      const int64_t row = std::min(step + k * rollouts.control_steps, episode->length() - 1);
      of_half[1 - half].step(observation_of(result, k, n), episode->action(row),
                             observation_of(result, k + 1, n));
    }
  }
  return result;
}

}  // namespace reverie::evaluation
