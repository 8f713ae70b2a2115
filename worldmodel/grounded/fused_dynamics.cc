#include "worldmodel/grounded/fused_dynamics.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>

#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"
#include "tensor/matrix_product.h"

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using tensor::empty_floats;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

struct InputSizes {
  int64_t rows, z, a, o, p;
  int64_t pair() const { return o + a; }
  int64_t all() const { return z + a + p; }
  int64_t skip() const { return o + a + p; }
};

InputSizes sizes_of(const Tensor& z, const Tensor& a, const Tensor& left) {
  return {z.size(0), z.size(1), a.size(1), left.size(1) - a.size(1), left.size(0)};
}

struct Inputs {
  Tensor all, skip;
  Tensor pair, l, r;  // [N, O+A], and both factors of the products [N, P]
};

Tensor factor(const InputSizes& s, const Tensor& pair, const Tensor& weight, const Tensor& bias) {
  Tensor y = empty_floats({s.rows, s.p});
  auto* to = y.mutable_data_ptr<float>();
  tensor::product_nt(s.rows, s.p, s.pair(), pair.const_data_ptr<float>(), weight.const_data_ptr<float>(), to);
  tensor::kernels::kernels().add_bias(s.rows, s.p, bias.const_data_ptr<float>(), to);
  return y;
}

Inputs inputs_of(const Tensor& z, const Tensor& a, const tensor_list& w) {
  const InputSizes s = sizes_of(z, a, w[0]);
  Inputs out{empty_floats({s.rows, s.all()}), empty_floats({s.rows, s.skip()}),
             empty_floats({s.rows, s.pair()}), Tensor(), Tensor()};
  const float *from_z = z.const_data_ptr<float>(), *from_a = a.const_data_ptr<float>();
  auto* pair = out.pair.mutable_data_ptr<float>();
  for (int64_t n = 0; n < s.rows; ++n)
    std::copy_n(from_a + n * s.a, s.a, std::copy_n(from_z + n * s.z, s.o, pair + n * s.pair()));
  out.l = factor(s, out.pair, w[0], w[1]);
  out.r = factor(s, out.pair, w[2], w[3]);
  const float *l = out.l.const_data_ptr<float>(), *r = out.r.const_data_ptr<float>();
  auto *all = out.all.mutable_data_ptr<float>(), *skip = out.skip.mutable_data_ptr<float>();
  for (int64_t n = 0; n < s.rows; ++n, l += s.p, r += s.p, all += s.all(), skip += s.skip()) {
    float* products = std::copy_n(pair + n * s.pair(), s.pair(), skip);
    for (int64_t k = 0; k < s.p; ++k) products[k] = l[k] * r[k];
    float* rest = std::copy_n(from_a + n * s.a, s.a, std::copy_n(from_z + n * s.z, s.z, all));
    std::copy_n(products, s.p, rest);
  }
  return out;
}

// Gradients of one factor's weight and bias.
void layer_gradients(const InputSizes& s, const Tensor& d, const Tensor& pair, Tensor& weight, Tensor& bias) {
  weight = empty_floats({s.p, s.pair()});
  tensor::product_tn(s.p, s.pair(), s.rows, d.const_data_ptr<float>(), pair.const_data_ptr<float>(),
                     weight.mutable_data_ptr<float>());
  bias = empty_floats({s.p});
  auto* sums = bias.mutable_data_ptr<float>();
  std::fill_n(sums, s.p, 0.0F);
  tensor::kernels::kernels().add_column_sums(s.rows, s.p, d.const_data_ptr<float>(), sums);
}

