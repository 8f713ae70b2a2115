// Imagined worlds as an agent makes them: what a snapshot keeps.
#include "worldmodel/imagined_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/policies/support.h"

namespace reverie::policies {
namespace {

constexpr int kRows = 4;

struct Report {
  std::vector<float> observations, rewards, continuation, uncertainty, positions, velocities, latents;
  bool operator==(const Report&) const = default;
};

Report report_of(const contract::World& world) {
  const auto copy = [](auto values) { return std::vector(values.begin(), values.end()); };
  return {copy(world.observations()), copy(world.rewards()),   copy(world.continuation()),
          copy(world.uncertainty()),  copy(world.positions()), copy(world.velocities()),
          copy(world.latents())};
}

std::vector<Report> reports(contract::World& world, uint64_t first, int steps) {
  std::vector<Report> out;
  for (int h = 0; h < steps; ++h) {
    world.step(normals(world.batch_size() * kActions, first + h));
    out.push_back(report_of(world));
  }
  return out;
}

class ImaginedSnapshot : public testing::Test {
 protected:
  ImaginedSnapshot() {
    for (size_t i = 0; i < kRows; ++i) {
      contract::Episode& start = starts_[i] = contract::make_episode(spec_of(true), 0, i);
      start.observations = normals(kObservations, i);
      start.physics = {0.0, 0.3 + static_cast<double>(i), -0.2};  // time, qpos, qvel
      points_[i] = {&start, 0};
    }
  }

  std::shared_ptr<Agent> agent_ = random_agent(true);
  std::array<contract::Episode, kRows> starts_;
  std::array<contract::StartPoint, kRows> points_;
};

TEST_F(ImaginedSnapshot, GoesOnBitForBitHereAndInAnotherWorld) {
  const auto world = agent_->imagined_world(), other = agent_->imagined_world();
  world->reset(points_);
  reports(*world, 10, 3);
  const contract::Snapshot snapshot = world->snapshot();
  const Report present = report_of(*world);
  const std::vector<Report> future = reports(*world, 20, 5);
  EXPECT_NE(future[0], present);
  for (contract::World* again : {world.get(), other.get()}) {
    again->restore(snapshot);
    EXPECT_EQ(again->batch_size(), kRows);
    EXPECT_EQ(report_of(*again), present);
    EXPECT_EQ(again->snapshot().records, snapshot.records);
    EXPECT_EQ(reports(*again, 20, 5), future);
  }
}

TEST_F(ImaginedSnapshot, FansOutFromOneRow) {
  const auto world = agent_->imagined_world(), fan = agent_->imagined_world();
  world->reset(points_);
  reports(*world, 10, 3);
  fan->restore(contract::pick_rows(world->snapshot(), std::array{2, 2, 0, 2}));
  ASSERT_EQ(fan->batch_size(), 4);
  std::vector<float> actions = normals(4 * kActions, 30);
  std::copy_n(actions.begin(), kActions, actions.begin() + kActions);  // rows 0 and 1 act alike
  fan->step(actions);
  const auto observation = [&](size_t row) {
    const auto all = fan->observations().subspan(row * kObservations, kObservations);
    return std::vector(all.begin(), all.end());
  };
  EXPECT_EQ(observation(0), observation(1));
  EXPECT_NE(observation(0), observation(2));
  EXPECT_NE(observation(0), observation(3));
}

TEST_F(ImaginedSnapshot, OfPhysicsIsRefused) {
  const auto world = agent_->imagined_world();
  contract::Snapshot snapshot = world->snapshot();
  EXPECT_EQ(snapshot.batch_size(), 0);
  EXPECT_TRUE(world->physics_states().empty());
  world->reset(points_);
  snapshot = world->snapshot();
  snapshot.kind = "physics";
  EXPECT_THROW(world->restore(snapshot), std::logic_error);
}

}  // namespace
}  // namespace reverie::policies
