#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/softmax.h>
#include <torch/csrc/autograd/custom_function.h>

#include "tensor/fused.h"
#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"

namespace reverie::tensor {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

kernels::Bins bins_of(const Tensor& logits, double low, double high) {
  return {logits.size(-1), static_cast<float>(low), static_cast<float>(high)};
}

void check_logits(const char* operation, const Tensor& logits, double low, double high) {
  TORCH_CHECK(logits.dim() >= 1 && logits.size(-1) >= 2 && logits.size(-1) <= kernels::kMaxBins && low < high,
              operation, ": logits ", logits.sizes(), " over [", low, ", ", high, "]");
}

struct LossResult {
  Tensor loss, p;
};

// Targets of N rows serve every leading dimension of the logits: row r takes target r mod N.
LossResult loss_kernel(const Tensor& logits, const Tensor& target, const kernels::Bins& bins) {
  LossResult result{empty_floats(logits.sizes().slice(0, logits.dim() - 1)), empty_floats(logits.sizes())};
  const float* in = logits.const_data_ptr<float>();
  const float* aim = target.const_data_ptr<float>();
  float* p = result.p.mutable_data_ptr<float>();
  float* loss = result.loss.mutable_data_ptr<float>();
  const int64_t rows = target.numel();
  const int64_t members = rows == 0 ? 0 : result.loss.numel() / rows;
  for_row_chunks(members, rows, [&](int64_t e, int64_t begin, int64_t n, int64_t) {
    const int64_t row = e * rows + begin;
    kernels::kernels().two_hot_loss_forward(n, bins, in + row * bins.count, aim + begin, p + row * bins.count,
                                            loss + row);
  });
  return result;
}

class TwoHotLoss : public torch::autograd::Function<TwoHotLoss> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& logits, const Tensor& target, double low,
                        double high) {
    const LossResult result = loss_kernel(logits.contiguous(), target, bins_of(logits, low, high));
    ctx->saved_data["low"] = low;
    ctx->saved_data["high"] = high;
    ctx->save_for_backward({result.p, target});
    return result.loss;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("two_hot_cross_entropy");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor& p = saved[0];
    const Tensor& target = saved[1];
    const kernels::Bins bins =
        bins_of(p, ctx->saved_data["low"].toDouble(), ctx->saved_data["high"].toDouble());
    const Tensor dloss = grads[0].contiguous();
    Tensor dlogits = empty_floats(p.sizes());
    const float* in = p.const_data_ptr<float>();
    const float* aim = target.const_data_ptr<float>();
    const float* upstream = dloss.const_data_ptr<float>();
    float* out = dlogits.mutable_data_ptr<float>();
    const int64_t rows = target.numel();
    const int64_t members = rows == 0 ? 0 : dloss.numel() / rows;
    for_row_chunks(members, rows, [&](int64_t e, int64_t begin, int64_t n, int64_t) {
      const int64_t row = e * rows + begin;
      kernels::kernels().two_hot_loss_backward(n, bins, in + row * bins.count, aim + begin, upstream + row,
                                               out + row * bins.count);
    });
    return {dlogits, Tensor(), Tensor(), Tensor()};
  }
};

// symexp of evenly spaced numbers, [K].
Tensor bin_values(const Tensor& logits, double low, double high) {
  const Tensor at = at::linspace(low, high, logits.size(-1), logits.options().requires_grad(false));
  return at.sign() * at::expm1(at.abs());
}

Tensor composed_loss(const Tensor& logits, const Tensor& target, double low, double high) {
  const int64_t count = logits.size(-1);
  const Tensor values = bin_values(logits, low, high);
  const Tensor symlog = target.sign() * target.abs().log1p();
  const Tensor position = (symlog.clamp(low, high) - low) * (static_cast<double>(count - 1) / (high - low));
  const Tensor lower = position.nan_to_num(0.0).floor().clamp(0, static_cast<double>(count - 2));
  const at::IntArrayRef leading = logits.sizes().slice(0, logits.dim() - 1);
  const Tensor below = values.index({lower.to(at::kLong)}), above = values.index({lower.to(at::kLong) + 1});
  const Tensor fraction = ((target - below) / (above - below)).clamp(0.0, 1.0);
  const Tensor index = lower.to(at::kLong).expand(leading).unsqueeze(-1);
  const Tensor log_p = at::log_softmax(logits, -1);
  return -((1.0 - fraction) * log_p.gather(-1, index).squeeze(-1) +
           fraction * log_p.gather(-1, index + 1).squeeze(-1));
}

