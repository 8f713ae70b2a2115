#include "policies/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "base/error.h"
#include "policies/agent_impl.h"
#include "policies/mppi.h"
#include "policies/sequence_scorer.h"
#include "tensor/tensor_io.h"
#include "tests/policies/support.h"

namespace reverie::policies {
namespace {

using testing::HasSubstr;

constexpr int64_t kHorizon = 3;
constexpr double kDiscount = 0.9;

std::vector<float> random_sequences(int64_t count, uint64_t stream) {
  std::vector<float> out = normals(static_cast<size_t>(kHorizon * count * kActions), stream);
  for (float& v : out) v = std::tanh(v);
  return out;
}

std::vector<float> unit_action(const std::vector<float>& action) {  // back from the environment's range
  return {action[0], (action[1] + 2.0F) / 3.0F - 1.0F};
}

// `count` rows that start at one observation.
worldmodel::LatentState start_of(Agent& agent, const std::vector<float>& observation, int64_t count) {
  const at::Tensor row = tensor::tensor_from(observation, {1, kObservations});
  return worldmodel::start_at(*agent.impl().model, row.expand({count, -1}).contiguous());
}

// The score of docs/algorithm.md, written down with the networks' own functions in double sums.
std::vector<double> composed_scores(Agent& agent, const std::vector<float>& observation, int64_t count,
                                    const std::vector<float>& actions) {
  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent.impl();
  worldmodel::LatentState state = start_of(agent, observation, count);
  const at::Tensor plans = tensor::tensor_from(actions, {kHorizon, count, kActions});
  at::Tensor weight = torch::ones({count}, torch::kFloat64), total = torch::zeros({count}, torch::kFloat64);
  for (int64_t k = 0; k < kHorizon; ++k) {
    const worldmodel::LatentStep next = a.model->step(state, plans[k], true);
    total +=
        weight * (a.model->reward(state, plans[k]) + PlannerConfig{}.uncertainty_weight * next.uncertainty);
    weight = weight * kDiscount * a.model->continuation(state, plans[k]);
    state = next.state;
  }
  const at::Tensor& z = state.features;
  total += weight * critic_values(a.critic, z, mean_action(a.average_actor, z)).to(torch::kFloat64).mean(0);
  return {total.data_ptr<double>(), total.data_ptr<double>() + count};
}

void expect_composed_scores(bool terminates, int64_t count) {
  const auto agent = random_agent(terminates);
  const std::vector<float> observation = {0.3F, -1.2F, 0.8F};
  const std::vector<float> actions = random_sequences(count, 1);
  const std::vector<double> expected = composed_scores(*agent, observation, count, actions);
  const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
  scorer->start_at_observation(observation);
  std::vector<float> scores(static_cast<size_t>(count));
  scorer->score(actions, scores);
  double spread = 0.0;
  for (int64_t i = 0; i < count; ++i) {
    EXPECT_NEAR(scores[i], expected[i], 1e-4 * (1.0 + std::abs(expected[i]))) << "sequence " << i;
    spread = std::max(spread, std::abs(expected[i] - expected[0]));
  }
  EXPECT_GT(spread, 0.1);  // the actions matter, so an ignored one would show
}

TEST(SequenceScorer, EqualsTheComposedSum) { expect_composed_scores(false, 300); }
TEST(SequenceScorer, WeighsByContinuation) { expect_composed_scores(true, 5); }

TEST(SequenceScorer, RewardIsOfTheFirstAction) {
  const auto agent = random_agent();
  const std::vector<float> observation = {0.3F, -1.2F, 0.8F}, action = {0.7F, -0.4F};
  const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
  scorer->start_at_observation(observation);
  std::vector<float> score(1);
  scorer->score(random_sequences(1, 2), score);  // leaves nothing behind that counts
  at::NoGradGuard no_grad;
  const at::Tensor row = tensor::tensor_from(action, {1, kActions});
  const auto expected = agent->impl().model->reward(start_of(*agent, observation, 1), row).item<float>();
  EXPECT_NEAR(scorer->reward(action), expected, 1e-4);
  EXPECT_GT(std::abs(expected), 1e-2);
}

TEST(SequenceScorer, RollsOutTheActor) {
  const auto agent = random_agent();
  const std::vector<float> observation = {0.3F, -1.2F, 0.8F}, noise = normals(kHorizon * 4 * kActions, 2);
  const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
  scorer->start_at_observation(observation);
  std::vector<float> actions(noise.size()), scores(4);
  scorer->roll_out(noise, actions, scores);

  at::NoGradGuard no_grad;
  const Agent::Impl& a = agent->impl();
  worldmodel::LatentState state = start_of(*agent, observation, 4);
  const at::Tensor eps = tensor::tensor_from(noise, {kHorizon, 4, kActions});
  const at::Tensor found = tensor::tensor_from(actions, {kHorizon, 4, kActions});
  for (int64_t k = 0; k < kHorizon; ++k) {
    const at::Tensor action = sample_action(a.average_actor, state.features, eps[k]).action;
    EXPECT_LT((action - found[k]).abs().max().item<double>(), 1e-5) << "decision " << k;
    state = a.model->step(state, action, false).state;
  }
  std::vector<float> again(4);
  scorer->score(actions, again);
  EXPECT_EQ(again, scores);
}

// The row scorer is the tensor one made fast: the same scores, whatever the settings.
void expect_rows_and_tensors_agree(const std::string& kind) {
  PlannerConfig config;
  config.uncertainty_weight = -0.7;
  config.pessimism = 0.4;
  for (const bool terminates : {false, true}) {
    const auto agent = random_agent(terminates, kind);
    const std::vector<float> observation = {0.3F, -1.2F, 0.8F}, noise = normals(kHorizon * 150 * kActions, 5);
    std::vector<std::vector<float>> rolled, given;
    std::vector<float> rewards;
    for (const auto& scorer :
         {make_row_scorer(*agent, config, kDiscount), make_tensor_scorer(*agent, config, kDiscount)}) {
      std::vector<float> actions(noise.size()), scores(150);
      scorer->start_at_observation(observation);
      scorer->roll_out(noise, actions, scores);
      rolled.push_back(scores);
      scorer->score(random_sequences(150, 6), scores);
      given.push_back(scores);
      rewards.push_back(scorer->reward(std::span(actions).first(kActions)));
    }
    for (size_t i = 0; i < 150; ++i) {
      EXPECT_NEAR(rolled[0][i], rolled[1][i], 1e-4 * (1.0 + std::abs(rolled[1][i]))) << i;
      EXPECT_NEAR(given[0][i], given[1][i], 1e-4 * (1.0 + std::abs(given[1][i]))) << i;
    }
    EXPECT_NEAR(rewards[0], rewards[1], 1e-4);
    EXPECT_NE(given[0][0], given[0][1]);
  }
}

TEST(SequenceScorer, RowsAndTensorsAgree) {
  expect_rows_and_tensors_agree("joint_embedding");
  expect_rows_and_tensors_agree("grounded");
}

// Maximise -sum (a_k - target_k)^2: the optimum is known.
TEST(Mppi, FindsTheOptimum) {
  const std::vector<float> target = {0.5F, -0.25F, 0.9F, 0.1F, -0.7F, 0.0F};
  const auto score = [&](std::span<const float> actions, std::span<float> scores) {
    const size_t count = scores.size();
    for (size_t s = 0; s < count; ++s) {
      double sum = 0.0;
      for (size_t i = 0; i < target.size(); ++i) {
        const size_t k = i / kActions, a = i % kActions;
        sum -= std::pow(actions[(k * count + s) * kActions + a] - target[i], 2);
      }
      scores[s] = static_cast<float>(sum);
    }
  };
  Mppi mppi(kHorizon, kActions, PlannerConfig{});
  Plan plan{std::vector<float>(6, 0.0F), std::vector<float>(6, 2.0F)};
  Candidates none;
  contract::Rng rng(1, 0, contract::Stream::kPlanner);
  mppi.refine(plan, none, budget_of(Think::kDeep), rng, score);
  for (size_t i = 0; i < target.size(); ++i) {
    EXPECT_NEAR(plan.mean[i], target[i], 0.05) << i;
    EXPECT_LT(plan.std[i], 0.25F) << i;
    EXPECT_GE(plan.std[i], 0.05F) << i;
  }
}

// A prior that holds the optimum draws the plan to it even when the samples are few.
TEST(Mppi, TakesElitesFromThePrior) {
  const auto score = [](std::span<const float>, std::span<float> scores) { std::ranges::fill(scores, 0.0F); };
  PlannerConfig config;
  config.elite_share = 0.25;
  Mppi mppi(1, 1, config);
  Plan plan{{0.0F}, {0.1F}};
  const Candidates prior{{0.75F}, {100.0F}};
  contract::Rng rng(1, 0, contract::Stream::kPlanner);
  mppi.refine(plan, prior, {.samples = 8, .iterations = 1}, rng, score);
  EXPECT_GT(plan.mean[0], 0.65F);
}

TEST(Planner, BeatsTheActorAndRandomSearch) {
  const auto agent = random_agent();
  Planner planner(agent, Think::kDeep, PlannerConfig{}, kDiscount);
  const std::vector<float> actor_noise(kHorizon * kActions, 0.0F);
  const std::vector<float> observations = normals(4 * kObservations, 3);
  const std::vector<float> sequences = random_sequences(2000, 4);
  for (size_t n = 0; n < 4; ++n) {
    const auto observation = std::span(observations).subspan(n * kObservations, kObservations);
    std::vector<float> action(kActions);
    planner.reset();
    planner.act(observation, keys_of(1, n), action);
    // The planned first action followed by the best of many continuations, against the best of as many
    // unconstrained sequences.
    const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
    scorer->start_at_observation(observation);
    std::vector<float> with_plan = sequences, free_scores(2000), plan_scores(2000), actor_action(6), actor(1);
    const std::vector<float> first = unit_action(action);
    for (size_t s = 0; s < 2000; ++s) std::ranges::copy(first, with_plan.begin() + s * kActions);
    scorer->score(sequences, free_scores);
    scorer->score(with_plan, plan_scores);
    scorer->roll_out(actor_noise, actor_action, actor);
    EXPECT_GE(std::ranges::max(plan_scores), std::ranges::max(free_scores)) << "start " << n;
    EXPECT_GE(std::ranges::max(plan_scores), actor[0]) << "start " << n;
  }
}

TEST(Planner, DoesNotDependOnTheBatch) {
  const auto agent = random_agent();
  for (const Think think : {Think::kLight, Think::kMedium, Think::kAdaptive}) {
    Planner together(agent, think, PlannerConfig{}, kDiscount),
        alone(agent, think, PlannerConfig{}, kDiscount);
    for (uint64_t step = 0; step < 3; ++step) {
      const std::vector<float> observations = normals(5 * kObservations, 10 + step);
      const std::vector<contract::DrawKey> keys = keys_of(5, step);
      std::vector<float> all(5 * kActions), one(kActions), explored(5 * kActions);
      together.act(observations, keys, all);
      alone.act(std::span(observations).subspan(3 * kObservations, kObservations),
                std::span(keys).subspan(3, 1), one);
      EXPECT_EQ(one, std::vector<float>(all.begin() + 6, all.begin() + 8)) << "step " << step;
      together.explore(observations, keys, explored);  // leaves the plans alone
    }
  }
}

TEST(Planner, ExplorationIsAFunctionOfObservationAndKey) {
  const auto agent = random_agent();
  const std::vector<float> observations = normals(2 * kObservations, 20);
  std::vector<float> first(2 * kActions), second(2 * kActions), other(2 * kActions);
  Planner planner(agent, Think::kLight, PlannerConfig{}, kDiscount);
  planner.explore(observations, keys_of(2, 0), first);
  std::vector<float> ignored(2 * kActions);
  planner.act(observations, keys_of(2, 1), ignored);
  planner.explore(observations, keys_of(2, 0), second);
  EXPECT_EQ(first, second);
  planner.explore(observations, keys_of(2, 7), other);
  EXPECT_NE(first, other);
  for (size_t n = 0; n < 2; ++n) {
    EXPECT_LE(std::abs(first[2 * n]), 1.0F);
    EXPECT_GE(first[2 * n + 1], -2.0F);
    EXPECT_LE(first[2 * n + 1], 4.0F);
  }
}

// Without a deviation every sample is the plan's own mean, so the action shows where the plan began: at the
// second action of the sequence that the actor proposed one decision before, wherever that is the better one.
TEST(Planner, WarmStartShiftsTheLastPlan) {
  const auto agent = random_agent();
  PlannerConfig config;
  config.min_std = config.max_std = 0.0;
  config.prior_share = 0.001;  // the actor's mean sequence alone
  config.gain_threshold = 0.0;
  const std::vector<float> zero(kHorizon * kActions, 0.0F);
  int shifted = 0;
  for (uint64_t trial = 0; trial < 10; ++trial) {
    const std::vector<float> first = normals(kObservations, 30 + trial),
                             next = normals(kObservations, 50 + trial);
    const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
    std::vector<float> before(zero.size()), after(zero.size()), score(1), actor_score(1), action(kActions);
    scorer->start_at_observation(first);
    scorer->roll_out(zero, before, score);
    scorer->start_at_observation(next);
    scorer->roll_out(zero, after, actor_score);
    std::vector<float> plan(before.begin() + kActions, before.end());
    plan.insert(plan.end(), after.end() - kActions, after.end());
    scorer->score(plan, score);
    if (score[0] <= actor_score[0]) continue;
    ++shifted;
    Planner planner(agent, Think::kLight, config, kDiscount);
    planner.act(first, keys_of(1, 0), action);
    planner.act(next, keys_of(1, 1), action);
    const std::vector<float> unit = unit_action(action);
    for (size_t i = 0; i < kActions; ++i) EXPECT_NEAR(unit[i], before[kActions + i], 1e-5);
  }
  EXPECT_GT(shifted, 0);
}

TEST(Planner, PlaysTheActorWhereAPlanGainsTooLittle) {
  const auto agent = random_agent();
  const std::vector<float> observation = normals(kObservations, 60);
  std::vector<float> sequence(kHorizon * kActions), score(1), action(kActions);
  const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, kDiscount);
  scorer->start_at_observation(observation);
  scorer->roll_out(std::vector<float>(sequence.size(), 0.0F), sequence, score);
  const std::vector<float> actor(sequence.begin(), sequence.begin() + kActions);
  PlannerConfig config;
  for (const double threshold : {0.0, 1e6}) {
    config.gain_threshold = threshold;
    Planner planner(agent, Think::kLight, config, kDiscount);
    planner.act(observation, keys_of(1, 0), action);
    const std::vector<float> unit = unit_action(action);
    double distance = 0.0;
    for (size_t i = 0; i < kActions; ++i) distance = std::max(distance, std::abs(double{unit[i]} - actor[i]));
    EXPECT_EQ(distance<1e-5, threshold> 0.0) << "distance " << distance;
  }
  Planner planner(agent, Think::kLight, config, kDiscount);  // collection takes what it finds
  planner.explore(observation, keys_of(1, 0), action);
  EXPECT_GT(std::abs(unit_action(action)[0] - actor[0]), 1e-5);
}

// One observation, whatever is played: every decision loses (1 - gamma) V - r. Whether the second is the
// actor's, for an agent that has little patience, and what the first lost.
struct SecondDecision {
  bool actor;
  double lost;
};

SecondDecision second_decision(const std::shared_ptr<Agent>& agent) {
  PlannerConfig config;
  config.gain_threshold = 0.0;
  config.patience = 0.01;
  config.uncertainty_weight = 0.0;
  const std::vector<float> observation = normals(kObservations, 80);
  std::vector<float> sequence(kHorizon * kActions), score(1), first(kActions), second(kActions),
      fresh(kActions);
  const auto scorer = make_sequence_scorer(*agent, config, kDiscount);
  scorer->start_at_observation(observation);
  scorer->roll_out(std::vector<float>(sequence.size(), 0.0F), sequence, score);
  const auto is_actor = [&](const std::vector<float>& action) {
    return std::abs(unit_action(action)[0] - sequence[0]) < 1e-5;
  };
  Planner planner(agent, Think::kLight, config, kDiscount);
  planner.act(observation, keys_of(1, 0), first);
  EXPECT_FALSE(is_actor(first));
  Planner copy = planner;
  planner.act(observation, keys_of(1, 1), second);
  copy.reset(0);
  copy.act(observation, keys_of(1, 1), fresh);
  EXPECT_FALSE(is_actor(fresh)) << "a new episode begins with trust";
  return {is_actor(second), (1.0 - kDiscount) * score[0] - scorer->reward(unit_action(first))};
}

TEST(Planner, PlaysTheActorWhilePlansDoNotDeliver) {
  at::NoGradGuard no_grad;
  const auto agent = random_agent();
  parameter_of(*agent, "model.reward.out.weight").zero_();
  const SecondDecision delivers = second_decision(agent);
  EXPECT_LT(delivers.lost, -0.1);  // r = 0 and values below zero: staying gains
  EXPECT_FALSE(delivers.actor);
  at::Tensor& bins = agent->impl().critic.body.out.weight;  // [.., bins, hidden]
  bins.copy_(bins.flip(-2));
  const SecondDecision promises = second_decision(agent);
  EXPECT_GT(promises.lost, 0.1);  // values above zero, from which nothing ever comes
  EXPECT_TRUE(promises.actor);
}

TEST(Planner, ResetForgetsTheLastPlan) {
  const auto agent = random_agent();
  const std::vector<float> first = normals(kObservations, 30), next = normals(kObservations, 31);
  std::vector<float> warm(kActions), cold(kActions), reset(kActions), ignored(kActions);
  Planner planner(agent, Think::kLight, PlannerConfig{}, kDiscount);
  planner.act(next, keys_of(1, 1), cold);
  planner.reset(0);
  planner.act(first, keys_of(1, 0), ignored);
  Planner copy = planner;
  planner.act(next, keys_of(1, 1), warm);
  EXPECT_NE(warm, cold);
  copy.reset(0);
  copy.act(next, keys_of(1, 1), reset);
  EXPECT_EQ(reset, cold);
}

TEST(Planner, LatentsAndObservationsAgree) {
  const auto agent = random_agent();
  const std::vector<float> observation = normals(kObservations, 40);
  const at::Tensor z = start_of(*agent, observation, 1).features;
  std::vector<float> seen(kActions), dreamed(kActions), latent(z.data_ptr<float>(), z.data_ptr<float>() + 16);
  Planner(agent, Think::kLight, PlannerConfig{}, kDiscount).act(observation, keys_of(1, 0), seen);
  Planner(agent, Think::kLight, PlannerConfig{}, kDiscount).act_latent(latent, keys_of(1, 0), dreamed);
  for (size_t i = 0; i < kActions; ++i) EXPECT_NEAR(seen[i], dreamed[i], 1e-4);
}

TEST(Planner, BadSettingsAreNamed) {
  EXPECT_EQ(think_name(parse_think("adaptive")), "adaptive");
  EXPECT_EQ(parse_think("2"), Think::kMedium);
  EXPECT_THAT([] { parse_think("4"); },
              testing::ThrowsMessage<base::UserError>("think: found '4', expected 0, 1, 2, 3 or adaptive"));
  PlannerConfig config;
  config.horizon = 0;
  EXPECT_THAT(
      [&] { Planner(random_agent(), Think::kLight, config, kDiscount); },
      testing::ThrowsMessage<base::UserError>(HasSubstr("planner.horizon: expected at least 1, found 0")));
  config = {};
  config.patience = 0.0;
  EXPECT_THAT(
      [&] { Planner(random_agent(), Think::kLight, config, kDiscount); },
      testing::ThrowsMessage<base::UserError>(HasSubstr("planner.patience: expected above 0, found 0")));
}

}  // namespace
}  // namespace reverie::policies
