#include <ATen/TensorOperators.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "tensor/fused.h"
#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"
#include "tensor/matrix_product.h"

namespace reverie::tensor {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

enum class Tail : int64_t { kNone, kNormSilu, kNormSimnorm };

// What follows the matrix product; gamma and beta are undefined for kNone.
struct Layer {
  Tensor x, w, b, gamma, beta;
  Tail tail;
  int64_t group;
};

struct Sizes {
  int64_t members, rows, inputs, outputs;
  bool ensemble, shared;  // shared: one x for all members
};

Sizes sizes_of(const Layer& l) {
  Sizes s{};
  s.ensemble = l.w.dim() == 3;
  TORCH_CHECK(l.w.dim() == 2 || s.ensemble, "linear: w must be [O, I] or [E, O, I], got ", l.w.sizes());
  s.members = s.ensemble ? l.w.size(0) : 1;
  s.outputs = l.w.size(-2);
  s.inputs = l.w.size(-1);
  TORCH_CHECK(l.x.dim() >= 1 && l.x.size(-1) == s.inputs, "linear: x ", l.x.sizes(), " does not fit w ",
              l.w.sizes());
  s.shared = s.ensemble && l.x.dim() == 2;
  TORCH_CHECK(!s.ensemble || s.shared || (l.x.dim() == 3 && l.x.size(0) == s.members),
              "linear: an ensemble w ", l.w.sizes(), " takes x [N, I] or [E, N, I], got ", l.x.sizes());
  s.rows = 1;
  for (int64_t i = s.ensemble && !s.shared ? 1 : 0; i < l.x.dim() - 1; ++i) s.rows *= l.x.size(i);
  for (const Tensor& v : {l.b, l.gamma, l.beta}) {
    TORCH_CHECK(!v.defined() || (v.dim() == l.w.dim() - 1 && v.sizes() == l.w.sizes().slice(0, v.dim())),
                "linear: a vector of ", v.sizes(), " does not fit w ", l.w.sizes());
  }
  TORCH_CHECK(l.tail != Tail::kNormSimnorm || (l.group > 0 && s.outputs % l.group == 0),
              "simnorm: ", s.outputs, " outputs are not a multiple of the group ", l.group);
  return s;
}

Layer contiguous(const Layer& l) {
  const bool norm = l.tail != Tail::kNone;
  return {l.x.contiguous(),
          l.w.contiguous(),
          l.b.contiguous(),
          norm ? l.gamma.contiguous() : Tensor(),
          norm ? l.beta.contiguous() : Tensor(),
          l.tail,
          l.group};
}

Tensor empty_output(const Layer& l, const Sizes& s) {
  if (s.ensemble) return empty_floats({s.members, s.rows, s.outputs});
  c10::DimVector shape(l.x.sizes().begin(), l.x.sizes().end());
  shape.back() = s.outputs;
  return empty_floats(shape);
}

kernels::NormParameters member_parameters(const Layer& l, const Sizes& s, int64_t e) {
  const int64_t o = e * s.outputs;
  const bool norm = l.tail != Tail::kNone;
  return {l.b.const_data_ptr<float>() + o, norm ? l.gamma.const_data_ptr<float>() + o : nullptr,
          norm ? l.beta.const_data_ptr<float>() + o : nullptr};
}

struct ForwardResult {
  Tensor y, normalised, rstd;  // the last two only when kept for backward
};

ForwardResult forward_kernels(const Layer& l, bool keep) {
  const Sizes s = sizes_of(l);
  Tensor pre = empty_output(l, s);
  float* products = pre.mutable_data_ptr<float>();
  const float* x = l.x.const_data_ptr<float>();
  const float* w = l.w.const_data_ptr<float>();
  const int64_t block = s.rows * s.outputs;
  for (int64_t e = 0; e < s.members; ++e) {
    product_nt(s.rows, s.outputs, s.inputs, x + (s.shared ? 0 : e * s.rows * s.inputs),
               w + e * s.outputs * s.inputs, products + e * block);
  }
  const bool norm = l.tail != Tail::kNone;
  ForwardResult result{keep && norm ? empty_floats(pre.sizes()) : pre, {}, {}};
  if (keep && norm) {
    result.normalised = pre;
    result.rstd = empty_floats({s.members, s.rows});
  }
  float* y = result.y.mutable_data_ptr<float>();
  float* rstd = result.rstd.defined() ? result.rstd.mutable_data_ptr<float>() : nullptr;
  for_row_chunks(s.members, s.rows, [&](int64_t e, int64_t begin, int64_t n, int64_t) {
    const kernels::NormParameters p = member_parameters(l, s, e);
    float* in = products + e * block + begin * s.outputs;
    float* out = y + e * block + begin * s.outputs;
    float* scale = rstd == nullptr ? nullptr : rstd + e * s.rows + begin;
    switch (l.tail) {
      case Tail::kNone:
        kernels::kernels().add_bias(n, s.outputs, p.bias, in);
        break;
      case Tail::kNormSilu:
        kernels::kernels().norm_silu_forward(n, s.outputs, in, p, scale, out);
        break;
      case Tail::kNormSimnorm:
        kernels::kernels().norm_simnorm_forward(n, s.outputs, l.group, in, p, scale, out);
        break;
    }
  });
  return result;
}

struct TailGradients {
  Tensor pre;             // gradient of the product plus bias
  Tensor b, gamma, beta;  // undefined when not wanted
};

// The gradient through the tail. Parameter gradients are summed in chunks of fixed size, and the chunks in
// order, so they do not depend on the number of threads.
TailGradients backward_tail(const Layer& l, const Sizes& s, const Tensor& y, const Tensor& normalised,
                            const Tensor& rstd, const Tensor& dy, bool wanted) {
  const bool norm = l.tail != Tail::kNone;
  TailGradients g{norm ? empty_floats(dy.sizes()) : dy, {}, {}, {}};
  if (!norm && !wanted) return g;
  const int64_t parts = norm ? 3 : 1;
  const int64_t width = parts * s.outputs;
  const int64_t chunks = chunk_count(s.rows);
  const int64_t block = s.rows * s.outputs;
  Tensor partial;
  float* sums = nullptr;
  if (wanted) {
    partial = empty_floats({s.members, chunks, width});
    sums = partial.mutable_data_ptr<float>();
  }
  const float* upstream = dy.const_data_ptr<float>();
  float* dpre = norm ? g.pre.mutable_data_ptr<float>() : nullptr;
  for_row_chunks(s.members, s.rows, [&](int64_t e, int64_t begin, int64_t n, int64_t chunk) {
    const int64_t at = e * block + begin * s.outputs;
    kernels::NormGradients into{};
    if (wanted) {
      float* base = sums + (e * chunks + chunk) * width;
      std::fill_n(base, width, 0.0f);
      into = {base, base + s.outputs, base + 2 * s.outputs};
    }
    if (!norm) return kernels::kernels().add_column_sums(n, s.outputs, upstream + at, into.bias);
    const kernels::NormParameters p = member_parameters(l, s, e);
    const float* hat = normalised.const_data_ptr<float>() + at;
    const float* scale = rstd.const_data_ptr<float>() + e * s.rows + begin;
    if (l.tail == Tail::kNormSilu) {
      kernels::kernels().norm_silu_backward(n, s.outputs, hat, scale, p, upstream + at, dpre + at, into);
    } else {
      kernels::kernels().norm_simnorm_backward(n, s.outputs, l.group, hat, scale, p,
                                               y.const_data_ptr<float>() + at, upstream + at, dpre + at,
                                               into);
    }
  });
  if (!wanted) return g;
  Tensor* outputs[] = {&g.b, &g.gamma, &g.beta};
  for (int64_t part = 0; part < parts; ++part) {
    *outputs[part] = empty_floats(l.b.sizes());
    float* total = outputs[part]->mutable_data_ptr<float>();
    std::fill_n(total, s.members * s.outputs, 0.0f);
    for (int64_t e = 0; e < s.members; ++e) {
      for (int64_t c = 0; c < chunks; ++c) {
        kernels::kernels().add_column_sums(1, s.outputs, sums + (e * chunks + c) * width + part * s.outputs,
                                           total + e * s.outputs);
      }
    }
  }
  return g;
}

// Gradients of one layer from that of its output; undefined when not wanted.
struct LayerGradients {
  Tensor x, w, b, gamma, beta;
};
struct Wanted {
  bool x, w, vectors;
};

LayerGradients layer_gradients(const Layer& l, const Tensor& y, const Tensor& normalised, const Tensor& rstd,
                               const Tensor& dy, Wanted wanted) {
  const Sizes s = sizes_of(l);
  const TailGradients g = backward_tail(l, s, y, normalised, rstd, dy, wanted.vectors);
  LayerGradients out{{}, {}, g.b, g.gamma, g.beta};
  const float* dpre = g.pre.const_data_ptr<float>();
  const int64_t in_block = s.shared ? 0 : s.rows * s.inputs;
  const int64_t out_block = s.rows * s.outputs;
  const int64_t w_block = s.outputs * s.inputs;
  if (wanted.x) {
    out.x = empty_floats(l.x.sizes());
    for (int64_t e = 0; e < s.members; ++e) {
      product_nn(s.rows, s.inputs, s.outputs, dpre + e * out_block, l.w.const_data_ptr<float>() + e * w_block,
                 out.x.mutable_data_ptr<float>() + e * in_block, s.shared && e > 0);
    }
  }
  if (wanted.w) {
    out.w = empty_floats(l.w.sizes());
    for (int64_t e = 0; e < s.members; ++e) {
      product_tn(s.outputs, s.inputs, s.rows, dpre + e * out_block,
                 l.x.const_data_ptr<float>() + e * in_block, out.w.mutable_data_ptr<float>() + e * w_block);
    }
  }
  return out;
}

class FusedLinear : public torch::autograd::Function<FusedLinear> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& w, const Tensor& b,
                        const Tensor& gamma, const Tensor& beta, int64_t tail, int64_t group) {
    const Layer l = contiguous({x, w, b, gamma, beta, static_cast<Tail>(tail), group});
    const ForwardResult r = forward_kernels(l, true);
    ctx->saved_data["tail"] = tail;
    ctx->saved_data["group"] = group;
    const Tensor y = l.tail == Tail::kNormSimnorm ? r.y : Tensor();
    ctx->save_for_backward({l.x, l.w, l.b, l.gamma, l.beta, y, r.normalised, r.rstd});
    return r.y;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("linear");
    const tensor_list saved = ctx->get_saved_variables();
    const Layer l{saved[0],
                  saved[1],
                  saved[2],
                  saved[3],
                  saved[4],
                  static_cast<Tail>(ctx->saved_data["tail"].toInt()),
                  ctx->saved_data["group"].toInt()};
    const bool vectors = ctx->needs_input_grad(2) || ctx->needs_input_grad(3) || ctx->needs_input_grad(4);
    const LayerGradients g = layer_gradients(l, saved[5], saved[6], saved[7], grads[0].contiguous(),
                                             {ctx->needs_input_grad(0), ctx->needs_input_grad(1), vectors});
    return {g.x, g.w, g.b, g.gamma, g.beta, Tensor(), Tensor()};
  }
};

