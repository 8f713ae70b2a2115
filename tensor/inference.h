// Networks on plain float rows, without tensors, gradients or allocation.
// Planning runs them some hundred times a decision. They compute what tensor/fused.h computes, for CPU
// float32 only. `member` picks one member of an ensemble; it is 0 for a plain layer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/network.h"

namespace reverie::tensor {

int64_t width_of(const NormedLayer& layer);  // outputs
int64_t width_of(const Mlp& mlp);

// x [rows, I] -> y [rows, O]: SiLU(LayerNorm(x wᵀ + b)), the same with SimNorm, and x wᵀ + b.
void run_silu(const NormedLayer& layer, int64_t member, int64_t rows, const float* x, float* y);
void run_simnorm(const NormedLayer& layer, int64_t member, int64_t rows, int64_t group, const float* x,
                 float* y);
void run_linear(const LinearLayer& layer, int64_t member, int64_t rows, const float* x, float* y);

// Makes room for at least `size` numbers; buffers grow and never shrink.
void grow(std::vector<float>& buffer, int64_t size);

// Hidden rows of a network; grown once, then reused.
struct HiddenRows {
  std::vector<float> even, odd;
};
// x [rows, I] -> y [rows, O].
void run_mlp(const Mlp& mlp, int64_t member, int64_t rows, const float* x, HiddenRows& hidden, float* y);
// The rest of run_mlp, from the first hidden layer's rows hidden.even [rows, hidden].
void run_mlp_tail(const Mlp& mlp, int64_t member, int64_t rows, HiddenRows& hidden, float* y);

// A first layer whose inputs are [shared, own] with `shared` the same in every row: its part of the product
// is made once. The layer must outlive it, with unchanged weights.
class SharedInputLayer {
 public:
  // shared [I - own_width]
  void prepare(const NormedLayer& layer, int64_t member, const float* shared, int64_t own_width);
  void run_silu(int64_t rows, const float* own, float* y) const;  // own [rows, own_width] -> y [rows, O]

 private:
  int64_t own_width_ = 0, width_ = 0;
  std::vector<float> padded_, bias_, weight_;  // [I], [O], [O, own_width]
  const float *gamma_ = nullptr, *beta_ = nullptr;
};

// symexp of the two-hot mean over `bins` bins in [low, high]: logits [rows, bins],
// overwritten -> values [rows].
void run_two_hot(int64_t rows, int64_t bins, double low, double high, float* logits, float* values);

}  // namespace reverie::tensor
