#include "policies/returns.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace reverie {

at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated, const at::Tensor& next_values,
                     double discount) {
  return rewards + discount * (1.0 - terminated) * next_values;
}

at::Tensor n_step_return(const at::Tensor& rewards, const at::Tensor& continuation,
                         const at::Tensor& bootstrap, double discount) {
  at::Tensor total = bootstrap;
  for (int64_t t = rewards.size(0) - 1; t >= 0; --t) total = rewards[t] + discount * continuation[t] * total;
  return total;
}

double percentile_range(const at::Tensor& values) {
  const at::Tensor flat = values.detach().to(at::kCPU, at::kFloat).contiguous();
  std::vector<float> sorted(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  std::sort(sorted.begin(), sorted.end());
  const auto quantile = [&](double q) {
    const double position = q * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<size_t>(position);
    const size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (position - static_cast<double>(low)) * (sorted[high] - sorted[low]);
  };
  return quantile(0.95) - quantile(0.05);
}

}  // namespace reverie
