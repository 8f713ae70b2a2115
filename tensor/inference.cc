#include "tensor/inference.h"

#include <algorithm>

#include "tensor/kernels/kernels.h"
#include "tensor/matrix_product.h"

namespace reverie::tensor {
namespace {

const float* of_member(const at::Tensor& t, int64_t member, int64_t size) {
  return t.const_data_ptr<float>() + member * size;
}

kernels::NormParameters parameters(const NormedLayer& layer, int64_t member) {
  const int64_t width = width_of(layer);
  return {of_member(layer.bias, member, width), of_member(layer.gamma, member, width),
          of_member(layer.beta, member, width)};
}

void product(const at::Tensor& weight, int64_t member, int64_t rows, const float* x, float* y) {
  const int64_t out = weight.size(-2), in = weight.size(-1);
  product_nt(rows, out, in, x, of_member(weight, member, out * in), y);
}

}  // namespace

void grow(std::vector<float>& buffer, int64_t size) {
  if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(static_cast<size_t>(size));
}

int64_t width_of(const NormedLayer& layer) { return layer.weight.size(-2); }
int64_t width_of(const Mlp& mlp) { return mlp.out.weight.size(-2); }

void run_silu(const NormedLayer& layer, int64_t member, int64_t rows, const float* x, float* y) {
  product(layer.weight, member, rows, x, y);
  kernels::kernels().norm_silu_forward(rows, width_of(layer), y, parameters(layer, member), nullptr, y);
}

void run_simnorm(const NormedLayer& layer, int64_t member, int64_t rows, int64_t group, const float* x,
                 float* y) {
  product(layer.weight, member, rows, x, y);
  kernels::kernels().norm_simnorm_forward(rows, width_of(layer), group, y, parameters(layer, member), nullptr,
                                          y);
}

void run_linear(const LinearLayer& layer, int64_t member, int64_t rows, const float* x, float* y) {
  const int64_t out = layer.weight.size(-2);
  product(layer.weight, member, rows, x, y);
  kernels::kernels().add_bias(rows, out, of_member(layer.bias, member, out), y);
}

void run_mlp(const Mlp& mlp, int64_t member, int64_t rows, const float* x, HiddenRows& hidden, float* y) {
  grow(hidden.even, rows * width_of(mlp.hidden[0]));
  run_silu(mlp.hidden[0], member, rows, x, hidden.even.data());
  run_mlp_tail(mlp, member, rows, hidden, y);
}

void run_mlp_tail(const Mlp& mlp, int64_t member, int64_t rows, HiddenRows& hidden, float* y) {
  std::vector<float>*from = &hidden.even, *to = &hidden.odd;
  for (size_t i = 1; i < mlp.hidden.size(); ++i) {
    grow(*to, rows * width_of(mlp.hidden[i]));
    run_silu(mlp.hidden[i], member, rows, from->data(), to->data());
    std::swap(from, to);
  }
  run_linear(mlp.out, member, rows, from->data(), y);
}

void SharedInputLayer::prepare(const NormedLayer& layer, int64_t member, const float* shared,
                               int64_t own_width) {
  const kernels::NormParameters p = parameters(layer, member);
  const int64_t in = layer.weight.size(-1);
  own_width_ = own_width;
  width_ = width_of(layer);
  gamma_ = p.gamma;
  beta_ = p.beta;
  const float* weight = of_member(layer.weight, member, width_ * in);
  padded_.assign(static_cast<size_t>(in), 0.0F);
  std::copy_n(shared, in - own_width, padded_.begin());
  bias_.assign(p.bias, p.bias + width_);
  product_nt(1, width_, in, padded_.data(), weight, bias_.data(), true);
  weight_.resize(static_cast<size_t>(width_ * own_width));
  for (int64_t o = 0; o < width_; ++o) {
    std::copy_n(weight + (o + 1) * in - own_width, own_width, weight_.begin() + o * own_width);
  }
}

void SharedInputLayer::run_silu(int64_t rows, const float* own, float* y) const {
  product_nt(rows, width_, own_width_, own, weight_.data(), y);
  kernels::kernels().norm_silu_forward(rows, width_, y, {bias_.data(), gamma_, beta_}, nullptr, y);
}

void run_two_hot(int64_t rows, int64_t bins, double low, double high, float* logits, float* values) {
  constexpr int64_t kRows = 64;
  const kernels::Bins support{bins, static_cast<float>(low), static_cast<float>(high)};
  for (int64_t first = 0; first < rows; first += kRows) {
    float* block = logits + first * bins;
    kernels::kernels().two_hot_value_forward(std::min(kRows, rows - first), support, block, block,
                                             values + first);
  }
}

}  // namespace reverie::tensor