struct ValueResult {
  Tensor value, p;
};

ValueResult value_kernel(const Tensor& logits, const kernels::Bins& bins) {
  const at::IntArrayRef shape = logits.sizes().slice(0, logits.dim() - 1);
  ValueResult result{empty_floats(shape), empty_floats(logits.sizes())};
  const float* in = logits.const_data_ptr<float>();
  float* p = result.p.mutable_data_ptr<float>();
  float* value = result.value.mutable_data_ptr<float>();
  for_row_chunks(1, result.value.numel(), [&](int64_t, int64_t begin, int64_t n, int64_t) {
    const int64_t at = begin * bins.count;
    kernels::kernels().two_hot_value_forward(n, bins, in + at, p + at, value + begin);
  });
  return result;
}

class TwoHotValue : public torch::autograd::Function<TwoHotValue> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& logits, double low, double high) {
    const ValueResult result = value_kernel(logits.contiguous(), bins_of(logits, low, high));
    ctx->saved_data["low"] = low;
    ctx->saved_data["high"] = high;
    ctx->save_for_backward({result.p, result.value});
    return result.value;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("two_hot_expectation");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor& p = saved[0];
    const kernels::Bins bins =
        bins_of(p, ctx->saved_data["low"].toDouble(), ctx->saved_data["high"].toDouble());
    const Tensor dvalue = grads[0].contiguous();
    Tensor dlogits = empty_floats(p.sizes());
    const float* in = p.const_data_ptr<float>();
    const float* value = saved[1].const_data_ptr<float>();
    const float* upstream = dvalue.const_data_ptr<float>();
    float* out = dlogits.mutable_data_ptr<float>();
    for_row_chunks(1, dvalue.numel(), [&](int64_t, int64_t begin, int64_t n, int64_t) {
      const int64_t at = begin * bins.count;
      kernels::kernels().two_hot_value_backward(n, bins, in + at, value + begin, upstream + begin, out + at);
    });
    return {dlogits, Tensor(), Tensor()};
  }
};

Tensor composed_value(const Tensor& logits, double low, double high) {
  return (at::softmax(logits, -1) * bin_values(logits, low, high)).sum(-1);
}

}  // namespace

Tensor two_hot_cross_entropy(const Tensor& logits, const Tensor& target, double low, double high) {
  check_logits("two_hot_cross_entropy", logits, low, high);
  const at::IntArrayRef leading = logits.sizes().slice(0, logits.dim() - 1);
  const bool shared = target.dim() == 1 && !leading.empty() && target.size(0) == leading.back();
  TORCH_CHECK(shared || target.sizes() == leading, "two_hot_cross_entropy: target ", target.sizes(),
              " does not fit logits ", logits.sizes());
  const Tensor aim = target.detach();
  if (!kernels_apply({logits, aim})) return composed_loss(logits, aim, low, high);
  if (needs_graph({logits})) return TwoHotLoss::apply(logits, aim.contiguous(), low, high);
  return loss_kernel(logits.contiguous(), aim.contiguous(), bins_of(logits, low, high)).loss;
}

Tensor two_hot_expectation(const Tensor& logits, double low, double high) {
  check_logits("two_hot_expectation", logits, low, high);
  if (!kernels_apply({logits})) return composed_value(logits, low, high);
  if (needs_graph({logits})) return TwoHotValue::apply(logits, low, high);
  return value_kernel(logits.contiguous(), bins_of(logits, low, high)).value;
}

}  // namespace reverie::tensor
