#include "tensor/two_hot_unit.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace reverie::tensor {

void divide_predictions(const LinearLayer& out, double low, double high, double factor) {
  constexpr double kFall = 0.5;  // a bin
  at::NoGradGuard no_grad;
  const int64_t bins = out.bias.size(-1);
  std::vector<int64_t> below(static_cast<size_t>(bins));
  std::vector<float> share(below.size()), beyond(below.size());  // of the bin above; lowered by
  for (size_t k = 0; k < below.size(); ++k) {
    const double symlog = low + (high - low) * static_cast<double>(k) / static_cast<double>(bins - 1);
    const double place = std::copysign(std::log1p(factor * std::expm1(std::abs(symlog))), symlog);
    const double position = (place - low) / (high - low) * static_cast<double>(bins - 1);
    const double inside = std::clamp(position, 0.0, static_cast<double>(bins - 1));
    below[k] = std::min(static_cast<int64_t>(inside), bins - 2);
    share[k] = static_cast<float>(inside - static_cast<double>(below[k]));
    beyond[k] = static_cast<float>(kFall * std::abs(position - inside));
  }
  const at::Device device = out.bias.device();
  const at::Tensor lower = torch::tensor(below).to(device), upper = lower + 1;
  const at::Tensor part = torch::tensor(share).to(device);
  const auto resampled = [&](const at::Tensor& t, int64_t dim, const at::Tensor& weight) {
    return t.index_select(dim, lower) * (1.0 - weight) + t.index_select(dim, upper) * weight;
  };
  out.weight.copy_(resampled(out.weight, -2, part.unsqueeze(-1)));
  out.bias.copy_(resampled(out.bias, -1, part) - torch::tensor(beyond).to(device));
}

}  // namespace reverie::tensor
