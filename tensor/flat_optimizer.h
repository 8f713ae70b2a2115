// FlatAdam: Adam over one flat buffer of parameters and one of gradients.
// Parameters and gradients are views into the two vectors, so that zeroing, the norm, clipping, the step and
// a target's moving average are one pass each. Vectorised loops do it on CPU float32, ATen elsewhere.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace reverie::tensor {

// Moves the values of `tensors` (one device and type), in order, into one new vector [P] and makes each
// tensor, in place, a view of it. Every tensor starts at a multiple of 16 entries; the gaps hold 0. Two lists
// of the same shapes get the same layout. Tensors derived earlier (detached, sliced) keep the old storage. No
// gradient on the result.
at::Tensor flatten(const std::vector<at::Tensor>& tensors);

// target <- target + rate (source - target), both [P] without gradient; `rate` is a scalar on their device.
void polyak_update(const at::Tensor& target, const at::Tensor& source, const at::Tensor& rate);

struct FlatSegment {
  at::Tensor parameter;     // requires grad
  double rate_scale = 1.0;  // times the learning rate
};

struct AdamConfig {
  double rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double clip_norm = 20.0;  // of the whole gradient; infinity: no clipping
};

// Scalars on the parameters' device. Code that does not read them need not wait for the device.
struct AdamStep {
  at::Tensor gradient_norm;  // float64, before clipping
  at::Tensor applied;        // bool; false: the norm was not finite, nothing changed
};

class FlatAdam {
 public:
  // Flattens the parameters and gives each a zero gradient, a view too. Throws
  // c10::Error when there are none.
  FlatAdam(const std::vector<FlatSegment>& segments, const AdamConfig& config);

  at::Tensor gradient_norm() const;  // scalar float64, of the whole gradient
  // Adam (Kingma & Ba 2015) with bias correction on the gradient, clipped by its `norm`; nothing changes
  // where `apply` (scalar bool) is false. Call it after backward has finished: a graph recorded before the
  // step must not be run after it.
  void step(const at::Tensor& norm, const at::Tensor& apply);
  AdamStep step();  // of its own norm where that is finite
  void zero_gradients();
  void set_rate(double rate);

  const at::Tensor& values() const { return values_; }        // [P] all parameters
  const at::Tensor& gradients() const { return gradients_; }  // [P]
  // The part of values() that holds `count` consecutive segments from `first`: what flatten() of
  // them would look like.
  at::Tensor values_of(size_t first, size_t count) const;

  // The state that a checkpoint needs, beside values(): moments [P] and steps taken.
  const at::Tensor& first_moment() const { return first_moment_; }
  const at::Tensor& second_moment() const { return second_moment_; }
  int64_t steps() const;
  // Throws c10::Error when a moment's size is not P or steps < 0.
  void restore(const at::Tensor& first_moment, const at::Tensor& second_moment, int64_t steps);

 private:
  void step_by_kernels(double norm);

  AdamConfig config_;
  std::vector<int64_t> offsets_;     // start of each segment, then P
  std::vector<double> rate_scales_;  // one a segment
  at::Tensor values_, gradients_, first_moment_, second_moment_;
  at::Tensor scales_;        // rate scales, [P], for the composed step
  at::Tensor steps_, rate_;  // scalars, float64
};

}  // namespace reverie::tensor
