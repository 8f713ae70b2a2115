// Learner, planner and imagined world on a latent model that is not the usual one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <stdexcept>

#include "contract/episode.h"
#include "policies/learner.h"
#include "policies/planner.h"
#include "tests/policies/recurrent_model.h"
#include "tests/policies/support.h"

namespace reverie::policies {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

LearnerConfig small_learner() {
  LearnerConfig config;
  config.batch_size = 16;
  config.imagination_batch = 32;
  return config;
}

std::shared_ptr<Agent> agent_with(std::unique_ptr<worldmodel::LatentModel> model) {
  worldmodel::ModelConfig config;
  config.hidden_dim = config.probe_dim = 24;
  return std::make_shared<Agent>(spec_of(false), std::move(model), config, small_learner(), 2, uint64_t{1},
                                 tensor::kCpu);
}

std::unique_ptr<RecurrentModel> recurrent_model() {
  contract::Rng rng(4, 0, contract::Stream::kInit);
  return std::make_unique<RecurrentModel>(kObservations, kActions, rng);
}

// The reward is what was seen one decision before: only a memory can know it.
worldmodel::Batch batch_of(uint64_t update) {
  contract::Rng rng(7, 0, contract::Stream::kReplay, update);
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({4, 16, kObservations}, rng).tanh();
  batch.actions = tensor::normal_tensor({3, 16, kActions}, rng).clamp(-1.0, 1.0);
  batch.rewards = torch::zeros({3, 16});
  batch.rewards.slice(0, 1).copy_(batch.observations.slice(0, 0, 2).select(-1, 0));
  batch.terminated = torch::zeros({3, 16});
  batch.mask = torch::ones({3, 16});
  batch.states = batch.observations.slice(-1, 0, 2).clone();
  return batch;
}

contract::Episode episode_of(uint64_t stream) {
  contract::Episode episode = contract::make_episode(spec_of(false), 0, 0);
  episode.observations = normals(size_t{9} * kObservations, stream);
  episode.actions = normals(size_t{8} * kActions, stream + 1);
  episode.rewards.assign(8, 0.0F);
  episode.physics.assign(size_t{9} * 3, 0.25);
  return episode;
}

std::vector<float> copy_of(std::span<const float> values) { return {values.begin(), values.end()}; }

TEST(RecurrentLatentModel, IsLearnedByTheSameLearner) {
  const auto agent = agent_with(recurrent_model());
  const at::Tensor before = parameter_of(*agent, "model.memory.weight").clone();
  Learner learner(agent, small_learner(), 1);
  double first = 0.0, last = 0.0;
  for (uint64_t i = 0; i < 400; ++i) {
    const UpdateStats stats = learner.update(batch_of(i), true);
    ASSERT_FALSE(stats.skipped) << i;
    for (const auto& [name, value] : stats.values) ASSERT_TRUE(std::isfinite(value)) << name;
    (i < 20 ? first : last) += i < 20 || i >= 380 ? stats.values.at("model/reward") : 0.0;
    EXPECT_TRUE(stats.values.contains("model/seen"));
  }
  EXPECT_LT(last, 0.5 * first);
  EXPECT_FALSE(at::equal(parameter_of(*agent, "model.memory.weight"), before));
}

TEST(RecurrentLatentModel, UpdatesRepeatBitForBit) {
  const auto one = agent_with(recurrent_model()), other = agent_with(recurrent_model());
  Learner alone(one, small_learner(), 1), overlapped(other, small_learner(), 1, true);
  for (uint64_t i = 0; i < 10; ++i) {
    const UpdateStats a = alone.update(batch_of(i), true), b = overlapped.update(batch_of(i), true);
    ASSERT_EQ(a.values, b.values) << i;
  }
  EXPECT_EQ(one->weights().tensors.at("model.memory.weight").data,
            other->weights().tensors.at("model.memory.weight").data);
}

TEST(RecurrentLatentModel, DreamsFromTheStepsBefore) {
  const auto agent = agent_with(recurrent_model());
  contract::Episode episode = episode_of(1), other = episode_of(10);
  // The same observation at step 6; at step 0 it has no past.
  std::ranges::copy(episode.observation(6), other.observations.begin());
  std::ranges::copy(episode.observation(6), other.observations.begin() + 6 * kObservations);
  const std::vector<contract::StartPoint> starts = {{&episode, 6}, {&other, 6}, {&other, 0}};
  const auto dream = agent->imagined_world();
  dream->reset(starts);
  const size_t width = RecurrentModel::kFeatures + RecurrentModel::kMemory;
  ASSERT_EQ(dream->latents().size(), 3 * width);
  const std::vector<float> latents = copy_of(dream->latents());
  const auto row = [&](size_t n) {
    return std::vector<float>(latents.begin() + n * width, latents.begin() + (n + 1) * width);
  };
  EXPECT_NE(row(0), row(1));
  EXPECT_NE(row(1), row(2));
  // The observation at the start is the stored one, and a start does not depend on those beside it.
  for (size_t i = 0; i < kObservations; ++i)
    EXPECT_FLOAT_EQ(dream->observations()[i], episode.observation(6)[static_cast<int64_t>(i)]);
  dream->reset(std::span(starts).last(1));
  for (size_t i = 0; i < width; ++i) EXPECT_NEAR(dream->latents()[i], row(2)[i], 1e-6);

  dream->step(std::vector<float>{0.5F, 1.0F});
  const std::vector<float> one = copy_of(dream->latents());
  dream->reset(std::span(starts).last(1));
  dream->step(std::vector<float>{-0.5F, 1.0F});
  EXPECT_NE(copy_of(dream->latents()), one);
}

// The fourth decision back is the last that counts: a history of 4 at 2 control steps a decision.
TEST(RecurrentLatentModel, ReadsAsManyDecisionsAsItRemembers) {
  const auto agent = agent_with(recurrent_model());
  const auto dream = agent->imagined_world();
  const auto latents_at = [&](const contract::Episode& episode) {
    const contract::StartPoint start{&episode, 8};
    dream->reset(std::span(&start, 1));
    return copy_of(dream->latents());
  };
  const contract::Episode episode = episode_of(1);
  const std::vector<float> expected = latents_at(episode);
  for (int64_t step = 0; step <= 8; ++step) {
    contract::Episode changed = episode;
    changed.observations[static_cast<size_t>(step * kObservations)] += 1.0F;
    const bool counts = step % 2 == 0 && step >= 2;
    EXPECT_EQ(latents_at(changed) != expected, counts) << "step " << step;
  }
}

TEST(RecurrentLatentModel, PlansByTensors) {
  const auto agent = agent_with(recurrent_model());
  const contract::Episode episode = episode_of(1);
  const contract::StartPoint start{&episode, 4};
  const auto dream = agent->imagined_world();
  dream->reset(std::span(&start, 1));
  std::vector<float> seen(kActions), dreamed(kActions), again(kActions);
  Planner planner(agent, Think::kLight, PlannerConfig{}, 0.9);
  planner.act(episode.observation(4), keys_of(1, 0), seen);
  planner.reset();
  planner.act_latent(dream->latents(), keys_of(1, 0), dreamed);
  planner.reset();
  planner.act_latent(dream->latents(), keys_of(1, 0), again);
  EXPECT_EQ(dreamed, again);
  EXPECT_NE(dreamed, seen);  // the dream knows what was before
  agent->act_latent(dream->latents(), again);
  for (const float value : again) EXPECT_TRUE(std::isfinite(value));
}

// A loss named like the critic's.
class Clashing : public RecurrentModel {
 public:
  using RecurrentModel::RecurrentModel;
  std::vector<worldmodel::LossWeight> losses() const override { return {{"seen", 1.0}, {"value", 1.0}}; }
};
// A loss more than there are weights.
class Surprising : public RecurrentModel {
 public:
  using RecurrentModel::RecurrentModel;
  std::vector<worldmodel::LossWeight> losses() const override { return {{"seen", 1.0}}; }
};

template <typename Model>
std::shared_ptr<Agent> agent_of() {
  contract::Rng rng(4, 0, contract::Stream::kInit);
  return agent_with(std::make_unique<Model>(kObservations, kActions, rng));
}

TEST(Losses, NamesAndWeightsMustMatch) {
  EXPECT_THAT([] { Learner(agent_of<Clashing>(), small_learner(), 1); },
              ThrowsMessage<std::logic_error>(HasSubstr("loss 'value': found twice")));
  Learner surprised(agent_of<Surprising>(), small_learner(), 1);
  EXPECT_THAT([&] { surprised.update(batch_of(0), false); },
              ThrowsMessage<std::logic_error>(HasSubstr("found 'reward', expected 'value'")));
}

}  // namespace
}  // namespace reverie::policies
