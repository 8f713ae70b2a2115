#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tensor/fused_common.h"
#include "worldmodel/mechanics/fused_steps.h"
#include "worldmodel/mechanics/kept.h"

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

float dot(const std::array<float, 3>& a, const float* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

// Where the groups of inputs begin.
struct Columns {
  int64_t rest, lengths, cosines, sines, stops, touches, ends, points;
  Columns(const InputLayout& layout, int64_t velocities, int64_t rest_size)
      : rest(velocities),
        lengths(rest + rest_size),
        cosines(lengths + std::ssize(layout.lengths)),
        sines(cosines + std::ssize(layout.angles)),
        stops(sines + std::ssize(layout.angles)),
        touches(stops + 8 * std::ssize(layout.limited)),
        ends(2 * std::ssize(layout.limited)),
        points(layout.points) {}
};

// One end of a limited joint.
struct Stop {
  float beyond, speed, soon;
};
Stop stop_of(const InputLayout& layout, size_t l, bool high, const float* q, const float* v) {
  const float position = q[layout.limited[l]], speed = v[layout.limited_speed[l]];
  const float beyond = high ? position - layout.high[l] : layout.low[l] - position;
  const float outward = high ? speed : -speed;
  return {beyond, outward, beyond + layout.dt * outward};
}

void stops_forward(const InputLayout& layout, const Columns& at, const float* q, const float* v, float* x) {
  const size_t joints = layout.limited.size();
  for (size_t c = 0; c < 2 * joints; ++c) {
    const size_t l = c % joints;
    const Stop stop = stop_of(layout, l, c < joints, q, v);
    float* out = x + at.stops + static_cast<int64_t>(c);
    const float on = sigmoid(stop.soon / layout.near[l]);
    out[0] = std::max(stop.soon, 0.0F) / layout.far[l];
    out[at.ends] = std::max(stop.beyond, 0.0F) / layout.near[l];
    out[2 * at.ends] = on;
    out[3 * at.ends] = on * stop.speed;
  }
}

void stops_backward(const InputLayout& layout, const Columns& at, const float* q, const float* v,
                    const float* x, const float* g, float* dq, float* dv) {
  const size_t joints = layout.limited.size();
  for (size_t c = 0; c < 2 * joints; ++c) {
    const size_t l = c % joints;
    const bool high = c < joints;
    const Stop stop = stop_of(layout, l, high, q, v);
    const int64_t column = at.stops + static_cast<int64_t>(c);
    const float on = x[column + 2 * at.ends];
    const float d_on = g[column + 2 * at.ends] + g[column + 3 * at.ends] * stop.speed;
    const float d_soon =
        (stop.soon > 0.0F ? g[column] / layout.far[l] : 0.0F) + d_on * on * (1.0F - on) / layout.near[l];
    const float d_beyond = (stop.beyond > 0.0F ? g[column + at.ends] / layout.near[l] : 0.0F) + d_soon;
    const float d_speed = g[column + 3 * at.ends] * on + layout.dt * d_soon;
    dq[layout.limited[l]] += high ? d_beyond : -d_beyond;
    dv[layout.limited_speed[l]] += high ? d_speed : -d_speed;
  }
}

void touches_forward(const InputLayout& layout, const Columns& at, const float* clearance,
                     const float* approach, const float* slide, float* x) {
  for (int64_t p = 0; p < at.points; ++p) {
    float* out = x + at.touches + p;
    const float soon = clearance[p] + layout.dt * approach[p];
    const float on = sigmoid(clearance[p] / -kHeightNow), soon_on = sigmoid(soon / -kHeightSoon);
    const float values[] = {std::min(clearance[p], kHeightMost),
                            std::min(soon, kHeightMost),
                            std::max(-soon, 0.0F) / kDepth,
                            on,
                            soon_on,
                            on * approach[p],
                            soon_on * approach[p]};
    for (const float value : values) {
      *out = value;
      out += at.points;
    }
    for (const auto& direction : layout.directions) {
      const float speed = dot(direction[static_cast<size_t>(p)], slide + 3 * p);
      *out = on * speed;
      out[at.points] = soon_on * speed;
      out += 2 * at.points;
    }
  }
}

struct TouchGradients {
  float *clearance, *approach, *slide;
};

void touches_backward(const InputLayout& layout, const Columns& at, const float* clearance,
                      const float* approach, const float* slide, const float* x, const float* g,
                      const TouchGradients& d) {
  for (int64_t p = 0; p < at.points; ++p) {
    const float* in = g + at.touches + p;
    const auto of = [&](int64_t k) { return in[k * at.points]; };
    const float on = x[at.touches + p + 3 * at.points], soon_on = x[at.touches + p + 4 * at.points];
    const float soon = clearance[p] + layout.dt * approach[p];
    float d_on = of(3) + of(5) * approach[p], d_soon_on = of(4) + of(6) * approach[p];
    for (size_t k = 0; k < layout.directions.size(); ++k) {
      const auto& direction = layout.directions[k][static_cast<size_t>(p)];
      const float g_on = of(7 + 2 * static_cast<int64_t>(k)), g_soon = of(8 + 2 * static_cast<int64_t>(k));
      const float speed = dot(direction, slide + 3 * p), d_speed = g_on * on + g_soon * soon_on;
      d_on += g_on * speed;
      d_soon_on += g_soon * speed;
      for (size_t i = 0; i < 3; ++i) d.slide[3 * p + static_cast<int64_t>(i)] += d_speed * direction[i];
    }
    const float d_soon = (soon < kHeightMost ? of(1) : 0.0F) - (soon < 0.0F ? of(2) / kDepth : 0.0F) -
                         d_soon_on * soon_on * (1.0F - soon_on) / kHeightSoon;
    d.clearance[p] =
        (clearance[p] < kHeightMost ? of(0) : 0.0F) - d_on * on * (1.0F - on) / kHeightNow + d_soon;
    d.approach[p] = of(5) * on + of(6) * soon_on + layout.dt * d_soon;
  }
}

struct Widths {
  int64_t positions, velocities, rest;
};

// Raw inputs [N, I].
Tensor raw_inputs(const InputLayout& layout, const tensor_list& in) {
  const int64_t rows = in[0].size(0), nq = in[0].size(1), nv = in[1].size(1), r = in[2].size(1);
  const Columns at(layout, nv, r);
  const int64_t width = layout.size(nv, r);
  Tensor out = tensor::empty_floats({rows, width});
  const float *q = in[0].const_data_ptr<float>(), *v = in[1].const_data_ptr<float>(),
              *rest = in[2].const_data_ptr<float>();
  auto* x = out.mutable_data_ptr<float>();
  for (int64_t n = 0; n < rows; ++n, q += nq, v += nv, rest += r, x += width) {
    std::copy_n(v, nv, x);
    std::copy_n(rest, r, x + at.rest);
    for (size_t i = 0; i < layout.lengths.size(); ++i)
      x[at.lengths + static_cast<int64_t>(i)] = q[layout.lengths[i]];
    for (size_t i = 0; i < layout.angles.size(); ++i) {
      x[at.cosines + static_cast<int64_t>(i)] = std::cos(q[layout.angles[i]]);
      x[at.sines + static_cast<int64_t>(i)] = std::sin(q[layout.angles[i]]);
    }
    stops_forward(layout, at, q, v, x);
    if (at.points > 0)
      touches_forward(layout, at, in[3].const_data_ptr<float>() + n * at.points,
                      in[4].const_data_ptr<float>() + n * at.points,
                      in[5].const_data_ptr<float>() + n * at.points * 3, x);
  }
  return out;
}

Tensor standardised(const Tensor& raw, const Tensor& mean, const Tensor& deviation) {
  Tensor out = tensor::empty_floats(raw.sizes());
  const int64_t rows = raw.size(0), width = raw.size(1);
  const float *x = raw.const_data_ptr<float>(), *m = mean.const_data_ptr<float>(),
              *d = deviation.const_data_ptr<float>();
  auto* y = out.mutable_data_ptr<float>();
  for (int64_t n = 0; n < rows; ++n, x += width, y += width)
    for (int64_t i = 0; i < width; ++i) y[i] = std::clamp((x[i] - m[i]) / d[i], -kMostInput, kMostInput);
  return out;
}

tensor_list gradients(const InputLayout& layout, const tensor_list& in, const Tensor& raw, const Tensor& mean,
                      const Tensor& deviation, const Tensor& upstream) {
  const int64_t rows = in[0].size(0), nq = in[0].size(1), nv = in[1].size(1), r = in[2].size(1);
  const Columns at(layout, nv, r);
  const int64_t width = raw.size(1), points = at.points;
  tensor_list out;
  for (const Tensor& t : in) out.push_back(t.defined() ? at::zeros(t.sizes(), t.options()) : Tensor());
  std::vector<float> g(static_cast<size_t>(width));
  const float *middle = mean.const_data_ptr<float>(), *scale = deviation.const_data_ptr<float>();
  for (int64_t n = 0; n < rows; ++n) {
    const float *q = in[0].const_data_ptr<float>() + n * nq, *v = in[1].const_data_ptr<float>() + n * nv;
    const float *x = raw.const_data_ptr<float>() + n * width,
                *up = upstream.const_data_ptr<float>() + n * width;
    auto *dq = out[0].mutable_data_ptr<float>() + n * nq, *dv = out[1].mutable_data_ptr<float>() + n * nv;
    for (int64_t i = 0; i < width; ++i) {
      const bool clamped = std::abs((x[i] - middle[i]) / scale[i]) > kMostInput;
      g[static_cast<size_t>(i)] = clamped ? 0.0F : up[i] / scale[i];
    }
    std::copy_n(g.data(), nv, dv);
    std::copy_n(g.data() + at.rest, r, out[2].mutable_data_ptr<float>() + n * r);
    for (size_t i = 0; i < layout.lengths.size(); ++i)
      dq[layout.lengths[i]] += g[static_cast<size_t>(at.lengths) + i];
    for (size_t i = 0; i < layout.angles.size(); ++i) {
      const auto k = static_cast<int64_t>(i);
      dq[layout.angles[i]] += g[static_cast<size_t>(at.sines) + i] * x[at.cosines + k] -
                              g[static_cast<size_t>(at.cosines) + i] * x[at.sines + k];
    }
    stops_backward(layout, at, q, v, x, g.data(), dq, dv);
    if (points > 0)
      touches_backward(
          layout, at, in[3].const_data_ptr<float>() + n * points, in[4].const_data_ptr<float>() + n * points,
          in[5].const_data_ptr<float>() + n * points * 3, x, g.data(),
          {out[3].mutable_data_ptr<float>() + n * points, out[4].mutable_data_ptr<float>() + n * points,
           out[5].mutable_data_ptr<float>() + n * points * 3});
  }
  return out;
}

class FusedInputs : public torch::autograd::Function<FusedInputs> {
 public:
  static Tensor forward(AutogradContext* ctx, const std::shared_ptr<const InputLayout>& layout,
                        const Tensor& mean, const Tensor& deviation, const Tensor& position,
                        const Tensor& velocity, const Tensor& rest, const Tensor& clearance,
                        const Tensor& approach, const Tensor& slide) {
    const tensor_list in = {position, velocity, rest, clearance, approach, slide};
    const Tensor raw = raw_inputs(*layout, in);
    ctx->save_for_backward({position, velocity, rest, clearance, approach, slide, raw, mean, deviation});
    keep(ctx, layout);
    return standardised(raw, mean, deviation);
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    tensor::check_first_order("fused_inputs");
    tensor_list saved = ctx->get_saved_variables();
    const Tensor deviation = saved.back();
    saved.pop_back();
    const Tensor mean = saved.back();
    saved.pop_back();
    const Tensor raw = saved.back();
    saved.pop_back();
    const auto& layout = kept<InputLayout>(ctx);
    tensor_list out(3);  // of layout, mean and deviation: none
    for (const Tensor& gradient : gradients(layout, saved, raw, mean, deviation, grads[0].contiguous()))
      out.push_back(gradient);
    return out;
  }
};

}  // namespace