class FusedInputs : public torch::autograd::Function<FusedInputs> {
 public:
  static tensor_list forward(AutogradContext* ctx, const Tensor& z, const Tensor& a, const Tensor& left,
                             const Tensor& left_bias, const Tensor& right, const Tensor& right_bias) {
    const Inputs out = inputs_of(z, a, {left, left_bias, right, right_bias});
    ctx->save_for_backward({z, a, left, right, out.pair, out.l, out.r});
    return {out.all, out.skip};
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    tensor::check_first_order("fused_inputs_of");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor &left = saved[2], &right = saved[3], &pair = saved[4];
    const InputSizes s = sizes_of(saved[0], saved[1], left);
    const Tensor of_all = given(grads[0], {s.rows, s.all()}), of_skip = given(grads[1], {s.rows, s.skip()});
    Tensor dl = empty_floats({s.rows, s.p}), dr = empty_floats({s.rows, s.p});
    product_gradients(s, of_all, of_skip, saved[5], saved[6], dl, dr);
    Tensor dpair = empty_floats({s.rows, s.pair()});
    tensor::product_nn(s.rows, s.pair(), s.p, dl.const_data_ptr<float>(), left.const_data_ptr<float>(),
                       dpair.mutable_data_ptr<float>());
    tensor::product_nn(s.rows, s.pair(), s.p, dr.const_data_ptr<float>(), right.const_data_ptr<float>(),
                       dpair.mutable_data_ptr<float>(), true);
    tensor_list out(6);
    out[0] = empty_floats({s.rows, s.z});
    out[1] = empty_floats({s.rows, s.a});
    spread(s, of_all, of_skip, dpair, out[0], out[1]);
    if (ctx->needs_input_grad(2)) {
      layer_gradients(s, dl, pair, out[2], out[3]);
      layer_gradients(s, dr, pair, out[4], out[5]);
    }
    return out;
  }

 private:
  static Tensor given(const Tensor& gradient, at::IntArrayRef shape) {
    return gradient.defined() ? gradient.contiguous() : at::zeros(shape, at::kFloat);
  }

  // Of both factors, from the products' places in both outputs.
  static void product_gradients(const InputSizes& s, const Tensor& of_all, const Tensor& of_skip,
                                const Tensor& left, const Tensor& right, Tensor& dl, Tensor& dr) {
    const float *l = left.const_data_ptr<float>(), *r = right.const_data_ptr<float>(),
                *all = of_all.const_data_ptr<float>() + s.z + s.a,
                *skip = of_skip.const_data_ptr<float>() + s.pair();
    auto *to_l = dl.mutable_data_ptr<float>(), *to_r = dr.mutable_data_ptr<float>();
    for (int64_t n = 0; n < s.rows; ++n, l += s.p, r += s.p, to_l += s.p, to_r += s.p) {
      for (int64_t k = 0; k < s.p; ++k) {
        const float d = all[n * s.all() + k] + skip[n * s.skip() + k];
        to_l[k] = d * r[k];
        to_r[k] = d * l[k];
      }
    }
  }

  // Of z and a, from their places in both outputs and from the products.
  static void spread(const InputSizes& s, const Tensor& of_all, const Tensor& of_skip, const Tensor& of_pair,
                     Tensor& dz, Tensor& da) {
    const float *all = of_all.const_data_ptr<float>(), *skip = of_skip.const_data_ptr<float>(),
                *pair = of_pair.const_data_ptr<float>();
    auto *to_z = dz.mutable_data_ptr<float>(), *to_a = da.mutable_data_ptr<float>();
    for (int64_t n = 0; n < s.rows; ++n, all += s.all(), skip += s.skip(), pair += s.pair()) {
      std::copy_n(all, s.z, to_z + n * s.z);
      for (int64_t i = 0; i < s.o; ++i) to_z[n * s.z + i] += skip[i] + pair[i];
      for (int64_t i = 0; i < s.a; ++i) to_a[n * s.a + i] = all[s.z + i] + skip[s.o + i] + pair[s.o + i];
    }
  }
};

struct ChangeSizes {
  int64_t members, rows, h, skip, o;
};

ChangeSizes sizes_of_change(const Tensor& h, const Tensor& skip, const Tensor& out) {
  return {h.size(0), h.size(1), h.size(2), skip.size(1), out.size(1)};
}

