// Simple models that a dream should beat: constant velocity and a linear one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/fidelity.h"

namespace reverie::evaluation {

// Observations go on changing as they did in the decision before the start; where nothing was recorded before it,
// they stay. Only the observations [K+1, N, O] of the result are filled.
Rollouts constant_velocity(const PairedRollouts& rollouts);

// How much smaller weights are preferred, against one for each decision that is fitted to.
inline constexpr double kRidge = 1e-6;

// The change of the observation over a decision as a linear function of observation and action, by ridge regression
// on everything over its standard deviation. Dimensions that do not vary stay.
class LinearModel {
 public:
  // `spread` [O] is of observations. Fits to every whole decision of the episodes. Throws UserError without one.
  LinearModel(std::span<const contract::Episode* const> episodes, std::span<const double> spread,
              int control_steps);

  // `next` [O] after `action` [A] in `observation` [O].
  void step(std::span<const float> observation, std::span<const float> action, std::span<float> next) const;

 private:
  void inputs(std::span<const float> observation, std::span<const float> action, std::span<double> x) const;

  std::vector<int> varying_;             // [D] dimensions
  std::vector<double> spread_;           // [D] their standard deviations
  std::vector<double> mean_x_, mean_y_;  // [D + A], [D]
  std::vector<double> weights_;          // [D, D + A]
};

// Linear models rolled out open loop under the recorded actions. `episodes` are those that starts point into. Starts in
// episodes with an even index are answered by the model of those with an odd one, and the other way round, so that no
// model has seen what it is asked for. Only the observations are filled. Throws UserError where there is one episode.
Rollouts linear_rollouts(const PairedRollouts& rollouts, std::span<const contract::Episode> episodes,
                         const base::Stop* stop = nullptr);

}  // namespace reverie::evaluation