int64_t InputLayout::size(int64_t velocities, int64_t rest) const {
  return velocities + rest + std::ssize(lengths) + 2 * std::ssize(angles) + 8 * std::ssize(limited) +
         points * (7 + 2 * std::ssize(directions));
}

bool fused_inputs_apply(const InputSources& sources) {
  return tensor::kernels_apply({sources.position, sources.velocity, sources.rest});
}

at::Tensor fused_inputs(const std::shared_ptr<const InputLayout>& layout, const InputSources& sources,
                        const at::Tensor& mean, const at::Tensor& deviation) {
  const Tensor none = tensor::empty_floats({0});
  const auto plain = [&](const Tensor& t) { return t.defined() ? t.contiguous() : none; };
  const Tensor q = plain(sources.position), v = plain(sources.velocity), rest = plain(sources.rest);
  const Tensor clearance = plain(sources.clearance), approach = plain(sources.approach),
               slide = plain(sources.slide);
  if (!tensor::needs_graph({q, v, rest, clearance, approach, slide}))
    return standardised(raw_inputs(*layout, {q, v, rest, clearance, approach, slide}), mean, deviation);
  return FusedInputs::apply(layout, mean, deviation, q, v, rest, clearance, approach, slide);
}

}  // namespace reverie::worldmodel
