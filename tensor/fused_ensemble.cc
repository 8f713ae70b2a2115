#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "tensor/fused.h"
#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"

namespace reverie::tensor {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Copies `width` of every row between two matrices of different row lengths.
void copy_columns(int64_t rows, int64_t width, const float* from, int64_t from_stride, float* to,
                  int64_t to_stride) {
  for (int64_t r = 0; r < rows; ++r) {
    std::memcpy(to + r * to_stride, from + r * from_stride, static_cast<size_t>(width) * sizeof(float));
  }
}

Tensor join_kernel(const Tensor& a, const Tensor& b) {
  const int64_t wa = a.size(-1), wb = b.size(-1);
  c10::DimVector shape(a.sizes().begin(), a.sizes().end());
  shape.back() = wa + wb;
  Tensor y = empty_floats(shape);
  const int64_t rows = y.numel() / std::max<int64_t>(1, wa + wb);
  copy_columns(rows, wa, a.const_data_ptr<float>(), wa, y.mutable_data_ptr<float>(), wa + wb);
  copy_columns(rows, wb, b.const_data_ptr<float>(), wb, y.mutable_data_ptr<float>() + wa, wa + wb);
  return y;
}

class FusedJoin : public torch::autograd::Function<FusedJoin> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& a, const Tensor& b) {
    ctx->saved_data["widths"] = std::vector<int64_t>{a.size(-1), b.size(-1)};
    return join_kernel(a.contiguous(), b.contiguous());
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("join");
    const std::vector<int64_t> widths = ctx->saved_data["widths"].toIntVector();
    const Tensor dy = grads[0].contiguous();
    const int64_t width = widths[0] + widths[1];
    const int64_t rows = dy.numel() / std::max<int64_t>(1, width);
    tensor_list out(2);
    for (size_t i = 0; i < 2; ++i) {
      if (!ctx->needs_input_grad(i)) continue;
      c10::DimVector shape(dy.sizes().begin(), dy.sizes().end());
      shape.back() = widths[i];
      out[i] = empty_floats(shape);
      copy_columns(rows, widths[i], dy.const_data_ptr<float>() + (i == 0 ? 0 : widths[0]), width,
                   out[i].mutable_data_ptr<float>(), widths[i]);
    }
    return out;
  }
};

Tensor mean_kernel(const Tensor& x) {
  Tensor y = empty_floats(x.sizes().slice(1));
  kernels::kernels().mean_of_members(x.size(0), y.numel(), x.const_data_ptr<float>(),
                                     y.mutable_data_ptr<float>());
  return y;
}

class EnsembleMean : public torch::autograd::Function<EnsembleMean> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    ctx->saved_data["members"] = x.size(0);
    return mean_kernel(x.contiguous());
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("ensemble_mean");
    const int64_t members = ctx->saved_data["members"].toInt();
    const Tensor dy = grads[0].contiguous();
    c10::DimVector shape(dy.sizes().begin(), dy.sizes().end());
    shape.insert(shape.begin(), members);
    Tensor dx = empty_floats(shape);
    for (int64_t e = 0; e < members; ++e) {
      kernels::kernels().scaled(dy.numel(), 1.0f / static_cast<float>(members), dy.const_data_ptr<float>(),
                                dx.mutable_data_ptr<float>() + e * dy.numel());
    }
    return {dx};
  }
};

Tensor error_kernel(const Tensor& heads, const Tensor& target) {
  Tensor error = empty_floats({target.size(0)});
  kernels::kernels().squared_error_forward(heads.size(0), target.numel(), target.size(0), target.size(1),
                                           heads.const_data_ptr<float>(), target.const_data_ptr<float>(),
                                           error.mutable_data_ptr<float>());
  return error;
}

class EnsembleError : public torch::autograd::Function<EnsembleError> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& heads, const Tensor& target) {
    const Tensor in = heads.contiguous();
    ctx->save_for_backward({in, target});
    return error_kernel(in, target);
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("ensemble_squared_error");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor& target = saved[1];
    const Tensor derror = grads[0].contiguous();
    Tensor dheads = empty_floats(saved[0].sizes());
    kernels::kernels().squared_error_backward(
        saved[0].size(0), target.numel(), target.size(0), target.size(1), saved[0].const_data_ptr<float>(),
        target.const_data_ptr<float>(), derror.const_data_ptr<float>(), dheads.mutable_data_ptr<float>());
    return {dheads, Tensor()};
  }
};

constexpr float kLeastSquare = 1e-6F;  // keeps the root's gradient finite at an error of zero

