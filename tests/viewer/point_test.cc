// A point of a report opens in the viewer: the twin begins in the very state that was recorded.
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/zero_policy.h"
#include "evaluation/rollout.h"
#include "sim/simulated_world.h"
#include "viewer/twin.h"
#include "viewer/viewer.h"

namespace reverie::viewer {
namespace {

TEST(Point, TheFirstFrameShowsTheStateThatWasRecorded) {
  const auto task = sim::Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  const contract::EnvSpec& spec = task->spec();
  const auto policy = contract::zero_policy(spec);
  const std::vector<contract::Episode> episodes =
      evaluation::record_episodes(task, *policy, {.count = 1, .seed = 3}, pool);
  contract::Episode row = contract::make_episode(spec, 3, episodes.front().index);
  const auto copy = [](auto& to, const auto& from) { to.assign(from.begin(), from.end()); };
  copy(row.observations, episodes.front().observation(70));
  copy(row.physics, episodes.front().physics_state(70));
  copy(row.task_state, episodes.front().task_row(70));
  TwinParts parts;
  parts.spec = spec;
  parts.physics = sim::make_simulated_world(task, pool);
  parts.policy = contract::zero_policy(spec);
  parts.start = fixed_start(std::make_shared<const contract::Episode>(row));
  parts.scale.assign(static_cast<size_t>(spec.observation_dim), 1.0);
  Twin twin(std::move(parts));
  for (const uint64_t episode : {0, 5}) {
    twin.reset(episode);
    EXPECT_TRUE(std::ranges::equal(twin.physics().physics_states(), row.physics_state(0)));
    EXPECT_TRUE(std::ranges::equal(twin.recording().physics_state(0), row.physics_state(0)));
    EXPECT_TRUE(std::ranges::equal(twin.physics().observations(), row.observation(0)));
  }
  // And it goes on as the record does.
  twin.step();
  EXPECT_TRUE(std::ranges::equal(twin.recording().physics_state(1), episodes.front().physics_state(71)));
}

}  // namespace
}  // namespace reverie::viewer
