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

// Runs f(first entry, number of entries) over whole groups.
template <class F>
void for_entries(int64_t n, int64_t group, const F& f) {
  constexpr int64_t kEntries = 4096;
  parallel_for(0, n / group, std::max<int64_t>(1, kEntries / group),
               [&](int64_t begin, int64_t end) { f(begin * group, (end - begin) * group); });
}

Tensor forward_kernel(const Tensor& input, int64_t group) {
  const Tensor x = input.contiguous();
  Tensor y = empty_floats(x.sizes());
  const float* in = x.const_data_ptr<float>();
  float* out = y.mutable_data_ptr<float>();
  for_entries(x.numel(), group, [&](int64_t first, int64_t n) {
    kernels::kernels().simnorm_forward(n, group, in + first, out + first);
  });
  return y;
}

class FusedSimnorm : public torch::autograd::Function<FusedSimnorm> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, int64_t group) {
    Tensor y = forward_kernel(x, group);
    ctx->saved_data["group"] = group;
    ctx->save_for_backward({y});
    return y;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("simnorm");
    const Tensor y = ctx->get_saved_variables()[0];
    const int64_t group = ctx->saved_data["group"].toInt();
    const Tensor dy = grads[0].contiguous();
    Tensor dx = empty_floats(y.sizes());
    const float* out = y.const_data_ptr<float>();
    const float* upstream = dy.const_data_ptr<float>();
    float* into = dx.mutable_data_ptr<float>();
    for_entries(y.numel(), group, [&](int64_t first, int64_t n) {
      kernels::kernels().simnorm_backward(n, group, out + first, upstream + first, into + first);
    });
    return {dx, Tensor()};
  }
};

}  // namespace

Tensor simnorm(const Tensor& x, int64_t group) {
  TORCH_CHECK(x.dim() >= 1 && group > 0 && x.size(-1) % group == 0, "simnorm: the last dimension of ",
              x.sizes(), " is not a multiple of the group ", group);
  if (!kernels_apply({x})) return at::softmax(x.unflatten(-1, {x.size(-1) / group, group}), -1).flatten(-2);
  return needs_graph({x}) ? FusedSimnorm::apply(x, group) : forward_kernel(x, group);
}

}  // namespace reverie::tensor