// roots [E, N] of every member, and their mean [N].
std::pair<Tensor, Tensor> root_error_kernel(const Tensor& heads, const Tensor& target) {
  const int64_t members = heads.size(0), rows = heads.size(1), width = heads.size(2);
  Tensor roots = empty_floats({members, rows}), mean = at::zeros({rows}, heads.options());
  const float* x = heads.const_data_ptr<float>();
  auto* root = roots.mutable_data_ptr<float>();
  auto* out = mean.mutable_data_ptr<float>();
  for (int64_t i = 0; i < members * rows; ++i) {
    const float *row = x + i * width, *aim = target.const_data_ptr<float>() + i % rows * width;
    float sum = 0.0F;
    for (int64_t k = 0; k < width; ++k) sum += (row[k] - aim[k]) * (row[k] - aim[k]);
    root[i] = std::sqrt(sum / static_cast<float>(width) + kLeastSquare);
    out[i % rows] += root[i] / static_cast<float>(members);
  }
  return {roots, mean};
}

class EnsembleRootError : public torch::autograd::Function<EnsembleRootError> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& heads, const Tensor& target) {
    const Tensor in = heads.contiguous(), aim = target.contiguous();
    auto [roots, mean] = root_error_kernel(in, aim);
    ctx->save_for_backward({in, aim, roots});
    return mean;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("ensemble_root_error");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor derror = grads[0].contiguous();
    const int64_t members = saved[0].size(0), rows = saved[0].size(1), width = saved[0].size(2);
    Tensor dheads = empty_floats(saved[0].sizes()), dtarget = at::zeros(saved[1].sizes(), saved[1].options());
    const float *x = saved[0].const_data_ptr<float>(), *aims = saved[1].const_data_ptr<float>();
    const float *roots = saved[2].const_data_ptr<float>(), *upstream = derror.const_data_ptr<float>();
    auto *dx = dheads.mutable_data_ptr<float>(), *da = dtarget.mutable_data_ptr<float>();
    for (int64_t i = 0; i < members * rows; ++i) {
      const int64_t n = i % rows;
      const float factor = upstream[n] / (static_cast<float>(members * width) * roots[i]);
      for (int64_t k = 0; k < width; ++k) {
        const float d = factor * (x[i * width + k] - aims[n * width + k]);
        dx[i * width + k] = d;
        da[n * width + k] -= d;
      }
    }
    return {dheads, dtarget};
  }
};

}  // namespace

Tensor join(const Tensor& a, const Tensor& b) {
  TORCH_CHECK(a.dim() >= 1 && a.dim() == b.dim() &&
                  a.sizes().slice(0, a.dim() - 1) == b.sizes().slice(0, b.dim() - 1),
              "join: ", a.sizes(), " and ", b.sizes(), " differ before the last dimension");
  if (!kernels_apply({a, b})) return at::cat({a, b}, -1);
  return needs_graph({a, b}) ? FusedJoin::apply(a, b) : join_kernel(a.contiguous(), b.contiguous());
}

Tensor ensemble_mean(const Tensor& x) {
  TORCH_CHECK(x.dim() >= 1 && x.size(0) >= 1, "ensemble_mean: no members in ", x.sizes());
  if (!kernels_apply({x})) return x.mean(0);
  return needs_graph({x}) ? EnsembleMean::apply(x) : mean_kernel(x.contiguous());
}

Tensor ensemble_squared_error(const Tensor& heads, const Tensor& target) {
  TORCH_CHECK(heads.dim() == 3 && target.dim() == 2 && heads.sizes().slice(1) == target.sizes(),
              "ensemble_squared_error: heads ", heads.sizes(), ", target ", target.sizes());
  const Tensor aim = target.detach();
  if (!kernels_apply({heads, aim})) return (heads - aim).square().mean(at::IntArrayRef{0, 2});
  if (needs_graph({heads})) return EnsembleError::apply(heads, aim.contiguous());
  return error_kernel(heads.contiguous(), aim.contiguous());
}

Tensor ensemble_root_error(const Tensor& heads, const Tensor& target) {
  TORCH_CHECK(heads.dim() == 3 && target.dim() == 2 && heads.sizes().slice(1) == target.sizes(),
              "ensemble_root_error: heads ", heads.sizes(), ", target ", target.sizes());
  if (!kernels_apply({heads, target}))
    return ((heads - target).square().mean(-1) + kLeastSquare).sqrt().mean(0);
  if (needs_graph({heads, target})) return EnsembleRootError::apply(heads, target);
  return root_error_kernel(heads.contiguous(), target.contiguous()).second;
}

}  // namespace reverie::tensor
