#include "evaluation/value_error.h"

#include <cmath>
#include <map>

namespace reverie::evaluation {

std::vector<double> returns_to_go(const contract::Episode& episode, int control_steps, double discount) {
  const int64_t decisions = (episode.length() + control_steps - 1) / control_steps;
  std::vector<double> returns(static_cast<size_t>(decisions));
  double after = 0.0;
  for (int64_t k = decisions - 1; k >= 0; --k) {
    double sum = 0.0;
    const int64_t end = std::min((k + 1) * control_steps, episode.length());
    for (int64_t t = k * control_steps; t < end; ++t)
      sum += static_cast<double>(episode.rewards[static_cast<size_t>(t)]);
    after = sum + discount * after;
    returns[static_cast<size_t>(k)] = after;
  }
  return returns;
}

ValuePairs value_pairs(const PairedRollouts& rollouts, int64_t decisions, double discount, double unseen) {
  ValuePairs pairs;
  pairs.horizon = decisions * rollouts.control_steps;
  std::map<const contract::Episode*, std::vector<double>> known;
  for (int64_t n = 0; n < rollouts.world.count; ++n) {
    const contract::StartPoint& start = rollouts.starts[static_cast<size_t>(n)];
    if (known.find(start.episode) == known.end())
      known[start.episode] = returns_to_go(*start.episode, rollouts.control_steps, discount);
    const std::vector<double>& realised = known[start.episode];
    const int64_t k = start.step / rollouts.control_steps + decisions;
    const int64_t left = static_cast<int64_t>(realised.size()) - k;
    if (left < 1) continue;
    if (!start.episode->terminated && std::pow(discount, static_cast<double>(left)) > unseen) continue;
    pairs.promised.push_back(static_cast<double>(
        rollouts.world.values[static_cast<size_t>(decisions * rollouts.world.count + n)]));
    pairs.realised.push_back(realised[static_cast<size_t>(k)]);
    pairs.from.push_back(start.episode);
  }
  return pairs;
}

}  // namespace reverie::evaluation
