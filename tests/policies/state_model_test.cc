// Actor, planner, dream and learner on a latent model that reads positions and velocities.
#include "tests/policies/state_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "contract/episode.h"
#include "contract/pushed_policy.h"
#include "policies/actor_policy.h"
#include "policies/collecting_policy.h"
#include "policies/imagination.h"
#include "policies/learner.h"
#include "policies/planner_policy.h"
#include "tests/policies/support.h"

namespace reverie::policies {
namespace {

using testing::ElementsAreArray;
using testing::FloatNear;
using testing::Not;
using testing::Pointwise;
using testing::ThrowsMessage;

constexpr int64_t kStates = 2, kFeatures = kObservations + kStates;
constexpr double kDiscount = 0.9;

LearnerConfig small_learner() {
  LearnerConfig config;
  config.batch_size = 16;
  config.imagination_batch = 32;
  return config;
}

struct Subject {
  std::shared_ptr<Agent> agent;
  StateModel* model;  // the agent's
};

Subject state_agent() {
  worldmodel::ModelConfig config;
  config.kind = "mechanics";
  config.hidden_dim = config.probe_dim = 24;
  contract::Rng rng(4, 0, contract::Stream::kInit);
  auto model = std::make_unique<StateModel>(kObservations, kStates, kActions, rng);
  StateModel* observed = model.get();
  auto agent = std::make_shared<Agent>(spec_of(false), std::move(model), config, small_learner(), 2,
                                       uint64_t{1}, tensor::kCpu);
  contract::Rng more(5, 0, contract::Stream::kInit);
  visit_all(agent->impl(), [&](const std::string& name, at::Tensor& t) {
    if (name.find("out.weight") != std::string::npos) t.copy_(tensor::normal_tensor(t.sizes().vec(), more));
  });
  return {agent, observed};
}

contract::Episode episode_of() {
  contract::Episode episode = contract::make_episode(spec_of(false), 0, 0);
  episode.observations = normals(size_t{9} * kObservations, 1);
  episode.actions = normals(size_t{8} * kActions, 2);
  episode.rewards.assign(8, 0.0F);
  for (int t = 0; t < 9; ++t) episode.physics.insert(episode.physics.end(), {0.1 * t, 0.5 + t, -0.25 * t});
  return episode;
}

std::vector<float> known_at(const contract::Episode& episode, int64_t t) {  // [O + F]
  std::vector<float> row(kFeatures);
  contract::observation_and_features(spec_of(false), episode, t, row);
  return row;
}

worldmodel::Batch batch_of() {
  contract::Rng rng(7, 0, contract::Stream::kReplay);
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({4, 16, kObservations}, rng);
  batch.actions = tensor::normal_tensor({3, 16, kActions}, rng).clamp(-1.0, 1.0);
  batch.rewards = tensor::normal_tensor({3, 16}, rng);
  batch.terminated = torch::zeros({3, 16});
  batch.mask = torch::ones({3, 16});
  batch.states = tensor::normal_tensor({4, 16, kStates}, rng);
  batch.between = tensor::normal_tensor({3, 1, 16, kFeatures}, rng);
  return batch;
}

std::vector<float> act(contract::Policy& policy, const contract::PolicyInput& input) {
  std::vector<float> actions(input.keys.size() * kActions);
  policy.act(input, actions);
  return actions;
}

TEST(ModelThatReadsStates, ActorNeedsObservationsAlone) {
  const auto [agent, model] = state_agent();
  const std::vector<float> observations = normals(2 * kObservations, 1);
  const auto keys = keys_of(2, 0);
  const auto latents = [&](uint64_t stream) {
    const std::vector<float> states = normals(2 * kStates, stream);
    std::vector<float> out;
    for (int n = 0; n < 2; ++n) {
      out.insert(out.end(), observations.begin() + n * kObservations,
                 observations.begin() + (n + 1) * kObservations);
      out.insert(out.end(), states.begin() + n * kStates, states.begin() + (n + 1) * kStates);
    }
    return out;
  };
  const auto mean = actor_policy(agent), exploring = exploring_actor_policy(agent);
  EXPECT_FALSE(mean->reads_states());
  EXPECT_FALSE(exploring->reads_states());
  const std::vector<float> seen = act(*mean, {.observations = observations, .keys = keys});
  for (const uint64_t stream : {2U, 3U}) {
    const std::vector<float> dreamed = latents(stream);
    EXPECT_EQ(act(*mean, {.latents = dreamed, .keys = keys}), seen);
  }
  const std::vector<float> others = normals(2 * kObservations, 8);
  EXPECT_NE(act(*mean, {.observations = others, .keys = keys}), seen);
  EXPECT_NE(act(*exploring, {.observations = observations, .keys = keys}), seen);
}

TEST(ModelThatReadsStates, ImaginedActionsDependOnWhatTheActorSees) {
  const auto [agent, model] = state_agent();
  contract::Rng rng(3, 0, contract::Stream::kEvaluation);
  const at::Tensor o = tensor::normal_tensor({4, kObservations}, rng);
  const at::Tensor noise = tensor::normal_tensor({1, 4, kActions}, rng);
  const auto action = [&](const at::Tensor& seen, double state) {
    const at::Tensor z = at::cat({seen, at::full({4, kStates}, state)}, 1);
    return imagine_policy(*model, agent->impl().actor, {z, {}}, noise, false).action;
  };
  EXPECT_TRUE(at::equal(action(o, 0.0), action(o, 1.0)));
  EXPECT_FALSE(at::equal(action(o, 0.0), action(o + 1.0, 0.0)));
}

TEST(ModelThatReadsStates, PlansAlikeInPhysicsAndInTheDream) {
  const auto [agent, model] = state_agent();
  const contract::Episode episode = episode_of();
  const contract::StartPoint start{&episode, 4};
  const auto dream = agent->imagined_world();
  dream->reset(std::span(&start, 1));
  const std::vector<float> known = known_at(episode, 4);
  const auto keys = keys_of(1, 0);
  PlannerPolicy policy(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount));
  EXPECT_TRUE(policy.reads_states());
  const std::vector<float> states(known.begin() + kObservations, known.end());
  const std::vector<float> seen =
      act(policy, {.observations = episode.observation(4), .keys = keys, .states = states});
  policy.reset(1);
  EXPECT_EQ(act(policy, {dream->observations(), dream->latents(), keys}), seen);