// in: h, weight and bias of its layer, skip, weight and bias of its layer.
Tensor change_of(const tensor_list& in) {
  const ChangeSizes s = sizes_of_change(in[0], in[3], in[1]);
  Tensor change = empty_floats({s.members, s.rows, s.o});
  const float *h = in[0].const_data_ptr<float>(), *w = in[1].const_data_ptr<float>(),
              *skip = in[3].const_data_ptr<float>(), *v = in[4].const_data_ptr<float>();
  auto* to = change.mutable_data_ptr<float>();
  const tensor::kernels::Kernels& k = tensor::kernels::kernels();
  for (int64_t e = 0; e < s.members; ++e, to += s.rows * s.o) {
    tensor::product_nt(s.rows, s.o, s.h, h + e * s.rows * s.h, w + e * s.o * s.h, to);
    tensor::product_nt(s.rows, s.o, s.skip, skip, v + e * s.o * s.skip, to, true);
    k.add_bias(s.rows, s.o, in[2].const_data_ptr<float>() + e * s.o, to);
    k.add_bias(s.rows, s.o, in[5].const_data_ptr<float>() + e * s.o, to);
  }
  return change;
}

class FusedChange : public torch::autograd::Function<FusedChange> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& h, const Tensor& w, const Tensor& b,
                        const Tensor& skip, const Tensor& v, const Tensor& c) {
    ctx->save_for_backward({h, w, skip, v});
    return change_of({h, w, b, skip, v, c});
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    tensor::check_first_order("fused_change");
    const tensor_list saved = ctx->get_saved_variables();
    const Tensor &h = saved[0], &w = saved[1], &skip = saved[2], &v = saved[3];
    const ChangeSizes s = sizes_of_change(h, skip, w);
    const Tensor upstream = grads[0].contiguous();
    tensor_list out(6);
    out[0] = empty_floats(h.sizes());
    out[3] = empty_floats(skip.sizes());
    const bool learns = ctx->needs_input_grad(1);
    if (learns) {
      out[1] = empty_floats(w.sizes());
      out[4] = empty_floats(v.sizes());
      out[2] = at::zeros({s.members, s.o}, w.options());
    }
    for (int64_t e = 0; e < s.members; ++e) {
      const float* dy = upstream.const_data_ptr<float>() + e * s.rows * s.o;
      tensor::product_nn(s.rows, s.h, s.o, dy, w.const_data_ptr<float>() + e * s.o * s.h,
                         out[0].mutable_data_ptr<float>() + e * s.rows * s.h);
      tensor::product_nn(s.rows, s.skip, s.o, dy, v.const_data_ptr<float>() + e * s.o * s.skip,
                         out[3].mutable_data_ptr<float>(), e > 0);
      if (!learns) continue;
      tensor::product_tn(s.o, s.h, s.rows, dy, h.const_data_ptr<float>() + e * s.rows * s.h,
                         out[1].mutable_data_ptr<float>() + e * s.o * s.h);
      tensor::product_tn(s.o, s.skip, s.rows, dy, skip.const_data_ptr<float>(),
                         out[4].mutable_data_ptr<float>() + e * s.o * s.skip);
      tensor::kernels::kernels().add_column_sums(s.rows, s.o, dy, out[2].mutable_data_ptr<float>() + e * s.o);
    }
    if (learns) out[5] = out[2].clone();  // both biases add to the same
    return out;
  }
};

// The predicted s before it is kept within its range.
float moved(float s, float unit, const float* change, int64_t stride, int64_t members) {
  float mean = 0.0F;
  for (int64_t e = 0; e < members; ++e) mean += change[e * stride];
  return s + unit * (mean / static_cast<float>(members));
}

Tensor land(const tensor_list& in) {
  const int64_t members = in[1].size(0), rows = in[1].size(1), o = in[1].size(2), l = in[2].size(2),
                width = o + l;
  Tensor out = empty_floats({rows, width});
  const float *z = in[0].const_data_ptr<float>(), *change = in[1].const_data_ptr<float>(),
              *features = in[2].const_data_ptr<float>(), *unit = in[3].const_data_ptr<float>(),
              *low = in[4].const_data_ptr<float>(), *high = in[5].const_data_ptr<float>();
  auto* to = out.mutable_data_ptr<float>();
  const float share = 1.0F / static_cast<float>(members);
  for (int64_t n = 0; n < rows; ++n, to += width) {
    for (int64_t i = 0; i < o; ++i) {
      const float next = moved(z[n * width + i], unit[i], change + n * o + i, rows * o, members);
      to[i] = std::clamp(next, low[i], high[i]);
    }
    float* u = to + o;
    std::fill_n(u, l, 0.0F);
    for (int64_t e = 0; e < members; ++e) {
      const float* of_head = features + (e * rows + n) * l;
      for (int64_t i = 0; i < l; ++i) u[i] += share * of_head[i];
    }
  }
  return out;
}

