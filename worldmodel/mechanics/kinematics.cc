#include "worldmodel/mechanics/kinematics.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <span>
#include <utility>

#include "tensor/fused_common.h"
#include "tensor/kernels/kernels.h"
#include "worldmodel/mechanics/kept.h"
#include "worldmodel/mechanics/kinematic_plan.h"
#include "worldmodel/mechanics/kinematics_composed.h"

namespace reverie::worldmodel {
namespace {

using at::Tensor;
using tensor::kernels::BodyArrays;
using tensor::kernels::KinematicPlan;
using tensor::kernels::TouchBall;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Calls f(first row, number of rows, scratch) for ranges that cover the rows.
template <class F>
void for_rows(int64_t rows, size_t scratch_floats, const F& f) {
  tensor::parallel_for(0, tensor::chunk_count(rows), 2, [&](int64_t begin, int64_t end) {
    const auto scratch = std::make_unique_for_overwrite<float[]>(scratch_floats);
    const int64_t first = begin * tensor::kChunkRows;
    f(first, std::min(end * tensor::kChunkRows, rows) - first, scratch.get());
  });
}

tensor_list contiguous(const tensor_list& tensors) {
  tensor_list result;
  for (const Tensor& t : tensors) result.push_back(t.defined() ? t.contiguous() : t);
  return result;
}
bool none_defined(const tensor_list& tensors) {
  return std::none_of(tensors.begin(), tensors.end(), [](const Tensor& t) { return t.defined(); });
}

// Entries of a tensor [N, ...] from a row on; null stays null.
const float* from_row(const Tensor& t, int64_t row) {
  return t.defined() ? t.const_data_ptr<float>() + row * t.stride(0) : nullptr;
}
float* into_row(const Tensor& t, int64_t row) { return t.mutable_data_ptr<float>() + row * t.stride(0); }

BodyArrays<const float> bodies_from(const tensor_list& t, int64_t row) {
  return {from_row(t[0], row), from_row(t[1], row), from_row(t[2], row), from_row(t[3], row)};
}
BodyArrays<float> bodies_into(const tensor_list& t, int64_t row) {
  return {into_row(t[0], row), into_row(t[1], row), into_row(t[2], row), into_row(t[3], row)};
}

tensor_list empty_bodies(int64_t rows, int64_t bodies) {
  return {tensor::empty_floats({rows, bodies, 3}), tensor::empty_floats({rows, bodies, 3, 3}),
          tensor::empty_floats({rows, bodies, 3}), tensor::empty_floats({rows, bodies, 3})};
}

tensor_list move_kernel(const KinematicPlan& plan, const Tensor& qpos, const Tensor& qvel) {
  tensor_list out = empty_bodies(qpos.size(0), static_cast<int64_t>(plan.frames.size()));
  for_rows(qpos.size(0), kinematic_scratch(plan), [&](int64_t first, int64_t rows, float* scratch) {
    tensor::kernels::kernels().kinematics_forward(rows, plan, from_row(qpos, first), from_row(qvel, first),
                                                  bodies_into(out, first), scratch);
  });
  return out;
}

class FusedMove : public torch::autograd::Function<FusedMove> {
 public:
  static tensor_list forward(AutogradContext* ctx, const Tensor& qpos, const Tensor& qvel,
                             const std::shared_ptr<const KinematicPlan>& plan) {
    ctx->set_materialize_grads(false);
    ctx->save_for_backward({qpos, qvel});
    keep(ctx, plan);
    return move_kernel(*plan, qpos, qvel);
  }

  static tensor_list backward(AutogradContext* ctx, const tensor_list& grads) {
    tensor::check_first_order("kinematics");
    if (none_defined(grads)) return {Tensor(), Tensor(), Tensor()};
    const tensor_list saved = ctx->get_saved_variables();
    const auto& plan = kept<KinematicPlan>(ctx);
    const tensor_list dout = contiguous(grads);
    const Tensor dqpos = tensor::empty_floats(saved[0].sizes());
    const Tensor dqvel = tensor::empty_floats(saved[1].sizes());
    for_rows(saved[0].size(0), kinematic_scratch(plan), [&](int64_t first, int64_t rows, float* scratch) {
      tensor::kernels::kernels().kinematics_backward(rows, plan, from_row(saved[0], first),
                                                     from_row(saved[1], first), bodies_from(dout, first),
                                                     scratch, into_row(dqpos, first), into_row(dqvel, first));
    });
    return {dqpos, dqvel, Tensor()};
  }
};

tensor_list touch_kernel(const std::vector<TouchBall>& balls, const tensor_list& bodies) {
  const int64_t rows = bodies[0].size(0);
  const int64_t count = bodies[0].size(1);
  const auto points = static_cast<int64_t>(balls.size());
  tensor_list out = {tensor::empty_floats({rows, points}), tensor::empty_floats({rows, points}),
                     tensor::empty_floats({rows, points, 3})};
  for_rows(rows, tensor::kernels::touch_scratch(count), [&](int64_t first, int64_t n, float* scratch) {
    tensor::kernels::kernels().touch_forward(
        n, count, balls, bodies_from(bodies, first),
        {into_row(out[0], first), into_row(out[1], first), into_row(out[2], first)}, scratch);
  });
  return out;
}

class FusedTouch : public torch::autograd::Function<FusedTouch> {
 public:
  static tensor_list forward(AutogradContext* ctx, const Tensor& place, const Tensor& rotation,
                             const Tensor& velocity, const Tensor& spin,
                             const std::shared_ptr<const std::vector<TouchBall>>& balls) {
    ctx->set_materialize_grads(false);
    ctx->save_for_backward({place, rotation, velocity, spin});
    keep(ctx, balls);
    return touch_kernel(*balls, {place, rotation, velocity, spin});
  }

