#include "contract/env_spec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "sim/task/task.h"

namespace reverie::contract {
namespace {

TEST(StateFeatures, RoundTripFollowsTheAngle) {
  EnvSpec spec;
  spec.nq = 3;
  spec.nv = 1;
  spec.circular = {1};
  ASSERT_EQ(state_feature_dim(spec), 5);
  EXPECT_EQ(row_width(spec), spec.observation_dim + 5);
  const std::vector<double> state = {0.5, 9.0, -2.0, 7.0};  // 9 rad: more than one turn
  std::vector<float> features(5);
  state_to_features(spec, state, features);
  EXPECT_FLOAT_EQ(features[1], static_cast<float>(std::cos(9.0)));
  EXPECT_FLOAT_EQ(features[2], static_cast<float>(std::sin(9.0)));
  std::vector<float> near = {0.0F, 8.5F, 0.0F, 0.0F}, far = {0.0F, 0.0F, 0.0F, 0.0F};
  features_to_state(spec, features, near);
  features_to_state(spec, features, far);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(near[i], state[i], 1e-5) << i;
  EXPECT_NEAR(far[1], 9.0 - 2.0 * std::numbers::pi, 1e-5);
}

TEST(StateFeatures, UnlimitedHingesAreCircular) {
  EXPECT_EQ(sim::Task::load("dmc/cartpole-swingup")->spec().circular, std::vector<int>({1}));
  EXPECT_EQ(sim::Task::load("dmc/reacher-easy")->spec().circular,
            std::vector<int>({0}));  // the wrist has limits
}

}  // namespace
}  // namespace reverie::contract
