#include "tensor/flat_optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"

namespace reverie::tensor {
namespace {

constexpr int64_t kAlignment = 16;  // entries: 64 bytes of float, a cache line
constexpr int64_t kChunk = 8192;    // entries summed together, whatever the number of threads
constexpr double kClipEpsilon = 1e-6;

std::vector<int64_t> layout(const std::vector<at::Tensor>& tensors) {
  std::vector<int64_t> offsets = {0};
  for (const at::Tensor& t : tensors) {
    offsets.push_back(offsets.back() + (t.numel() + kAlignment - 1) / kAlignment * kAlignment);
  }
  return offsets;
}

at::Tensor view_of(const at::Tensor& flat, int64_t offset, const at::Tensor& like) {
  return flat.narrow(0, offset, like.numel()).view(like.sizes());
}

// f(begin, n) over [0, n) in chunks of kChunk.
template <class F>
void for_chunks(int64_t n, const F& f) {
  parallel_for(0, (n + kChunk - 1) / kChunk, 1, [&](int64_t first, int64_t last) {
    for (int64_t c = first; c < last; ++c) f(c * kChunk, std::min(kChunk, n - c * kChunk));
  });
}

double norm_by_kernels(const at::Tensor& x) {
  const int64_t n = x.numel();
  std::vector<float> sums((n + kChunk - 1) / kChunk);
  const float* data = x.const_data_ptr<float>();
  for_chunks(n, [&](int64_t begin, int64_t count) {
    sums[begin / kChunk] = kernels::kernels().sum_of_squares(count, data + begin);
  });
  double total = 0.0;
  for (const float sum : sums) total += sum;
  return std::sqrt(total);
}

}  // namespace

at::Tensor flatten(const std::vector<at::Tensor>& tensors) {
  TORCH_CHECK(!tensors.empty(), "flatten: no tensors");
  at::NoGradGuard no_grad;
  const std::vector<int64_t> offsets = layout(tensors);
  at::Tensor flat = at::zeros({offsets.back()}, tensors[0].options().requires_grad(false));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const at::Tensor view = view_of(flat, offsets[i], tensors[i]);
    view.copy_(tensors[i]);
    tensors[i].set_data(view);
  }
  return flat;
}

void polyak_update(const at::Tensor& target, const at::Tensor& source, const at::Tensor& rate) {
  TORCH_CHECK(target.sizes() == source.sizes(), "polyak_update: target ", target.sizes(), ", source ",
              source.sizes());
  at::NoGradGuard no_grad;
  if (!kernels_apply({target, source}) || !target.is_contiguous() || !source.is_contiguous()) {
    target.lerp_(source, rate.to(target.scalar_type()));
    return;
  }
  const auto share = rate.item<float>();
  if (share == 0.0F) return;
  float* into = target.mutable_data_ptr<float>();
  const float* from = source.const_data_ptr<float>();
  for_chunks(target.numel(), [&](int64_t begin, int64_t n) {
    kernels::kernels().lerp(n, share, from + begin, into + begin);
  });
}

FlatAdam::FlatAdam(const std::vector<FlatSegment>& segments, const AdamConfig& config) : config_(config) {
  std::vector<at::Tensor> parameters;
  for (const FlatSegment& s : segments) {
    parameters.push_back(s.parameter);
    rate_scales_.push_back(s.rate_scale);
  }
  values_ = flatten(parameters);
  offsets_ = layout(parameters);
  gradients_ = at::zeros_like(values_);
  first_moment_ = at::zeros_like(values_);
  second_moment_ = at::zeros_like(values_);
  steps_ = at::zeros({}, values_.options().dtype(at::kDouble));
  rate_ = at::full_like(steps_, config.rate);
  for (size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].mutable_grad() = view_of(gradients_, offsets_[i], parameters[i]);
  }
  if (kernels_apply({values_})) return;
  scales_ = at::ones_like(values_);
  for (size_t i = 0; i < parameters.size(); ++i) {
    scales_.narrow(0, offsets_[i], offsets_[i + 1] - offsets_[i]).fill_(rate_scales_[i]);
  }
}