  static tensor_list backward(AutogradContext* ctx, const tensor_list& grads) {
    tensor::check_first_order("touch");
    if (none_defined(grads)) return {Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
    const tensor_list bodies = ctx->get_saved_variables();
    const auto& balls = kept<std::vector<TouchBall>>(ctx);
    const tensor_list dout = contiguous(grads);
    const int64_t count = bodies[0].size(1);
    tensor_list din = empty_bodies(bodies[0].size(0), count);
    for_rows(bodies[0].size(0), tensor::kernels::touch_scratch(count),
             [&](int64_t first, int64_t n, float* scratch) {
               tensor::kernels::kernels().touch_backward(
                   n, count, balls, bodies_from(bodies, first),
                   {from_row(dout[0], first), from_row(dout[1], first), from_row(dout[2], first)}, scratch,
                   bodies_into(din, first));
             });
    din.emplace_back();
    return din;
  }
};

}  // namespace

Kinematics::Kinematics(const contract::Mechanics& mechanics)
    : plan_(std::make_shared<const KinematicPlan>(kinematic_plan(mechanics))),
      balls_(std::make_shared<const std::vector<TouchBall>>(touch_balls(mechanics))),
      step_constants_(step_constants(*plan_)),
      ball_constants_(ball_constants(*balls_)),
      ball_bodies_(ball_bodies(*balls_, bodies())) {}

BodyMotion Kinematics::move(const Tensor& qpos, const Tensor& qvel) const {
  TORCH_CHECK(qpos.dim() == 2 && qvel.dim() == 2 && qpos.size(0) == qvel.size(0) &&
                  qpos.size(1) == plan_->positions && qvel.size(1) == plan_->velocities,
              "kinematics: positions ", qpos.sizes(), " and velocities ", qvel.sizes(), ", expected [N, ",
              plan_->positions, "] and [N, ", plan_->velocities, "]");
  if (!tensor::kernels_apply({qpos, qvel}))
    return composed_move(*plan_, step_constants_.like(qpos), qpos, qvel);
  const Tensor q = qpos.contiguous();
  const Tensor v = qvel.contiguous();
  const tensor_list out =
      tensor::needs_graph({q, v}) ? FusedMove::apply(q, v, plan_) : move_kernel(*plan_, q, v);
  return {out[0], out[1], out[2], out[3]};
}

TouchMotion Kinematics::touch(const BodyMotion& motion) const {
  const int64_t rows = motion.place.size(0);
  TORCH_CHECK(
      motion.place.sizes() == at::IntArrayRef({rows, bodies(), 3}) &&
          motion.rotation.sizes() == at::IntArrayRef({rows, bodies(), 3, 3}) &&
          motion.velocity.sizes() == motion.place.sizes() && motion.spin.sizes() == motion.place.sizes(),
      "touch: places ", motion.place.sizes(), ", rotations ", motion.rotation.sizes(), ", velocities ",
      motion.velocity.sizes(), " and spins ", motion.spin.sizes(), ", expected ", bodies(), " bodies");
  if (!tensor::kernels_apply({motion.place, motion.rotation, motion.velocity, motion.spin}))
    return composed_touch(ball_constants_.like(motion.place), ball_bodies_.like(motion.place), motion);
  const tensor_list in = contiguous({motion.place, motion.rotation, motion.velocity, motion.spin});
  const tensor_list out = tensor::needs_graph({in[0], in[1], in[2], in[3]})
                              ? FusedTouch::apply(in[0], in[1], in[2], in[3], balls_)
                              : touch_kernel(*balls_, in);
  return {out[0], out[1], out[2]};
}

}  // namespace reverie::worldmodel
