#include <gmock/gmock.h>
#include <torch/types.h>

#include "policies/actor_policy.h"
#include "policies/collecting_policy.h"
#include "policies/correlated_random_policy.h"
#include "policies/planner_policy.h"
#include "tests/policies/support.h"
#include "tests/support/counting_policy.h"
#include "tests/support/function_policy.h"

namespace reverie::policies {
namespace {

constexpr double kDiscount = 0.9;

std::vector<float> act(contract::Policy& policy, const contract::PolicyInput& input) {
  std::vector<float> actions(input.keys.size() * kActions);
  policy.act(input, actions);
  return actions;
}

// What an imagined world shows of these observations.
std::vector<float> latents_of(Agent& agent, const std::vector<float>& observations, size_t rows) {
  contract::Episode start = contract::make_episode(spec_of(false), 0, 0);
  std::vector<contract::StartPoint> starts;
  std::vector<contract::Episode> episodes(rows, start);
  for (size_t n = 0; n < rows; ++n) {
    episodes[n].observations.assign(
        observations.begin() + static_cast<std::ptrdiff_t>(n * kObservations),
        observations.begin() + static_cast<std::ptrdiff_t>((n + 1) * kObservations));
    episodes[n].physics = {0.0, 0.3, -0.2};  // time, qpos, qvel
    starts.push_back({&episodes[n], 0});
  }
  const auto dream = agent.imagined_world();
  dream->reset(starts);
  return {dream->latents().begin(), dream->latents().end()};
}

TEST(Agent, ValuesAreTheCriticsMeanInTheTasksUnits) {
  const auto agent = random_agent();
  const std::vector<float> latents = latents_of(*agent, {0.1f, -0.2f, 0.3f, 0.5f, 0.4f, -0.6f}, 2);
  std::vector<float> values(2), scaled(2);
  agent->value(latents, values);
  const at::Tensor z = tensor::tensor_from(latents, {2, static_cast<int64_t>(latents.size()) / 2});
  const at::Tensor networks =
      critic_values(agent->impl().critic, z, mean_action(agent->impl().average_actor, z));  // [C, N]
  const at::Tensor mean = networks.sum(0) / static_cast<double>(networks.size(0));
  for (int64_t n = 0; n < 2; ++n) EXPECT_NEAR(values[static_cast<size_t>(n)], mean[n].item<float>(), 1e-5f);
  EXPECT_NE(values[0], values[1]);
  agent->impl().reward_scale.fill_(4.0);
  agent->value(latents, scaled);
  for (size_t n = 0; n < 2; ++n) EXPECT_EQ(scaled[n], 4.0f * values[n]);
}

TEST(ActorPolicy, ActsFromLatentsWhereThereAreSome) {
  const auto agent = random_agent();
  const std::vector<float> observations = normals(2 * kObservations, 1),
                           others = normals(2 * kObservations, 2);
  const auto keys = keys_of(2, 0);
  const auto policy = actor_policy(agent);
  const std::vector<float> seen = act(*policy, {.observations = observations, .keys = keys});
  const std::vector<float> latents = latents_of(*agent, observations, 2);
  const std::vector<float> dreamed = act(*policy, {others, latents, keys});
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(seen[i], dreamed[i], 1e-5);
  EXPECT_NE(seen, act(*policy, {.observations = others, .keys = keys}));
}

TEST(ActorPolicy, ExplorationDependsOnTheKey) {
  const auto agent = random_agent();
  const std::vector<float> observations = normals(2 * kObservations, 1);
  const auto policy = exploring_actor_policy(agent);
  const auto now = keys_of(2, 0), later = keys_of(2, 1);
  const std::vector<float> first = act(*policy, {.observations = observations, .keys = now});
  EXPECT_EQ(first, act(*policy, {.observations = observations, .keys = now}));
  EXPECT_NE(first, act(*policy, {.observations = observations, .keys = later}));
}

TEST(PlannerPolicy, AResetForgetsThePlanOfItsRow) {
  const auto agent = random_agent();
  const std::vector<float> first = normals(2 * kObservations, 30), next = normals(2 * kObservations, 31);
  const auto at_first = keys_of(2, 0), at_next = keys_of(2, 1);
  PlannerPolicy policy(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount));
  policy.reset(2);
  const std::vector<float> cold = act(policy, {.observations = next, .keys = at_next});
  const auto after_first = [&] {
    policy.reset(2);
    act(policy, {.observations = first, .keys = at_first});
  };
  after_first();
  const std::vector<float> warm = act(policy, {.observations = next, .keys = at_next});
  EXPECT_NE(warm, cold);
  after_first();
  policy.reset_row(1);
  const std::vector<float> mixed = act(policy, {.observations = next, .keys = at_next});
  for (size_t i = 0; i < kActions; ++i) {
    EXPECT_EQ(mixed[i], warm[i]);
    EXPECT_EQ(mixed[kActions + i], cold[kActions + i]);
  }
  EXPECT_EQ(policy.stats().decisions, 10);
}

TEST(PlannerPolicy, AnExploringOneKeepsNothing) {
  const auto agent = random_agent();
  const std::vector<float> first = normals(kObservations, 30), next = normals(kObservations, 31);
  const auto at_first = keys_of(1, 0), at_next = keys_of(1, 1);
  PlannerPolicy policy(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount), true);
  policy.reset(1);
  const std::vector<float> cold = act(policy, {.observations = next, .keys = at_next});
  act(policy, {.observations = first, .keys = at_first});
  EXPECT_EQ(act(policy, {.observations = next, .keys = at_next}), cold);
}

