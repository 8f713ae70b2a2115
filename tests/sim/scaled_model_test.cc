#include "sim/scaled_model.h"

#include <gtest/gtest.h>

#include "sim/task/task.h"

namespace reverie::sim {
namespace {

TEST(ScaledModel, ScalesWhatItIsAskedToAndNothingElse) {
  const auto task = Task::load("dmc/walker-walk");
  const mjModel* own = task->model();
  const ModelPtr heavy = scaled_model(own, {.mass = 2.0}), slippery = scaled_model(own, {.friction = 0.5}),
                 strong = scaled_model(own, {.gravity = 1.25});
  for (int body = 1; body < own->nbody; ++body) {
    EXPECT_EQ(heavy->body_mass[body], 2.0 * own->body_mass[body]);
    EXPECT_EQ(heavy->body_inertia[3 * body + 1], 2.0 * own->body_inertia[3 * body + 1]);
    EXPECT_NEAR(heavy->body_subtreemass[body], 2.0 * own->body_subtreemass[body], 1e-9);
    EXPECT_EQ(slippery->body_mass[body], own->body_mass[body]);
  }
  EXPECT_LT(heavy->dof_invweight0[0], own->dof_invweight0[0]);
  EXPECT_EQ(slippery->geom_friction[0], 0.5 * own->geom_friction[0]);
  EXPECT_EQ(heavy->geom_friction[0], own->geom_friction[0]);
  EXPECT_EQ(strong->opt.gravity[2], 1.25 * own->opt.gravity[2]);
  EXPECT_EQ(slippery->opt.gravity[2], own->opt.gravity[2]);
}

}  // namespace
}  // namespace reverie::sim
