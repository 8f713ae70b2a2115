// The unit of reward that an agent learns in.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "base/error.h"
#include "policies/learner.h"
#include "tests/policies/support.h"
#include "worldmodel/batch.h"

namespace reverie::policies {
namespace {

LearnerConfig small_learner() {
  LearnerConfig config;
  config.batch_size = 16;
  config.imagination_batch = 32;
  return config;
}

std::shared_ptr<Agent> small_agent(uint64_t seed = 1) {
  worldmodel::ModelConfig model;
  model.kind = "joint_embedding";
  model.latent_dim = 16;
  model.encoder_dim = model.hidden_dim = model.probe_dim = 32;
  return std::make_shared<Agent>(spec_of(false), model, small_learner(), 2, seed, tensor::kCpu);
}

worldmodel::Batch batch_of(uint64_t update, double unit) {
  contract::Rng rng(7, 0, contract::Stream::kReplay, update);
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({4, 16, kObservations}, rng);
  batch.actions = tensor::normal_tensor({3, 16, kActions}, rng).clamp(-1.0, 1.0);
  batch.rewards = unit * (batch.actions.select(-1, 1) + 2.0);
  batch.terminated = torch::zeros({3, 16});
  batch.mask = torch::ones({3, 16});
  batch.states = batch.observations.slice(-1, 0, 2).clone();
  return batch;
}

// Everything but the scale itself.
bool same_networks(const Agent& a, const Agent& b) {
  base::SafeTensors x = a.weights(), y = b.weights();
  x.tensors.erase("reward_scale");
  y.tensors.erase("reward_scale");
  for (const auto& [name, tensor] : x.tensors) {
    if (tensor.data != y.at(name).data) return false;
  }
  return x.tensors.size() == y.tensors.size();
}

struct Trained {
  std::shared_ptr<Agent> agent = small_agent();
  Learner learner{agent, small_learner(), 1};
  UpdateStats last;
  void update(uint64_t from, uint64_t to, double unit) {
    for (uint64_t i = from; i < to; ++i) last = learner.update(batch_of(i, unit), true);
  }
};

TEST(RewardScale, LearnsTheSameInAnyUnit) {
  Trained plain, large, faint;
  plain.update(0, 20, 1.0);
  large.learner.set_reward_scale(0x1p14);
  large.update(0, 20, 0x1p14);
  faint.learner.set_reward_scale(0x1p-14);
  faint.update(0, 20, 0x1p-14);
  EXPECT_TRUE(same_networks(*plain.agent, *large.agent));
  EXPECT_TRUE(same_networks(*plain.agent, *faint.agent));
  // Its figures are in the task's.
  EXPECT_EQ(large.last.values.at("actor/imagined_return"),
            0x1p14 * plain.last.values.at("actor/imagined_return"));
  EXPECT_EQ(faint.last.values.at("model/reward"), plain.last.values.at("model/reward"));
}

double dreamt_reward(Agent& agent) {
  contract::Episode start = contract::make_episode(spec_of(false), 0, 0);
  start.observations = normals(kObservations, 1);
  start.physics = {0.0, 0.3, -0.2};
  const contract::StartPoint point{&start, 0};
  const auto world = agent.imagined_world();
  world->reset({&point, 1});
  world->step(std::vector<float>(kActions, 0.5F));
  return world->rewards()[0];
}

TEST(RewardScale, ImaginedWorldsAnswerInTheTasksUnit) {
  Trained plain, large;
  plain.update(0, 20, 1.0);
  large.learner.set_reward_scale(1024.0);
  large.update(0, 20, 1024.0);
  ASSERT_NE(dreamt_reward(*plain.agent), 0.0);
  EXPECT_EQ(dreamt_reward(*large.agent), 1024.0 * dreamt_reward(*plain.agent));
}

// Another scale in the middle of learning: what is dreamt stays about the same, in the task's unit.
TEST(RewardScale, AChangeKeepsWhatWasLearned) {
  Trained run;
  run.update(0, 400, 8.0);
  const double before = dreamt_reward(*run.agent), promised = run.last.values.at("actor/imagined_return");
  EXPECT_NEAR(before, 17.2, 4.0);  // 8 times the second action, in [-1, 1], plus 16
  run.learner.set_reward_scale(4.0);
  EXPECT_NEAR(dreamt_reward(*run.agent), before, 2.0);
  run.update(400, 401, 8.0);
  EXPECT_NEAR(run.last.values.at("actor/imagined_return"), promised, 0.15 * promised);
  run.learner.set_reward_scale(1.0);
  EXPECT_NEAR(dreamt_reward(*run.agent), before, 2.5);
}

TEST(RewardScale, GoesOnBitForBitAfterAChange) {
  Trained whole, broken;
  for (Trained* run : {&whole, &broken}) {
    run->update(0, 5, 8.0);
    run->learner.set_reward_scale(4.0);
    run->update(5, 8, 8.0);
  }
  Trained resumed;
  resumed.agent->load_weights(broken.agent->weights());
  resumed.learner.load_state(broken.learner.state());
  EXPECT_EQ(resumed.agent->reward_scale(), 4.0);
  whole.update(8, 12, 8.0);
  resumed.update(8, 12, 8.0);
  EXPECT_TRUE(same_networks(*whole.agent, *resumed.agent));
}

TEST(RewardScale, IsStoredUnlessItIsOne) {
  const auto agent = small_agent(), other = small_agent(2);
  Learner learner(agent, small_learner(), 1);
  EXPECT_FALSE(agent->weights().tensors.contains("reward_scale"));
  const base::SafeTensors before = agent->weights();
  learner.set_reward_scale(0x1p-30);
  other->load_weights(agent->weights());
  EXPECT_EQ(other->reward_scale(), 0x1p-30);
  other->load_weights(before);  // as of a checkpoint of before there was one
  EXPECT_EQ(other->reward_scale(), 1.0);
  other->copy_weights(*agent);
  EXPECT_EQ(other->reward_scale(), 0x1p-30);

  base::SafeTensors damaged = agent->weights();
  damaged.tensors["reward_scale"] = tensor::to_tensor_data(torch::zeros({}));
  EXPECT_THROW(other->load_weights(damaged), base::UserError);
}

}  // namespace
}  // namespace reverie::policies