// The layers of a stack without their input: w, b, gamma, beta each; a last one of w, b has no tail.
std::vector<Layer> stacked(at::TensorList tensors) {
  TORCH_CHECK(tensors.size() >= 2 && tensors.size() % 2 == 0, "normed_stack: ", tensors.size(), " tensors");
  std::vector<Layer> out;
  for (size_t i = 0; i < tensors.size(); i += 4) {
    const bool norm = i + 2 < tensors.size();
    out.push_back({{},
                   tensors[i].contiguous(),
                   tensors[i + 1].contiguous(),
                   norm ? tensors[i + 2].contiguous() : Tensor(),
                   norm ? tensors[i + 3].contiguous() : Tensor(),
                   norm ? Tail::kNormSilu : Tail::kNone,
                   0});
  }
  return out;
}

Tensor stack_kernels(const Tensor& x, at::TensorList tensors) {
  Tensor y = x.contiguous();
  for (Layer& l : stacked(tensors)) {
    l.x = y;
    y = forward_kernels(l, false).y;
  }
  return y;
}

class FusedStack : public torch::autograd::Function<FusedStack> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, at::TensorList tensors) {
    tensor_list saved(tensors.begin(), tensors.end());
    Tensor y = x.contiguous();
    for (Layer& l : stacked(tensors)) {
      l.x = y;
      const ForwardResult r = forward_kernels(l, true);
      saved.insert(saved.end(), {l.x, r.normalised, r.rstd});
      y = r.y;
    }
    ctx->saved_data["tensors"] = static_cast<int64_t>(tensors.size());
    ctx->save_for_backward(saved);
    return y;
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    check_first_order("normed_stack");
    const tensor_list saved = ctx->get_saved_variables();
    const auto count = static_cast<size_t>(ctx->saved_data["tensors"].toInt());
    std::vector<Layer> layers = stacked(at::TensorList(saved).slice(0, count));
    tensor_list out(1 + count);
    Tensor dy = grads[0].contiguous();
    for (size_t i = layers.size(); i-- > 0;) {
      const Tensor* kept = &saved[count + 3 * i];  // its input, the normalised rows and their scale
      layers[i].x = kept[0];
      const size_t first = 1 + 4 * i;  // of its gradients
      const bool learns = ctx->needs_input_grad(first);
      const LayerGradients g = layer_gradients(layers[i], {}, kept[1], kept[2], dy,
                                               {i > 0 || ctx->needs_input_grad(0), learns, learns});
      out[first] = g.w;
      out[first + 1] = g.b;
      if (layers[i].tail != Tail::kNone) {
        out[first + 2] = g.gamma;
        out[first + 3] = g.beta;
      }
      dy = g.x;
    }
    out[0] = dy;
    return out;
  }
};