  PlannerPolicy exploring(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount), true);
  const std::vector<float> elsewhere = {-3.0F, 2.0F};
  EXPECT_NE(act(exploring, {.observations = episode.observation(4), .keys = keys, .states = states}),
            act(exploring, {.observations = episode.observation(4), .keys = keys, .states = elsewhere}));
}

TEST(ModelThatReadsStates, PlanningWithoutThemIsRefused) {
  const auto [agent, model] = state_agent();
  PlannerPolicy policy(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount));
  const std::vector<float> observation = normals(kObservations, 1);
  EXPECT_THAT([&] { act(policy, {.observations = observation, .keys = keys_of(1, 0)}); },
              ThrowsMessage<base::UserError>(
                  "model.kind=mechanics plans only where positions and velocities are known"));
}

TEST(ModelThatReadsStates, PoliciesAroundAPlannerPassItsWishOn) {
  const auto planner = [](const std::shared_ptr<Agent>& agent) {
    return std::make_unique<PlannerPolicy>(Planner(agent, Think::kLight, PlannerConfig{}, kDiscount), true);
  };
  const auto [reader, model] = state_agent();
  const auto other = random_agent();
  const contract::EnvSpec spec = spec_of(false);
  for (const auto& agent : {reader, other}) {
    const bool reads = agent == reader;
    EXPECT_EQ(planner(agent)->reads_states(), reads);
    const auto collecting = collecting_policy(exploring_actor_policy(agent), planner(agent), 1.0);
    EXPECT_EQ(collecting->reads_states(), reads);
    EXPECT_EQ(contract::pushed_policy(*collecting, spec)->reads_states(), reads);
    EXPECT_EQ(contract::pushed_in_some_episodes(planner(agent), spec, 0.5)->reads_states(), reads);
    EXPECT_FALSE(collecting_policy(exploring_actor_policy(agent), nullptr, 0.0)->reads_states());
  }
  // Each row of a collecting policy goes on with its own state.
  const auto collecting = collecting_policy(exploring_actor_policy(reader), planner(reader), 1.0);
  const std::vector<float> observations = normals(2 * kObservations, 1), states = normals(2 * kStates, 2);
  const auto keys = keys_of(2, 0);
  const std::vector<float> both =
      act(*collecting, {.observations = observations, .keys = keys, .states = states});
  const std::vector<float> second =
      act(*planner(reader), {.observations = std::span(observations).last(kObservations),
                             .keys = std::span(keys).last(1),
                             .states = std::span(states).last(kStates)});
  EXPECT_THAT(second, ElementsAreArray(std::span(both).last(kActions)));
}