TEST(CorrelatedRandomPolicy, FillsTheRangeAndKeepsItsDirection) {
  const auto policy = correlated_random_policy(spec_of(false), 5);
  std::vector<float> actions;  // of the second entry, from -2 to 4
  for (uint64_t k = 0; k < 2000; ++k) {
    const auto keys = keys_of(1, k);
    actions.push_back(act(*policy, {.keys = keys})[1]);
  }
  EXPECT_LT(*std::ranges::min_element(actions), -1.8F);
  EXPECT_GT(*std::ranges::max_element(actions), 3.8F);
  double mean = 0.0, same = 0.0;
  for (size_t k = 1; k < actions.size(); ++k) {
    mean += actions[k] / static_cast<double>(actions.size());
    same += (actions[k] > 1.0F) == (actions[k - 1] > 1.0F) ? 1.0 : 0.0;
  }
  EXPECT_NEAR(mean, 1.0, 0.4);
  EXPECT_GT(same / static_cast<double>(actions.size()), 0.6);
}

TEST(CollectingPolicy, PicksByTheEpisodeOfTheRow) {
  size_t most_rows = 0;
  const auto constant = [&](float value) {
    return std::make_unique<tests::FunctionPolicy>([&, value](const auto& input, std::span<float> actions) {
      if (value == 1.0F) most_rows = std::max(most_rows, input.keys.size());
      for (float& a : actions) a = value;
    });
  };
  const auto policy = collecting_policy(constant(0.0F), constant(1.0F), 0.5);
  const auto keys = keys_of(6, 0);  // episodes 0 to 5
  const std::vector<float> actions = act(*policy, {.keys = keys});
  for (size_t n = 0; n < 6; ++n) EXPECT_EQ(actions[n * kActions], n % 2 == 1 ? 1.0F : 0.0F) << n;
  EXPECT_EQ(most_rows, 1U);  // a planner plans its rows one by one
  EXPECT_THAT(act(*collecting_policy(constant(0.0F), nullptr, 1.0), {.keys = keys}), testing::Each(0.0F));
}

TEST(CollectingPolicy, TheActorSeesItsResets) {
  auto counting = std::make_unique<tests::CountingPolicy>();
  const tests::CountingPolicy& actor = *counting;
  const auto policy = collecting_policy(std::move(counting), nullptr, 0.5);
  policy->reset(2);
  const auto keys = keys_of(2, 0);
  act(*policy, {.keys = keys});
  policy->reset_row(1);
  EXPECT_THAT(actor.since_reset, testing::ElementsAre(1, 0));
}

}  // namespace
}  // namespace reverie::policies
