#include "evaluation/physics_reader.h"

#include <gmock/gmock.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "contract/random_policy.h"
#include "evaluation/rollout.h"
#include "sim/model.h"

namespace reverie::evaluation {
namespace {

using testing::IsEmpty;
using testing::IsSupersetOf;
using Numbers = std::vector<float>;

// Of walker: height, place, lean, then hip, knee and ankle of either leg. At -0.1 m straight feet touch the floor.
class WalkerReading : public testing::Test {
 protected:
  PhysicsReading read(const Numbers& positions, const Numbers& velocities = Numbers(9, 0.0f)) {
    return reader_.read(positions, velocities);
  }
  // The recorded state of a walker in the air, at rest, without control.
  std::vector<double> at_rest() const {
    std::vector<double> state(static_cast<size_t>(task_->spec().physics_dim), 0.0);
    state[1] = 1.0;
    return state;
  }
  double weight() const { return mj_getTotalmass(task_->model()) * mju_norm3(task_->model()->opt.gravity); }

  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/walker-walk");
  PhysicsReader reader_{task_};
  Numbers in_the_air_{1.0f, 0, 0, 0, 0, 0, 0, 0, 0}, standing_{-0.1f, 0, 0, 0, 0, 0, 0, 0, 0};
};

TEST_F(WalkerReading, FeetTouchTheFloor) {
  EXPECT_THAT(read(in_the_air_).contacts, IsEmpty());
  EXPECT_TRUE(std::isnan(read(in_the_air_).slip));
  const auto foot = [&](const char* name) { return mj_name2id(task_->model(), mjOBJ_BODY, name); };
  const auto contacts = read(standing_).contacts;  // and the ends of the legs
  EXPECT_THAT(contacts, IsSupersetOf({std::pair(0, foot("right_foot")), std::pair(0, foot("left_foot"))}));
  EXPECT_TRUE(std::ranges::is_sorted(contacts));
  EXPECT_EQ(std::ranges::adjacent_find(contacts), contacts.end());
}

TEST_F(WalkerReading, SlipIsSpeedAlongTheFloor) {
  EXPECT_EQ(read(standing_).slip, 0.0);
  EXPECT_NEAR(read(standing_, {5.0f, 0.25f, 0, 0, 0, 0, 0, 0, 0}).slip, 0.25, 1e-6);  // rising is no slip
}

TEST_F(WalkerReading, EnergyIsThatOfHeightAndSpeed) {
  Numbers higher = in_the_air_;
  higher[0] += 0.5f;
  EXPECT_NEAR(read(higher).energy - read(in_the_air_).energy, 0.5 * weight(), 1e-4);
  const double moving = read(in_the_air_, {0, 2.0f, 0, 0, 0, 0, 0, 0, 0}).energy;
  EXPECT_NEAR(moving - read(in_the_air_).energy, 0.5 * mj_getTotalmass(task_->model()) * 4.0, 1e-4);
}

TEST_F(WalkerReading, NoQuaternionNoError) { EXPECT_TRUE(std::isnan(read(standing_).quaternion_error)); }

TEST_F(WalkerReading, WhatIsNoNumberIsNotRead) {
  Numbers broken = standing_;
  broken[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(read(broken).finite);
  EXPECT_FALSE(read(standing_, broken).finite);
  EXPECT_TRUE(std::isinf(reader_.ghost_force(at_rest(), {standing_, broken}, {standing_, broken}, 0.1)));
}

// Falling freely takes no force, hovering one weight, and a push to the side what mass times acceleration asks.
TEST_F(WalkerReading, GhostForceIsWhatGravityDoesNotExplain) {
  const double gravity = mju_norm3(task_->model()->opt.gravity), seconds = 0.05;
  const Numbers still(9, 0.0f);
  EXPECT_NEAR(reader_.ghost_force(at_rest(), {in_the_air_, still}, {in_the_air_, still}, seconds), 1.0, 1e-6);
  Numbers falling = still;
  falling[0] = static_cast<float>(-gravity * seconds);
  Numbers lower = in_the_air_;
  lower[0] += static_cast<float>(-0.5 * gravity * seconds * seconds);
  EXPECT_NEAR(reader_.ghost_force(at_rest(), {in_the_air_, still}, {lower, falling}, seconds), 0.0, 1e-5);
  falling[1] = static_cast<float>(0.5 * gravity * seconds);
  EXPECT_NEAR(reader_.ghost_force(at_rest(), {in_the_air_, still}, {lower, falling}, seconds), 0.5, 1e-5);
}

TEST(QuaternionError, IsTheDistanceOfTheLengthFromOne) {
  const auto task = sim::Task::load("dmc/quadruped-walk");
  PhysicsReader reader(task);
  Numbers positions(static_cast<size_t>(task->spec().nq), 0.0f);
  const Numbers velocities(static_cast<size_t>(task->spec().nv), 0.0f);
  positions[2] = 5.0f;
  positions[5] = 0.75f;
  EXPECT_NEAR(reader.read(positions, velocities).quaternion_error, 0.25, 1e-7);
}

// Contacts, joint limits, actuators with activations, loose balls: whatever acts is explained.
TEST(Instrument, ExplainsWhatPhysicsItselfDoes) {
  base::ThreadPool pool(1);
  for (const char* name :
       {"dmc/walker-walk", "dmc/cheetah-run", "dmc/quadruped-walk", "dmc/cartpole-swingup"}) {
    const auto task = sim::Task::load(name);
    const auto random = contract::random_policy(task->spec(), contract::Stream::kEvaluation);
    const std::vector<contract::Episode> episodes = record_episodes(task, *random, {.count = 1}, pool);
    PhysicsReader reader(task);
    for (int64_t t = 0; t < episodes[0].length(); t += 50)
      EXPECT_LT(reader.instrument_error(episodes[0].physics_state(t)), 1e-3) << name << " " << t;
  }
}

}  // namespace
}  // namespace reverie::evaluation
