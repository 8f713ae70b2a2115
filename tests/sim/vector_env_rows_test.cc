#include "sim/vector_env_rows.h"

#include <gmock/gmock.h>

#include "contract/world_rows.h"
#include "sim/simulated_world.h"
#include "tests/sim/tasks.h"
#include "tests/support/counting_policy.h"
#include "tests/support/function_policy.h"

namespace reverie::sim {
namespace {

using contract::DrawKey;

std::shared_ptr<const Task> cartpole() { return Task::load("dmc/cartpole-swingup"); }

TEST(VectorEnvRows, AStatefulPolicyBeginsAnewWithEveryEpisode) {
  base::ThreadPool pool(1);
  const auto task = cartpole();
  VectorEnv envs(task, 2, 3, 0, pool);
  envs.reset();
  VectorEnvRows rows(envs, 250, 3, DrawBy::kEpisode);
  tests::CountingPolicy policy;
  contract::Driver driver(rows, policy);
  for (int k = 0; k < 4; ++k) driver.step();  // 1000 control steps: both episodes reach their time limit
  EXPECT_THAT(policy.since_reset, testing::ElementsAre(0, 0));
  driver.step();
  EXPECT_THAT(policy.since_reset, testing::ElementsAre(1, 1));
  EXPECT_THAT(rows.ended(), testing::ElementsAre(0, 0));
}

TEST(VectorEnvRows, KeysNameTheEpisodeOrTheRow) {
  base::ThreadPool pool(1);
  const auto task = cartpole();
  const auto last_key = [&](DrawBy draw_by) {
    VectorEnv envs(task, 2, 3, 7, pool);
    envs.reset();
    VectorEnvRows rows(envs, 250, 3, draw_by);
    tests::CountingPolicy policy;
    contract::Driver driver(rows, policy);
    for (int k = 0; k < 6; ++k) driver.step();
    return policy.keys.back()[1];
  };
  const DrawKey by_episode = last_key(DrawBy::kEpisode), by_row = last_key(DrawBy::kRow);
  EXPECT_EQ(by_episode.seed, 3u);
  EXPECT_EQ(by_episode.episode, 10u);  // environment 1 played 8 and is in 10
  EXPECT_EQ(by_episode.decision, 1u);
  EXPECT_EQ(by_row.seed, 3u);
  EXPECT_EQ(by_row.episode, 1u);
  EXPECT_EQ(by_row.decision, 5u);
}

// One policy, one loop: the environments and a world of the same starts go through the same states.
TEST(VectorEnvRows, OneDriverServesEnvironmentsAndWorldAlike) {
  base::ThreadPool pool(1);
  const auto task = cartpole();
  VectorEnv envs(task, 2, 3, 0, pool);
  envs.set_recording(true);
  envs.reset();
  const std::vector<contract::Episode> first_rows{envs.running(0), envs.running(1)};
  const std::vector<contract::StartPoint> starts{{&first_rows[0], 0}, {&first_rows[1], 0}};
  const auto world = make_simulated_world(task, pool, {.action_repeat = 2});
  world->reset(starts);
  VectorEnvRows env_rows(envs, 2, 3, DrawBy::kRow);
  contract::WorldRows world_rows(*world, task->spec().action_dim, {.seed = 3});
  const auto policy = [&] {
    return tests::FunctionPolicy([](const contract::PolicyInput& input, std::span<float> actions) {
      const size_t width = input.observations.size() / actions.size();
      for (size_t n = 0; n < actions.size(); ++n)
        actions[n] = input.observations[n * width + 2] / 4.0f +
                     static_cast<float>(input.keys[n].decision + input.keys[n].episode) / 64.0f;
    });
  };
  tests::FunctionPolicy in_envs = policy(), in_world = policy();
  contract::Driver env_driver(env_rows, in_envs), world_driver(world_rows, in_world);
  for (int k = 0; k < 20; ++k) {
    env_driver.step();
    world_driver.step();
    EXPECT_THAT(world_driver.actions(), testing::ElementsAreArray(env_driver.actions()));
    EXPECT_THAT(world->observations(), testing::ElementsAreArray(envs.observations()));
  }
}

// Of the pole, a hinge without limits: position of the cart, cosine and sine, two velocities.
TEST(VectorEnvRows, StatesAreShownToAPolicyThatReadsThemInEnvironmentsAndWorldAlike) {
  base::ThreadPool pool(1);
  const auto task = cartpole();
  VectorEnv envs(task, 2, 3, 0, pool);
  envs.set_recording(true);
  envs.reset();
  const std::vector<contract::Episode> first_rows{envs.running(0), envs.running(1)};
  const std::vector<contract::StartPoint> starts{{&first_rows[0], 0}, {&first_rows[1], 0}};
  const auto world = make_simulated_world(task, pool, {.action_repeat = 2});
  world->reset(starts);
  VectorEnvRows env_rows(envs, 2, 3, DrawBy::kRow);
  contract::WorldRows world_rows(*world, task->spec(), {.seed = 3});
  std::vector<float> in_envs, in_world, expected;
  const auto recorder = [](std::vector<float>& out) {
    return tests::FunctionPolicy([&out](const contract::PolicyInput& input, std::span<float> actions) {
      out.assign(input.states.begin(), input.states.end());
      std::ranges::fill(actions, 0.5f);
    });
  };
  tests::FunctionPolicy of_envs = recorder(in_envs), of_world = recorder(in_world);
  of_envs.wants_states = of_world.wants_states = true;
  contract::Driver env_driver(env_rows, of_envs), world_driver(world_rows, of_world);
  for (int k = 0; k < 3; ++k) {
    expected.clear();
    for (int i = 0; i < 2; ++i) {
      std::vector<float> row(static_cast<size_t>(contract::row_width(task->spec())));
      contract::observation_and_features(task->spec(), envs.running(i), 2 * k, row);
      expected.insert(expected.end(), row.begin() + task->spec().observation_dim, row.end());
    }
    env_driver.step();
    world_driver.step();
    ASSERT_EQ(in_envs.size(), 2 * 5U);
    EXPECT_THAT(in_envs, testing::ElementsAreArray(expected));
    EXPECT_THAT(in_world, testing::ElementsAreArray(expected));
  }
  tests::FunctionPolicy indifferent = recorder(in_envs);
  env_driver.begin(indifferent);
  env_driver.step();
  EXPECT_THAT(in_envs, testing::IsEmpty());
}

}  // namespace
}  // namespace reverie::sim
