// Ghost forces, measured live: the evaluation's measure, with physics and in the dream alone.
#include "viewer/ghost_force.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/thread_pool.h"
#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"
#include "viewer/task_parts.h"
#include "viewer/twin.h"
#include "viewer/viewer.h"

namespace reverie::viewer {
namespace {

constexpr int kRepeat = 2;

class GhostForceTest : public testing::Test {
 protected:
  // The simulator as its own dream, with another gravity where that is asked for.
  std::unique_ptr<Twin> twin_of(const char* name, double dream_gravity = 1.0) {
    const auto task = sim::Task::load(name);
    TwinParts parts;
    parts.spec = task->spec();
    parts.physics = sim::make_simulated_world(task, pool);
    parts.dream = sim::make_simulated_world(task, dream_pool,
                                            {.action_repeat = kRepeat, .gravity_scale = dream_gravity});
    parts.policy = std::make_unique<tests::FunctionPolicy>(tests::constant_policy(0.0f));
    parts.start = fresh_starts(task, 3);
    parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 0.1f);
    add_task_parts(parts, task, pool);
    add_ghost_force(parts, task);
    auto twin = std::make_unique<Twin>(std::move(parts));
    twin->steering = {.driven = true, .policy_acts = false, .push = {0.5f}};
    return twin;
  }
  base::ThreadPool pool{1}, dream_pool{1};  // both worlds step at the same time
};

TEST_F(GhostForceTest, APerfectDreamHasThatOfPhysics) {
  const auto twin = twin_of("dmc/hopper-stand");
  for (int i = 0; i < 40; ++i) twin->step();
  EXPECT_EQ(twin->history().ghost_force, twin->history().physics_ghost_force);
  EXPECT_EQ(twin->history().ghost_force.size(), 41u);
  EXPECT_GT(median_ghost_force(twin->history().ghost_force), 0);  // contacts come and go
}

TEST_F(GhostForceTest, WhatPhysicsWouldNotDoIsSeen) {
  // Nothing touches anything: physics explains its own motion.
  const auto right = twin_of("dmc/acrobot-swingup"), wrong = twin_of("dmc/acrobot-swingup", 0.2);
  for (int i = 0; i < 10; ++i) right->step(), wrong->step();
  EXPECT_GT(median_ghost_force(wrong->history().ghost_force),
            10 * median_ghost_force(right->history().ghost_force));
  EXPECT_EQ(wrong->history().physics_ghost_force, right->history().physics_ghost_force);
}

TEST_F(GhostForceTest, IsMeasuredWhilePhysicsIsOff) {
  const auto on = twin_of("dmc/cartpole-swingup"), off = twin_of("dmc/cartpole-swingup");
  for (int i = 0; i < 5; ++i) on->step(), off->step();
  off->steering.physics_on = false;
  for (int i = 0; i < 20; ++i) on->step(), off->step();
  ASSERT_EQ(off->history().physics_ghost_force.size(), 6u);
  EXPECT_THAT(off->history().ghost_force,
              testing::Pointwise(testing::DoubleNear(1e-9), on->history().ghost_force));
  off->steering.physics_on = true;
  off->simulate(off->behind());
  EXPECT_THAT(off->history().physics_ghost_force,
              testing::Pointwise(testing::DoubleNear(1e-9), on->history().physics_ghost_force));
}

TEST_F(GhostForceTest, FewImpactsDoNotMoveTheMedianOfTheLastThousandSteps) {
  EXPECT_TRUE(std::isnan(median_ghost_force({0.0})));  // no step so far
  EXPECT_EQ(median_ghost_force({0.0, 1.0, 3.0}), 2.0);
  EXPECT_EQ(median_ghost_force({0.0, 1.0, 3.0, 2.0, 500.0, 2.0}), 2.0);
  std::vector<double> curve(2001, 7.0);
  std::fill(curve.end() - 1000, curve.end(), 1.0);
  EXPECT_EQ(median_ghost_force(curve), 1.0);
}

}  // namespace
}  // namespace reverie::viewer
