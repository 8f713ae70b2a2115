#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>

#include "tensor/fused_common.h"
#include "worldmodel/mechanics/fused_steps.h"
#include "worldmodel/mechanics/kept.h"

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Arrays of N rows: what the step starts from, its change and its scales.
struct Arrays {
  int64_t rows, nq, nv, r;
  const float *q, *v, *rest, *change, *unit, *low, *high;

  Arrays(const tensor_list& in)
      : rows(in[0].size(0)),
        nq(in[0].size(1)),
        nv(in[1].size(1)),
        r(in[2].size(1)),
        q(in[0].const_data_ptr<float>()),
        v(in[1].const_data_ptr<float>()),
        rest(in[2].const_data_ptr<float>()),
        change(in[3].const_data_ptr<float>()),
        unit(in[4].const_data_ptr<float>()),
        low(in[5].const_data_ptr<float>()),
        high(in[6].const_data_ptr<float>()) {}
};

struct Row {
  const float *q, *v, *rest, *change;
};
Row row_of(const Arrays& a, int64_t n) {
  return {a.q + n * a.nq, a.v + n * a.nv, a.rest + n * a.r, a.change + n * (2 * a.nv + a.r)};
}

// The next velocity and position before they are kept within their ranges.
struct Joint {
  float velocity, clamped, position;
};
Joint next_of(const ScalarJoints& joints, const Arrays& a, const Row& row, float half, size_t j) {
  const int64_t qi = joints.qpos[j], vi = joints.qvel[j];
  const float velocity = row.v[vi] + a.unit[vi] * row.change[vi];
  const float clamped = std::clamp(velocity, a.low[a.nq + vi], a.high[a.nq + vi]);
  const float delta = half * (row.v[vi] + clamped) + a.unit[a.nv + vi] * row.change[a.nv + vi];
  return {velocity, clamped, row.q[qi] + delta};
}

bool within(float x, float low, float high) { return low <= x && x <= high; }

tensor_list step(const ScalarJoints& joints, double dt, const tensor_list& in) {
  const Arrays a(in);
  const auto half = static_cast<float>(0.5 * dt);
  Tensor q = tensor::empty_floats({a.rows, a.nq}), v = tensor::empty_floats({a.rows, a.nv}),
         rest = tensor::empty_floats({a.rows, a.r});
  auto *to_q = q.mutable_data_ptr<float>(), *to_v = v.mutable_data_ptr<float>(),
       *to_rest = rest.mutable_data_ptr<float>();
  for (int64_t n = 0; n < a.rows; ++n, to_q += a.nq, to_v += a.nv, to_rest += a.r) {
    const Row row = row_of(a, n);
    for (size_t j = 0; j < joints.qpos.size(); ++j) {
      const Joint next = next_of(joints, a, row, half, j);
      const int64_t qi = joints.qpos[j];
      to_v[joints.qvel[j]] = next.clamped;
      to_q[qi] = std::clamp(next.position, a.low[qi], a.high[qi]);
    }
    for (int64_t i = 0; i < a.r; ++i) {
      const int64_t k = a.nq + a.nv + i;
      to_rest[i] =
          std::clamp(row.rest[i] + a.unit[2 * a.nv + i] * row.change[2 * a.nv + i], a.low[k], a.high[k]);
    }
  }
  return {q, v, rest};
}

class FusedStep : public torch::autograd::Function<FusedStep> {
 public:
  static tensor_list forward(AutogradContext* ctx, const std::shared_ptr<const ScalarJoints>& joints,
                             double dt, const Tensor& position, const Tensor& velocity, const Tensor& rest,
                             const Tensor& change, const Tensor& unit, const Tensor& low,
                             const Tensor& high) {
    const tensor_list in = {position, velocity, rest, change, unit, low, high};
    ctx->save_for_backward(in);
    keep(ctx, joints);
    ctx->saved_data["dt"] = dt;
    return step(*joints, dt, in);
  }

  static tensor_list backward(AutogradContext* ctx, tensor_list grads) {
    tensor::check_first_order("fused_step");
    const tensor_list in = ctx->get_saved_variables();
    const auto& joints = kept<ScalarJoints>(ctx);
    const auto half = static_cast<float>(0.5 * ctx->saved_data["dt"].toDouble());
    const Arrays a(in);
    for (size_t i = 0; i < 3; ++i)
      grads[i] = grads[i].defined() ? grads[i].contiguous() : at::zeros(in[i].sizes(), in[i].options());
    tensor_list out(4);
    for (size_t i = 0; i < 4; ++i) out[i] = tensor::empty_floats(in[i].sizes());
    const int64_t width = 2 * a.nv + a.r;
    for (int64_t n = 0; n < a.rows; ++n) {
      const Row row = row_of(a, n);
      const float *gq = grads[0].const_data_ptr<float>() + n * a.nq,
                  *gv = grads[1].const_data_ptr<float>() + n * a.nv,
                  *gr = grads[2].const_data_ptr<float>() + n * a.r;
      auto *dq = out[0].mutable_data_ptr<float>() + n * a.nq,
           *dv = out[1].mutable_data_ptr<float>() + n * a.nv,
           *dr = out[2].mutable_data_ptr<float>() + n * a.r,
           *dc = out[3].mutable_data_ptr<float>() + n * width;
      for (size_t j = 0; j < joints.qpos.size(); ++j) {
        const int64_t qi = joints.qpos[j], vi = joints.qvel[j];
        const Joint next = next_of(joints, a, row, half, j);
        const float d_delta = within(next.position, a.low[qi], a.high[qi]) ? gq[qi] : 0.0F;
        const bool free = within(next.velocity, a.low[a.nq + vi], a.high[a.nq + vi]);
        const float d_velocity = free ? gv[vi] + half * d_delta : 0.0F;
        dq[qi] = d_delta;
        dv[vi] = d_velocity + half * d_delta;
        dc[vi] = d_velocity * a.unit[vi];
        dc[a.nv + vi] = d_delta * a.unit[a.nv + vi];
      }
      for (int64_t i = 0; i < a.r; ++i) {
        const int64_t k = a.nq + a.nv + i;
        const float next = row.rest[i] + a.unit[2 * a.nv + i] * row.change[2 * a.nv + i];
        dr[i] = within(next, a.low[k], a.high[k]) ? gr[i] : 0.0F;
        dc[2 * a.nv + i] = dr[i] * a.unit[2 * a.nv + i];
      }
    }
    tensor_list of_arguments(9);  // joints and dt come first, scales last: they have none
    std::ranges::copy(out, of_arguments.begin() + 2);
    return of_arguments;
  }
};

}  // namespace

SteppedCoordinates fused_step(const std::shared_ptr<const ScalarJoints>& joints, double dt,
                              const SteppedCoordinates& from, const at::Tensor& change,
                              const at::Tensor& unit, const at::Tensor& low, const at::Tensor& high) {
  const tensor_list in = {from.position.contiguous(),
                          from.velocity.contiguous(),
                          from.rest.contiguous(),
                          change.contiguous(),
                          unit,
                          low,
                          high};
  const bool graph = tensor::needs_graph({in[0], in[1], in[2], in[3]});
  const tensor_list out = graph
                              ? FusedStep::apply(joints, dt, in[0], in[1], in[2], in[3], in[4], in[5], in[6])
                              : step(*joints, dt, in);
  return {out[0], out[1], out[2]};
}

}  // namespace reverie::worldmodel