class FusedLanding : public torch::autograd::Function<FusedLanding> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& z, const Tensor& change, const Tensor& features,
                        const Tensor& unit, const Tensor& low, const Tensor& high) {
    const tensor_list in = {z, change, features, unit, low, high};
    ctx->save_for_backward(in);
    return land(in);
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    tensor::check_first_order("fused_landing");
    const tensor_list in = ctx->get_saved_variables();
    const int64_t members = in[1].size(0), rows = in[1].size(1), o = in[1].size(2), l = in[2].size(2),
                  width = o + l;
    const Tensor upstream = grads[0].contiguous();
    tensor_list out(6);
    for (size_t i = 0; i < 3; ++i) out[i] = empty_floats(in[i].sizes());
    const float *z = in[0].const_data_ptr<float>(), *change = in[1].const_data_ptr<float>(),
                *unit = in[3].const_data_ptr<float>(), *low = in[4].const_data_ptr<float>(),
                *high = in[5].const_data_ptr<float>(), *g = upstream.const_data_ptr<float>();
    auto *dz = out[0].mutable_data_ptr<float>(), *dchange = out[1].mutable_data_ptr<float>(),
         *dfeatures = out[2].mutable_data_ptr<float>();
    const float share = 1.0F / static_cast<float>(members);
    for (int64_t n = 0; n < rows; ++n, g += width, dz += width) {
      for (int64_t i = 0; i < o; ++i) {
        const float next = moved(z[n * width + i], unit[i], change + n * o + i, rows * o, members);
        dz[i] = low[i] <= next && next <= high[i] ? g[i] : 0.0F;
        for (int64_t e = 0; e < members; ++e) dchange[(e * rows + n) * o + i] = share * unit[i] * dz[i];
      }
      std::fill_n(dz + o, l, 0.0F);
      for (int64_t e = 0; e < members; ++e) {
        float* of_head = dfeatures + (e * rows + n) * l;
        for (int64_t i = 0; i < l; ++i) of_head[i] = share * g[o + i];
      }
    }
    return out;
  }
};

}  // namespace

bool fused_dynamics_apply(const at::Tensor& z) { return tensor::kernels_apply({z}); }

DynamicsInputs fused_inputs_of(const at::Tensor& z, const at::Tensor& a, const tensor::LinearLayer& left,
                               const tensor::LinearLayer& right) {
  const Tensor from_z = z.contiguous(), from_a = a.contiguous();
  const tensor_list w = {left.weight, left.bias, right.weight, right.bias};
  if (tensor::needs_graph({from_z, from_a, w[0]})) {
    const tensor_list out = FusedInputs::apply(from_z, from_a, w[0], w[1], w[2], w[3]);
    return {out[0], out[1]};
  }
  const Inputs out = inputs_of(from_z, from_a, w);
  return {out.all, out.skip};
}

at::Tensor fused_change(const at::Tensor& h, const tensor::LinearLayer& out, const at::Tensor& skip,
                        const tensor::LinearLayer& residual) {
  const tensor_list in = {h.contiguous(),    out.weight,      out.bias,
                          skip.contiguous(), residual.weight, residual.bias};
  if (tensor::needs_graph({in[0], in[1], in[3]}))
    return FusedChange::apply(in[0], in[1], in[2], in[3], in[4], in[5]);
  return change_of(in);
}

at::Tensor fused_landing(const at::Tensor& z, const at::Tensor& change, const at::Tensor& features,
                         const at::Tensor& unit, const at::Tensor& low, const at::Tensor& high) {
  const tensor_list in = {z.contiguous(), change.contiguous(), features.contiguous(), unit, low, high};
  if (tensor::needs_graph({in[0], in[1], in[2]}))
    return FusedLanding::apply(in[0], in[1], in[2], in[3], in[4], in[5]);
  return land(in);
}

}  // namespace reverie::worldmodel
