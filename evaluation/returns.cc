#include "evaluation/returns.h"

#include "sim/rng.h"

namespace reverie {
namespace {

constexpr uint64_t kBootstrapDraw = 2;  // step of Stream::kEvaluation

}  // namespace

std::vector<StartPoint> first_rows(std::span<const Episode> episodes) {
  std::vector<StartPoint> starts;
  for (const Episode& episode : episodes) starts.push_back({&episode, 0});
  return starts;
}

std::vector<double> episode_returns(std::span<const Episode> episodes) {
  std::vector<double> returns;
  for (const Episode& episode : episodes) returns.push_back(episode.return_sum());
  return returns;
}

Estimate return_estimate(std::span<const double> returns, uint64_t seed) {
  Rng rng(seed, 0, Stream::kEvaluation, kBootstrapDraw);
  return bootstrap_mean(returns, [&rng] { return rng.next_u64(); });
}

ReturnComparison compare_returns(std::vector<double> simulated, std::vector<double> imagined, uint64_t seed) {
  ReturnComparison result;
  result.simulated_return = return_estimate(simulated, seed);
  result.imagined_return = return_estimate(imagined, seed);
  Rng rng(seed, 0, Stream::kEvaluation, kBootstrapDraw);
  result.bias = paired_difference(imagined, simulated, [&rng] { return rng.next_u64(); });
  result.correlation = pearson(imagined, simulated);
  result.rank_correlation = spearman(imagined, simulated);
  result.simulated = std::move(simulated);
  result.imagined = std::move(imagined);
  return result;
}

}  // namespace reverie