at::Tensor FlatAdam::gradient_norm() const {
  at::NoGradGuard no_grad;
  if (kernels_apply({gradients_})) return at::scalar_tensor(norm_by_kernels(gradients_), at::kDouble);
  return at::linalg_vector_norm(gradients_).to(at::kDouble);
}

AdamStep FlatAdam::step() {
  AdamStep out;
  out.gradient_norm = gradient_norm();
  out.applied = at::isfinite(out.gradient_norm);
  step(out.gradient_norm, out.applied);
  return out;
}

void FlatAdam::step(const at::Tensor& norm, const at::Tensor& apply) {
  at::NoGradGuard no_grad;
  steps_.add_(apply);
  if (kernels_apply({values_})) {
    if (apply.item<bool>()) step_by_kernels(norm.item<double>());
    return;
  }
  const at::Tensor on = apply.to(values_.scalar_type());
  const at::Tensor clip = (config_.clip_norm / (norm + kClipEpsilon)).clamp_max(1.0);
  const at::Tensor g = at::where(apply, gradients_ * clip, 0.0);
  first_moment_.lerp_(g, on * (1.0 - config_.beta1));
  second_moment_.lerp_(g * g, on * (1.0 - config_.beta2));
  const at::Tensor rate = rate_ / (1.0 - at::pow(config_.beta1, steps_));
  const at::Tensor root_scale = (1.0 - at::pow(config_.beta2, steps_)).rsqrt();
  const at::Tensor change =
      first_moment_ * scales_ * rate / (second_moment_.sqrt() * root_scale + config_.epsilon);
  values_.sub_(at::where(apply, change, 0.0));
}

void FlatAdam::step_by_kernels(double norm) {
  const auto t = steps_.item<double>();
  const double rate = rate_.item<double>() / (1.0 - std::pow(config_.beta1, t));
  const double root_scale = 1.0 / std::sqrt(1.0 - std::pow(config_.beta2, t));
  const double scale = std::min(1.0, config_.clip_norm / (norm + kClipEpsilon));
  const float* g = gradients_.const_data_ptr<float>();
  float* m = first_moment_.mutable_data_ptr<float>();
  float* v = second_moment_.mutable_data_ptr<float>();
  float* values = values_.mutable_data_ptr<float>();
  const auto segments = static_cast<int64_t>(rate_scales_.size());
  parallel_for(0, segments, (segments + at::get_num_threads() - 1) / at::get_num_threads(),
               [&](int64_t first, int64_t last) {
                 for (int64_t i = first; i < last; ++i) {
                   const int64_t o = offsets_[i];
                   const kernels::AdamFactors factors{static_cast<float>(rate * rate_scales_[i]),
                                                      static_cast<float>(scale),
                                                      static_cast<float>(config_.beta1),
                                                      static_cast<float>(config_.beta2),
                                                      static_cast<float>(root_scale),
                                                      static_cast<float>(config_.epsilon)};
                   kernels::kernels().adam_step(offsets_[i + 1] - o, factors, g + o, m + o, v + o,
                                                values + o);
                 }
               });
}

void FlatAdam::set_rate(double rate) {
  at::NoGradGuard no_grad;
  rate_.fill_(rate);
}

int64_t FlatAdam::steps() const { return static_cast<int64_t>(steps_.item<double>()); }

void FlatAdam::zero_gradients() {
  at::NoGradGuard no_grad;
  gradients_.zero_();
}

at::Tensor FlatAdam::values_of(size_t first, size_t count) const {
  TORCH_CHECK(first + count < offsets_.size(), "FlatAdam: segments ", first, " + ", count, " of ",
              rate_scales_.size());
  return values_.narrow(0, offsets_[first], offsets_[first + count] - offsets_[first]);
}

void FlatAdam::restore(const at::Tensor& first_moment, const at::Tensor& second_moment, int64_t steps) {
  TORCH_CHECK(
      first_moment.sizes() == values_.sizes() && second_moment.sizes() == values_.sizes() && steps >= 0,
      "FlatAdam: moments of ", first_moment.sizes(), " and ", second_moment.sizes(), " after ", steps,
      " steps do not fit ", values_.sizes());
  first_moment_.copy_(first_moment);
  second_moment_.copy_(second_moment);
  steps_.fill_(static_cast<double>(steps));
}

}  // namespace reverie::tensor
