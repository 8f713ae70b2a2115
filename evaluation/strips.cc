#include "evaluation/strips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evaluation/context.h"
#include "evaluation/observation_error.h"
#include "evaluation/returns.h"

namespace reverie::evaluation {
namespace {

std::span<const float> row_of(const std::vector<float>& rows, size_t k, int width) {
  return std::span(rows).subspan(k * static_cast<size_t>(width), static_cast<size_t>(width));
}

Strip strip_of(const Context& context, const std::string& name, size_t n) {
  const Visits& imagined = context.imagined;
  const contract::Episode& episode = context.on_policy.episodes[n];
  Strip strip{.name = name,
              .point = fmt::format("returns-{}", n),
              .simulated = episode.return_sum(),
              .imagined = imagined.returns[n],
              .episode = episode,
              .control_steps = context.subject.action_repeat,
              .positions = {},
              .velocities = {},
              .error = {}};
  const std::vector<double> spread = observation_spread(context.on_policy.episodes);
  for (size_t i = 0; i < imagined.rollouts.size(); ++i) {
    if (static_cast<size_t>(imagined.rollouts[i]) != n) continue;
    const int64_t row = (std::ssize(strip.error) + 1) * strip.control_steps;
    if (row > episode.length()) break;
    const auto append = [&](std::vector<float>& to, const std::vector<float>& from, int width) {
      const auto values = row_of(from, i, width);
      to.insert(to.end(), values.begin(), values.end());
    };
    append(strip.positions, imagined.positions, imagined.nq);
    append(strip.velocities, imagined.velocities, imagined.nv);
    strip.error.push_back(observation_error(row_of(imagined.observations, i, imagined.observation_dim),
                                            episode.observation(row), spread));
  }
  return strip;
}

}  // namespace

std::vector<Strip> choose_strips(const Context& context) {
  const size_t count = context.imagined.returns.size();
  if (count == 0 || context.imagined.nq == 0 || context.imagined.positions.empty()) return {};
  const std::vector<double> simulated = episode_returns(context.on_policy.episodes);
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t n) { return simulated[n]; });
  const size_t promised = *std::ranges::max_element(order, {}, [&](size_t n) {
    const double more = context.imagined.returns[n] - simulated[n];
    return std::isfinite(more) ? more : -INFINITY;
  });
  std::vector<Strip> strips;
  for (const auto& [name, n] : {std::pair("best", order.back()), std::pair("median", order[count / 2]),
                                std::pair("worst", order.front()), std::pair("over_promised", promised)})
    if (Strip strip = strip_of(context, name, n); !strip.error.empty()) strips.push_back(std::move(strip));
  return strips;
}

}  // namespace reverie::evaluation
