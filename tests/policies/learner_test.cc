#include "policies/learner.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>

#include "base/error.h"
#include "contract/rng.h"
#include "policies/agent_impl.h"
#include "tensor/tensor_io.h"
#include "tests/policies/support.h"
#include "worldmodel/batch.h"

namespace reverie::policies {
namespace {

contract::EnvSpec small_spec() {
  contract::EnvSpec spec;
  spec.observation_dim = 3;
  spec.action_dim = 2;
  spec.action_low = {-1.0F, -2.0F};
  spec.action_high = {1.0F, 4.0F};
  spec.nq = 1;
  spec.nv = 1;
  spec.episode_steps = 10;
  return spec;
}

worldmodel::ModelConfig small_model() {
  worldmodel::ModelConfig config;
  config.kind = "joint_embedding";
  config.latent_dim = 16;
  config.encoder_dim = config.hidden_dim = config.probe_dim = 32;
  return config;
}

LearnerConfig small_learner() {
  LearnerConfig config;
  config.batch_size = 16;
  config.imagination_batch = 32;
  return config;
}

std::shared_ptr<Agent> small_agent(uint64_t seed = 1) {
  return std::make_shared<Agent>(small_spec(), small_model(), small_learner(), 2, seed, tensor::kCpu);
}

// Reward is the second action: what the actor should learn to raise.
worldmodel::Batch batch_of(uint64_t update) {
  contract::Rng rng(7, 0, contract::Stream::kReplay, update);
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({4, 16, 3}, rng);
  batch.actions = tensor::normal_tensor({3, 16, 2}, rng).clamp(-1.0, 1.0);
  batch.rewards = batch.actions.select(-1, 1).clone();
  batch.terminated = torch::zeros({3, 16});
  batch.mask = torch::ones({3, 16});
  batch.states = batch.observations.slice(-1, 0, 2).clone();
  return batch;
}

bool same_weights(const Agent& a, const Agent& b) {
  const base::SafeTensors x = a.weights(), y = b.weights();
  for (const auto& [name, tensor] : x.tensors) {
    if (tensor.data != y.at(name).data) return false;
  }
  return x.tensors.size() == y.tensors.size();
}

TEST(Agent, ActionsLieInTheRange) {
  const auto agent = small_agent();
  contract::Rng rng(1, 0, contract::Stream::kReplay);
  std::vector<float> observations(size_t{50} * 3), actions(size_t{50} * 2);
  for (float& value : observations) value = static_cast<float>(10.0 * rng.normal());
  std::vector<contract::DrawKey> keys(50);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = {1, i, 0};
  agent->explore(observations, keys, actions);
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_GE(actions[2 * i], -1.0F);
    EXPECT_LE(actions[2 * i], 1.0F);
    EXPECT_GE(actions[2 * i + 1], -2.0F);
    EXPECT_LE(actions[2 * i + 1], 4.0F);
  }
}

TEST(Agent, NoiseDependsOnTheKeyNotOnTheRow) {
  const auto agent = small_agent();
  const std::vector<float> observations = {0.1F, 0.2F, 0.3F, 0.1F, 0.2F, 0.3F};
  std::vector<float> pair(4), swapped(4);
  agent->explore(observations, std::vector<contract::DrawKey>{{1, 5, 7}, {1, 6, 7}}, pair);
  agent->explore(observations, std::vector<contract::DrawKey>{{1, 6, 7}, {1, 5, 7}}, swapped);
  EXPECT_EQ(pair[0], swapped[2]);
  EXPECT_EQ(pair[3], swapped[1]);
  EXPECT_NE(pair[0], pair[2]);
}

TEST(Agent, WeightsRoundTripBitForBit) {
  const auto agent = small_agent(1), other = small_agent(2);
  ASSERT_FALSE(same_weights(*agent, *other));
  other->load_weights(agent->weights());
  EXPECT_TRUE(same_weights(*agent, *other));
}

TEST(Agent, RefusesWeightsOfAnotherShape) {
  const auto agent = small_agent();
  base::SafeTensors weights = agent->weights();
  weights.tensors["actor.out.bias"].shape = {3};
  EXPECT_THROW(agent->load_weights(weights), base::UserError);
  base::SafeTensors extra = agent->weights();
  extra.tensors["stranger"] = extra.tensors["probe.mean"];
  EXPECT_THROW(agent->load_weights(extra), base::UserError);
  base::SafeTensors missing = agent->weights();
  missing.tensors.erase("critic.out.bias");
  EXPECT_THROW(agent->load_weights(missing), base::UserError);
}

// The actor's update sees the world model and the critic as constants: after it, their gradients are those of
// their own loss, untouched.
TEST(Learner, GradientsStopWhereTheyMust) {
  LearnerConfig dreaming = small_learner(), not_dreaming = small_learner();
  not_dreaming.imagination_horizon = 0;
  const auto one = small_agent(), other = small_agent();
  Learner with_dream(one, dreaming, 1), without_dream(other, not_dreaming, 1);
  with_dream.update(batch_of(0), false);
  without_dream.update(batch_of(0), false);
  for (const std::string name :
       {"model.dynamics.out.weight", "model.reward.out.weight", "critic.out.weight"}) {
    const at::Tensor a = parameter_of(*one, name).grad(), b = parameter_of(*other, name).grad();
    EXPECT_TRUE(at::equal(a, b)) << name;
    EXPECT_GT(a.abs().max().item<float>(), 0.0F) << name;
  }
  // Imagination reaches the actor through rewards and dynamics; target critics learn by averaging only.
  EXPECT_FALSE(parameter_of(*one, "target_critic.out.weight").requires_grad());
}

TEST(Learner, ActorLearnsInImaginationAlone) {
  const auto agent = small_agent();
  Learner learner(agent, small_learner(), 1);
  for (uint64_t i = 0; i < 400; ++i) ASSERT_FALSE(learner.update(batch_of(i), false).skipped);
  contract::Rng rng(8, 0, contract::Stream::kReplay);
  std::vector<float> observations(size_t{32} * 3), actions(size_t{32} * 2);
  for (float& value : observations) value = static_cast<float>(rng.normal());
  agent->act(observations, actions);
  double mean = 0.0;
  for (int i = 0; i < 32; ++i) mean += actions[2 * i + 1] / 32.0;
  EXPECT_GT(mean, 3.0);  // the range is [-2, 4] and the reward is this action
}

// Over the whole of the updates, the average is the plain mean of all the actors there were.
TEST(Learner, AverageActorIsTheMeanOfItsShare) {
  LearnerConfig config = small_learner();
  config.average_share = 1.0;
  const auto agent = small_agent();
  Learner learner(agent, config, 1);
  at::Tensor sum;
  for (uint64_t i = 0; i < 4; ++i) {
    learner.update(batch_of(i), false);
    const at::Tensor actor = agent->impl().actor.body.out.weight.detach().clone();
    sum = i == 0 ? actor : sum + actor;
  }
  const at::Tensor average = agent->impl().average_actor.body.out.weight;
  EXPECT_TRUE(at::allclose(average, sum / 4.0, 1e-5, 1e-7));
  EXPECT_FALSE(at::allclose(average, agent->impl().actor.body.out.weight, 1e-3, 1e-5));
}

TEST(Learner, EntropyWeightMovesTowardsTheTarget) {
  for (const double target : {-100.0, 100.0}) {
    LearnerConfig config = small_learner();
    config.entropy_target = target;
    const auto agent = std::make_shared<Agent>(small_spec(), small_model(), config, 2, 1, tensor::kCpu);
    Learner learner(agent, config, 1);
    learner.update(batch_of(0), false);
    const double weight = learner.update(batch_of(1), true).values.at("actor/entropy_weight");
    if (target > 0.0) {
      EXPECT_GT(weight, config.entropy_weight);
    } else {
      EXPECT_LT(weight, config.entropy_weight);
    }
  }
}

// All recorded actions are the same and all rewards are zero: what moves the policy there
// is the behaviour term.
TEST(Learner, BehaviourWeightPullsTowardsRecordedActions) {
  std::vector<double> distances;
  for (const double weight : {0.0, 10.0}) {
    LearnerConfig config = small_learner();
    config.behaviour_weight = weight;
    const auto agent = std::make_shared<Agent>(small_spec(), small_model(), config, 2, 1, tensor::kCpu);
    Learner learner(agent, config, 1);
    for (uint64_t i = 0; i < 200; ++i) {
      worldmodel::Batch batch = batch_of(i);
      batch.actions.fill_(0.5);
      batch.rewards.zero_();
      learner.update(batch, false);
    }
    std::vector<float> actions(2);
    agent->act(std::vector<float>{0.1F, 0.2F, 0.3F}, actions);
    distances.push_back(std::hypot(actions[0] - 0.5, (actions[1] + 2.0) / 3.0 - 1.5));
  }
  EXPECT_LT(distances[1], 0.1);
  EXPECT_GT(distances[0], 2.0 * distances[1]);
}

// The critic's targets feel it too: with a large negative weight, values fall below those without.
TEST(Learner, PessimismLowersTheCritic) {
  std::vector<double> values;
  for (const double weight : {0.0, -100.0}) {
    LearnerConfig config = small_learner();
    config.uncertainty_weight = weight;
    const auto agent = std::make_shared<Agent>(small_spec(), small_model(), config, 2, 1, tensor::kCpu);
    Learner learner(agent, config, 1);
    for (uint64_t i = 0; i < 100; ++i) learner.update(batch_of(i), false);
    at::NoGradGuard no_grad;
    const Agent::Impl& a = agent->impl();
    const worldmodel::Batch batch = batch_of(200);
    const at::Tensor z = worldmodel::start_at(*a.model, batch.observations[0]).features;
    values.push_back(critic_values(a.critic, z, batch.actions[0]).mean().item<double>());
  }
  EXPECT_LT(values[1], values[0] - 1.0);
}

TEST(Learner, StateRoundTripGoesOnBitForBit) {
  const auto whole = small_agent(), broken = small_agent(), fresh = small_agent(9);
  Learner one(whole, small_learner(), 1), first(broken, small_learner(), 1);
  for (uint64_t i = 0; i < 10; ++i) one.update(batch_of(i), false);
  for (uint64_t i = 0; i < 5; ++i) first.update(batch_of(i), i == 2);  // asking for figures changes nothing
  Learner second(fresh, small_learner(), 1);
  fresh->load_weights(broken->weights());
  second.load_state(first.state());
  for (uint64_t i = 5; i < 10; ++i) second.update(batch_of(i), false);
  EXPECT_EQ(second.updates(), 10);
  EXPECT_TRUE(same_weights(*whole, *fresh));
}

TEST(Learner, OverlapChangesNoBit) {
  const auto one = small_agent(), other = small_agent();
  Learner alone(one, small_learner(), 1), overlapped(other, small_learner(), 1, true);
  for (uint64_t i = 0; i < 40; ++i) {
    const UpdateStats a = alone.update(batch_of(i), true), b = overlapped.update(batch_of(i), true);
    ASSERT_EQ(a.values, b.values) << "update " << i;
  }
  EXPECT_TRUE(same_weights(*one, *other));
}

// The actor's gradient is of the model from before the update, so its first step does not depend on
// how the model learns.
TEST(Learner, ActorDreamsInTheModelBeforeTheUpdate) {
  LearnerConfig slow = small_learner();
  slow.encoder_lr_scale = 0.0;
  const auto one = small_agent(), other = small_agent();
  Learner(one, small_learner(), 1).update(batch_of(0), false);
  Learner(other, slow, 1).update(batch_of(0), false);
  const auto equal = [&](const std::string& name) {
    return at::equal(parameter_of(*one, name), parameter_of(*other, name));
  };
  EXPECT_FALSE(equal("model.encoder.0.weight"));
  EXPECT_TRUE(equal("actor.out.weight"));
}

TEST(Learner, SkipsAnUpdateThatIsNotFinite) {
  const auto agent = small_agent(), untouched = small_agent();
  Learner learner(agent, small_learner(), 1);
  worldmodel::Batch batch = batch_of(0);
  batch.rewards[0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(learner.update(batch, false).skipped);
  for (const auto& [name, tensor] : untouched->weights().tensors) {
    if (name.starts_with("probe.")) continue;
    EXPECT_EQ(tensor.data, agent->weights().at(name).data) << name;
  }
}

TEST(Learner, HorizonZeroNeedsNoDream) {
  LearnerConfig config = small_learner();
  config.imagination_horizon = 0;
  const auto agent = std::make_shared<Agent>(small_spec(), small_model(), config, 2, 1, tensor::kCpu);
  Learner learner(agent, config, 1);
  const UpdateStats stats = learner.update(batch_of(0), true);
  EXPECT_FALSE(stats.skipped);
  EXPECT_TRUE(std::isfinite(stats.values.at("actor/imagined_return")));
}

}  // namespace
}  // namespace reverie::policies
