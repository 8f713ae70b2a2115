#include "policies/returns.h"

#include <torch/types.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace reverie::policies {

at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated, const at::Tensor& next_values,
                     double discount) {
  return rewards + discount * (1.0 - terminated) * next_values;
}

at::Tensor n_step_return(const at::Tensor& rewards, const at::Tensor& continuation,
                         const at::Tensor& bootstrap, double discount) {
  const std::vector<at::Tensor> reward = rewards.unbind(0), weight = (discount * continuation).unbind(0);
  at::Tensor total = bootstrap;
  for (size_t t = reward.size(); t-- > 0;) total = at::addcmul(reward[t], weight[t], total);
  return total;
}

at::Tensor lambda_return(const at::Tensor& rewards, const at::Tensor& continuation, const at::Tensor& values,
                         double discount, double lambda) {
  at::Tensor later = values[-1];
  for (int64_t t = rewards.size(0) - 1; t >= 0; --t)
    later = rewards[t] + discount * continuation[t] * ((1.0 - lambda) * values[t] + lambda * later);
  return later;
}

at::Tensor percentile_range(const at::Tensor& values) {
  const at::Tensor sorted = std::get<0>(values.detach().flatten().sort());
  const auto quantile = [&](double q) {
    const double position = q * static_cast<double>(sorted.size(0) - 1);
    const auto low = static_cast<int64_t>(position);
    const int64_t high = std::min(low + 1, sorted.size(0) - 1);
    return at::lerp(sorted[low], sorted[high], position - static_cast<double>(low));
  };
  return quantile(0.95) - quantile(0.05);
}

}  // namespace reverie::policies