TEST(ModelThatReadsStates, TheDreamShowsTheModelsOwnState) {
  const auto [agent, model] = state_agent();
  const contract::Episode episode = episode_of();
  const std::vector<contract::StartPoint> starts{{&episode, 3}, {&episode, 6}};
  const auto dream = agent->imagined_world();
  dream->reset(starts);
  const auto expect_own = [&] {
    for (size_t n = 0; n < 2; ++n) {
      const auto row = dream->latents().subspan(n * kFeatures, kFeatures);
      EXPECT_THAT(dream->observations().subspan(n * kObservations, kObservations),
                  ElementsAreArray(row.first(kObservations)));
      EXPECT_EQ(dream->positions()[n], row[kObservations]);
      EXPECT_EQ(dream->velocities()[n], row[kObservations + 1]);
    }
  };
  expect_own();
  EXPECT_THAT(dream->latents().last(kFeatures), ElementsAreArray(known_at(episode, 6)));
  dream->step(std::vector<float>{0.5F, 1.0F, -0.5F, 2.0F});
  expect_own();
  EXPECT_THAT(dream->latents().last(kFeatures), Not(ElementsAreArray(known_at(episode, 6))));
  const contract::Snapshot snapshot = dream->snapshot();
  dream->step(std::vector<float>{1.0F, 1.0F, 1.0F, 1.0F});
  const std::vector<float> later(dream->positions().begin(), dream->positions().end());
  dream->restore(snapshot);
  dream->step(std::vector<float>{1.0F, 1.0F, 1.0F, 1.0F});
  EXPECT_THAT(dream->positions(), ElementsAreArray(later));

  std::vector<float> decoded(kObservations);
  agent->reconstruct(episode.observation(2), decoded);
  EXPECT_THAT(decoded, ElementsAreArray(episode.observation(2)));
}

TEST(ModelThatReadsStates, TheLearnerPassesThemOn) {
  const auto [agent, model] = state_agent();
  Learner learner(agent, small_learner(), 1);
  const worldmodel::Batch batch = batch_of();
  ASSERT_FALSE(learner.update(batch, true).skipped);
  EXPECT_TRUE(at::equal(model->given->batch.states, batch.states));
  EXPECT_TRUE(at::equal(model->given->batch.between, batch.between));
  EXPECT_TRUE(at::equal(model->given->start_states, batch.states));
}

RowStatistics statistics_of(size_t rows) {
  const std::vector<float> ones(kFeatures, 1.0F);
  return {.mean = ones,
          .deviation = ones,
          .change = ones,
          .low = ones,
          .high = ones,
          .sample = normals(rows * kFeatures, 5),
          .sample_next = normals(rows * kFeatures, 6)};
}

TEST(ModelThatReadsStates, StatisticsCarryTransitions) {
  const auto [agent, model] = state_agent();
  Learner learner(agent, small_learner(), 1);
  learner.set_statistics(statistics_of(7));
  const worldmodel::ObservationStatistics& given = model->given->statistics;
  EXPECT_EQ(given.mean.size(0), kObservations);
  ASSERT_TRUE(given.rows.defined());
  EXPECT_EQ(given.rows.sizes(), (at::IntArrayRef{7, kFeatures}));
  EXPECT_EQ(given.rows[1][0].item<float>(), statistics_of(7).sample[kFeatures]);
  EXPECT_EQ(given.next[1][0].item<float>(), statistics_of(7).sample_next[kFeatures]);
  learner.set_statistics(statistics_of(0));
  EXPECT_FALSE(model->given->statistics.rows.defined());
}

// All Z features change their unit. The actor reads the first of them only.
TEST(ModelThatReadsStates, ANewUnitOfFeaturesChangesNoNetwork) {
  const auto [agent, model] = state_agent();
  model->answer = {at::full({kFeatures}, 2.0), at::full({kFeatures}, 0.5)};  // z = 2 z' + 0.5
  Learner learner(agent, small_learner(), 1);
  contract::Rng rng(3, 0, contract::Stream::kEvaluation);
  const at::Tensor z = tensor::normal_tensor({1, kFeatures}, rng), z_new = (z - 0.5) / 2.0;
  const at::Tensor action = at::zeros({1, kActions});
  const auto answers = [&](const at::Tensor& features) {
    at::NoGradGuard no_grad;
    std::vector<float> out(kActions + 2);
    tensor::copy_to(mean_action(agent->impl().average_actor, worldmodel::seen_of(*model, features)),
                    std::span(out).first(kActions));
    tensor::copy_to(critic_values(agent->impl().critic, features, action).slice(0, 0, 2),
                    std::span(out).last(2));
    return out;
  };
  const std::vector<float> before = answers(z);
  learner.set_statistics(statistics_of(0));
  EXPECT_THAT(answers(z_new), Pointwise(FloatNear(1e-4F), before));
  EXPECT_THAT(answers(z), Not(Pointwise(FloatNear(1e-4F), before)));
}

}  // namespace
}  // namespace reverie::policies
