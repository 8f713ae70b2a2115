// The mechanical model's view of the robots of shipped tasks: what it computes is what the simulator recorded.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <vector>

#include "contract/rng.h"
#include "sim/env.h"
#include "sim/task/task.h"
#include "tensor/tensor_io.h"
#include "worldmodel/mechanics/inputs.h"

namespace reverie::worldmodel {
namespace {

constexpr int64_t kSteps = 40;

double largest(const at::Tensor& x) { return x.numel() == 0 ? 0.0 : x.abs().max().item<double>(); }

// An episode of random actions: observations [T, O] and state features [T, F].
struct Recorded {
  at::Tensor observations, features;
};

Recorded record(const std::shared_ptr<const sim::Task>& task) {
  sim::Env env(task);
  const contract::EnvSpec& spec = task->spec();
  env.reset(1, 0);
  contract::Rng rng(1, 0, contract::Stream::kPolicy);
  const int64_t width = contract::state_feature_dim(spec);
  std::vector<float> observations, features, action(spec.action_dim), row(width);
  std::vector<double> physics(spec.physics_dim);
  for (int64_t t = 0; t < kSteps; ++t) {
    for (const double value : env.observation()) observations.push_back(static_cast<float>(value));
    env.copy_physics_state(physics);
    contract::state_to_features(
        spec, std::span(physics).subspan(contract::EnvSpec::kQposOffset, spec.nq + spec.nv), row);
    features.insert(features.end(), row.begin(), row.end());
    for (int a = 0; a < spec.action_dim; ++a)
      action[a] =
          spec.action_low[a] + static_cast<float>(rng.uniform()) * (spec.action_high[a] - spec.action_low[a]);
    env.step(action);
  }
  return {tensor::tensor_from(observations, {kSteps, spec.observation_dim}),
          tensor::tensor_from(features, {kSteps, width})};
}

class ShippedRobot : public testing::TestWithParam<const char*> {};

TEST_P(ShippedRobot, ObservationsFollowFromMotion) {
  const auto task = sim::Task::load(GetParam());
  const MechanicsInputs inputs(task->spec());
  const Recorded recorded = record(task);
  const Motion motion = inputs.coordinates().motion_of(recorded.observations, recorded.features);
  const BodyMotion bodies = inputs.bodies(motion);
  const at::Tensor observed = inputs.coordinates().observations_of(motion, bodies);
  const at::Tensor size = recorded.observations.abs().clamp_min(1.0);
  EXPECT_LT(largest((observed - recorded.observations) / size), 1e-4);
  EXPECT_LT(largest(inputs.coordinates().features_of(motion) - recorded.features), 1e-4);
  const at::Tensor raw = inputs(motion, bodies);
  EXPECT_EQ(raw.size(1), inputs.size());
  EXPECT_TRUE(at::isfinite(raw).all().item<bool>());
}

// Integrating the recorded velocities leaves little of what positions did.
TEST_P(ShippedRobot, PositionsFollowVelocities) {
  const auto task = sim::Task::load(GetParam());
  const Coordinates c(task->spec());
  const Recorded recorded = record(task);
  const Motion motion = c.motion_of(recorded.observations, recorded.features);
  const at::Tensor from = motion.position.slice(0, 0, kSteps - 1), to = motion.position.slice(0, 1);
  const at::Tensor moved = c.difference(from, to);
  const at::Tensor mean = 0.5 * (motion.velocity.slice(0, 0, kSteps - 1) + motion.velocity.slice(0, 1));
  const at::Tensor missed = moved - task->spec().control_dt * mean;
  EXPECT_LT(missed.norm().item<double>(), 0.7 * moved.norm().item<double>());
}

INSTANTIATE_TEST_SUITE_P(All, ShippedRobot,
                         testing::Values("dmc/cartpole-swingup", "dmc/pendulum-swingup", "dmc/walker-walk",
                                         "dmc/cheetah-run", "dmc/hopper-stand", "dmc/reacher-easy",
                                         "dmc/finger-spin", "dmc/ball_in_cup-catch", "dmc/humanoid-walk",
                                         "dmc/quadruped-walk", "dmc/acrobot-swingup", "gym/walker2d"));

}  // namespace
}  // namespace reverie::worldmodel
