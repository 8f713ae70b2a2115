#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tanh.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <numbers>

#include "tensor/fused.h"
#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"

namespace reverie::tensor {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

SquashedAction forward_kernel(const Tensor& head, const Tensor& noise, double std_floor) {
  const int64_t actions = noise.size(-1);
  SquashedAction result{empty_floats(noise.sizes()), empty_floats(noise.sizes().slice(0, noise.dim() - 1))};
  const float* in = head.const_data_ptr<float>();
  const float* n = noise.const_data_ptr<float>();
  float* action = result.action.mutable_data_ptr<float>();
  float* log_prob = result.log_prob.mutable_data_ptr<float>();
  for_row_chunks(1, result.log_prob.numel(), [&](int64_t, int64_t begin, int64_t rows, int64_t) {
    kernels::kernels().tanh_gaussian_forward(rows, actions, static_cast<float>(std_floor),
                                             in + begin * 2 * actions, n + begin * actions,
                                             action + begin * actions, log_prob + begin);
  });
  return result;
}

class TanhGaussian : public torch::autograd::Function<TanhGaussian> {
 public:
  static tensor_list forward(AutogradContext* ctx, const Tensor& head, const Tensor& noise,
                             double std_floor) {
    const Tensor in = head.contiguous();
    const SquashedAction result = forward_kernel(in, noise, std_floor);
    ctx->set_materialize_grads(false);
    ctx->saved_data["std_floor"] = std_floor;
    ctx->save_for_backward({in, noise, result.action});
    return {result.action, result.log_prob};
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("tanh_gaussian");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor& head = saved[0];
    const float std_floor = static_cast<float>(ctx->saved_data["std_floor"].toDouble());
    const int64_t actions = saved[1].size(-1);
    const Tensor daction = grads[0].defined() ? grads[0].contiguous() : Tensor();
    const Tensor dlog_prob = grads[1].defined() ? grads[1].contiguous() : Tensor();
    if (!daction.defined() && !dlog_prob.defined()) return {Tensor(), Tensor(), Tensor()};
    Tensor dhead = empty_floats(head.sizes());
    const float* in = head.const_data_ptr<float>();
    const float* noise = saved[1].const_data_ptr<float>();
    const float* action = saved[2].const_data_ptr<float>();
    const float* da = daction.defined() ? daction.const_data_ptr<float>() : nullptr;
    const float* dl = dlog_prob.defined() ? dlog_prob.const_data_ptr<float>() : nullptr;
    float* out = dhead.mutable_data_ptr<float>();
    const int64_t rows = head.numel() / (2 * actions);
    for_row_chunks(1, rows, [&](int64_t, int64_t begin, int64_t n, int64_t) {
      const int64_t at = begin * actions;
      kernels::kernels().tanh_gaussian_backward(n, actions, std_floor, in + 2 * at, noise + at, action + at,
                                                da == nullptr ? nullptr : da + at,
                                                dl == nullptr ? nullptr : dl + begin, out + 2 * at);
    });
    return {dhead, Tensor(), Tensor()};
  }
};

SquashedAction composed(const Tensor& head, const Tensor& noise, double std_floor) {
  const std::vector<Tensor> parts = head.chunk(2, -1);
  const Tensor std = 0.9 * at::sigmoid(parts[1] + 2.0) + std_floor;
  const Tensor u = parts[0] + std * noise;
  const Tensor slope = 2.0 * (std::numbers::ln2 - u - at::softplus(-2.0 * u));  // log(1 - tanh(u)^2)
  const double normaliser = 0.5 * std::log(2.0 * std::numbers::pi);
  return {at::tanh(u), -(0.5 * noise * noise + std.log() + slope + normaliser).sum(-1)};
}

}  // namespace

SquashedAction tanh_gaussian(const Tensor& head, const Tensor& noise, double std_floor) {
  TORCH_CHECK(noise.dim() >= 1 && noise.size(-1) >= 1 && head.dim() == noise.dim() &&
                  head.size(-1) == 2 * noise.size(-1) &&
                  head.sizes().slice(0, head.dim() - 1) == noise.sizes().slice(0, noise.dim() - 1),
              "tanh_gaussian: noise ", noise.sizes(), " does not fit head ", head.sizes());
  const Tensor n = noise.detach();
  if (!kernels_apply({head, n})) return composed(head, n, std_floor);
  if (!needs_graph({head})) return forward_kernel(head.contiguous(), n.contiguous(), std_floor);
  const tensor_list out = TanhGaussian::apply(head, n.contiguous(), std_floor);
  return {out[0], out[1]};
}

}  // namespace reverie::tensor
