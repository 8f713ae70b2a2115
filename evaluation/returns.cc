#include "evaluation/returns.h"

#include "contract/rng.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kBootstrapDraw = 2;  // step of Stream::kEvaluation

}  // namespace

std::vector<contract::StartPoint> first_rows(std::span<const contract::Episode> episodes) {
  std::vector<contract::StartPoint> starts;
  for (const contract::Episode& episode : episodes) starts.push_back({&episode, 0});
  return starts;
}

std::vector<double> episode_returns(std::span<const contract::Episode> episodes) {
  std::vector<double> returns;
  for (const contract::Episode& episode : episodes) returns.push_back(episode.return_sum());
  return returns;
}

report::Estimate return_estimate(std::span<const double> returns, uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kBootstrapDraw);
  return report::bootstrap_mean(returns, [&rng] { return rng.next_u64(); });
}

ReturnComparison compare_returns(std::vector<double> simulated, std::vector<double> imagined, uint64_t seed) {
  ReturnComparison result;
  result.simulated_return = return_estimate(simulated, seed);
  result.imagined_return = return_estimate(imagined, seed);
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kBootstrapDraw);
  result.bias = report::paired_difference(imagined, simulated, [&rng] { return rng.next_u64(); });
  result.correlation = report::pearson(imagined, simulated);
  result.rank_correlation = report::spearman(imagined, simulated);
  result.simulated = std::move(simulated);
  result.imagined = std::move(imagined);
  return result;
}

}  // namespace reverie::evaluation
