#include "sim/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "sim/env.h"
#include "sim/model.h"
#include "sim/task/task.h"

namespace reverie::sim {
namespace {

TEST(Shapes, AreTheGeomsThatCanBeSeen) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const std::vector<Shape> shapes = list_shapes(task->model());
  ASSERT_FALSE(shapes.empty());
  for (const Shape& shape : shapes) {
    EXPECT_LT(shape.body, task->model()->nbody);
    EXPECT_GT(shape.colour[3], 0.0F);
    EXPECT_TRUE(shape.vertices.empty());
  }
  const auto is_pole = [&](const Shape& shape) {
    return shape.kind == "capsule" && shape.body > 0 && shape.size[1] > 0.0;
  };
  EXPECT_TRUE(std::ranges::any_of(shapes, is_pole));
}

TEST(Shapes, BodiesStandWhereTheStateOrThePositionsPutThem) {
  const auto task = Task::load("dmc/walker-walk");
  Env env(task);
  env.reset(1, 0);
  std::vector<double> state(static_cast<size_t>(task->spec().physics_dim));
  env.copy_physics_state(state);
  const DataPtr data = make_data(task->model());
  const std::vector<double> poses = body_poses(task->model(), data.get(), state, {});
  ASSERT_EQ(poses.size(), 7 * static_cast<size_t>(task->model()->nbody));
  for (int i = 0; i < 3 * task->model()->nbody; ++i)
    EXPECT_NEAR(poses[static_cast<size_t>(i / 3 * 7 + i % 3)], env.data()->xpos[i], 1e-12);
  std::vector<float> positions(state.begin() + 1, state.begin() + 1 + task->spec().nq);
  positions[0] += 1.0F;  // the walker's height
  const std::vector<double> moved = body_poses(task->model(), data.get(), state, positions);
  double most = 0.0;
  for (size_t i = 0; i < poses.size(); ++i) most = std::max(most, std::abs(moved[i] - poses[i]));
  EXPECT_NEAR(most, 1.0, 1e-5);
  EXPECT_THROW(body_poses(task->model(), data.get(), {}, {}), std::invalid_argument);
  EXPECT_THROW(body_poses(task->model(), data.get(), state, std::span(positions).first(2)),
               std::invalid_argument);
}

}  // namespace
}  // namespace reverie::sim