Tensor composed(const Layer& l) {
  const Sizes s = sizes_of(l);
  Tensor y;
  if (s.ensemble) {
    const Tensor x = s.shared ? l.x.unsqueeze(0).expand({s.members, s.rows, s.inputs}) : l.x;
    y = at::baddbmm(l.b.unsqueeze(1), x, l.w.transpose(1, 2));
  } else {
    y = at::linear(l.x, l.w, l.b);
  }
  if (l.tail == Tail::kNone) return y;
  if (s.ensemble) {
    y = at::layer_norm(y, {s.outputs}, {}, {}, kernels::kNormEpsilon) * l.gamma.unsqueeze(1) +
        l.beta.unsqueeze(1);
  } else {
    y = at::layer_norm(y, {s.outputs}, l.gamma, l.beta, kernels::kNormEpsilon);
  }
  return l.tail == Tail::kNormSilu ? at::silu(y) : simnorm(y, l.group);
}

Tensor apply(const Layer& l) {
  if (!kernels_apply({l.x, l.w, l.b})) return composed(l);
  const bool norm = l.tail != Tail::kNone;
  if (needs_graph({l.x, l.w, l.b, l.gamma, l.beta})) {
    // An autograd function takes no undefined tensor: the bias stands in, and gets no second gradient.
    return FusedLinear::apply(l.x, l.w, l.b, norm ? l.gamma : l.b, norm ? l.beta : l.b,
                              static_cast<int64_t>(l.tail), l.group);
  }
  return forward_kernels(contiguous(l), false).y;
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b) {
  return apply({x, w, b, {}, {}, Tail::kNone, 0});
}

Tensor linear_norm_silu(const Tensor& x, const Tensor& w, const Tensor& b, const Tensor& gamma,
                        const Tensor& beta) {
  return apply({x, w, b, gamma, beta, Tail::kNormSilu, 0});
}

Tensor normed_stack(const Tensor& x, at::TensorList layers) {
  if (!kernels_apply({x, layers[0]})) {
    Tensor y = x;
    for (Layer& l : stacked(layers)) {
      l.x = y;
      y = composed(l);
    }
    return y;
  }
  const bool learns =
      std::any_of(layers.begin(), layers.end(), [](const Tensor& t) { return t.requires_grad(); });
  const bool graph = at::GradMode::is_enabled() && (learns || x.requires_grad());
  return graph ? FusedStack::apply(x, layers) : stack_kernels(x, layers);
}

Tensor linear_norm_simnorm(const Tensor& x, const Tensor& w, const Tensor& b, const Tensor& gamma,
                           const Tensor& beta, int64_t group) {
  return apply({x, w, b, gamma, beta, Tail::kNormSimnorm, group});
}

}  // namespace reverie::tensor
