// The same weights on the GPU and on the CPU act, plan and dream alike. Skipped where there is no GPU.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <cmath>

#include "contract/world.h"
#include "policies/planner.h"
#include "policies/sequence_scorer.h"
#include "tests/policies/support.h"

namespace reverie::policies {
namespace {

constexpr int64_t kHorizon = 3, kRows = 5;
constexpr double kTolerance = 1e-4;

class CudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    cpu_ = random_agent(true);
    cuda_ = std::make_shared<Agent>(spec_of(true), cpu_->impl().config, LearnerConfig{}, 2, uint64_t{4},
                                    tensor::resolve_device("cuda"));
    cuda_->load_weights(cpu_->weights());
  }

  static void expect_near(std::span<const float> found, std::span<const float> expected) {
    ASSERT_EQ(found.size(), expected.size());
    float spread = 0.0F;
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i], expected[i], kTolerance * (1.0 + std::abs(expected[i]))) << "entry " << i;
      spread = std::max(spread, std::abs(expected[i] - expected[0]));
    }
    EXPECT_GT(spread, 0.01F);
  }

  std::shared_ptr<Agent> cpu_, cuda_;
};

TEST_F(CudaTest, WeightsMakeTheRoundTrip) {
  const base::SafeTensors expected = cpu_->weights(), found = cuda_->weights();
  for (const auto& [name, tensor] : expected.tensors) EXPECT_EQ(found.at(name).data, tensor.data) << name;
}

TEST_F(CudaTest, ActsAndExploresAlike) {
  const std::vector<float> observations = normals(kRows * kObservations, 0);
  std::vector<float> found(kRows * kActions), expected(kRows * kActions);
  cpu_->act(observations, expected);
  cuda_->act(observations, found);
  expect_near(found, expected);
  const std::vector<contract::DrawKey> keys = keys_of(kRows, 2);
  cpu_->explore(observations, keys, expected);
  cuda_->explore(observations, keys, found);
  expect_near(found, expected);
}

TEST_F(CudaTest, ScoresSequencesAlike) {
  const std::vector<float> observation = normals(kObservations, 1),
                           noise = normals(kHorizon * 40 * kActions, 2);
  std::vector<std::vector<float>> scores;
  for (const auto& agent : {cpu_, cuda_}) {
    const auto scorer = make_sequence_scorer(*agent, PlannerConfig{}, 0.9);
    scorer->start_at_observation(observation);
    std::vector<float> actions(noise.size()), rolled(40), given(40);
    scorer->roll_out(noise, actions, rolled);
    scorer->score(actions, given);
    expect_near(given, rolled);
    rolled.push_back(scorer->reward(std::span(actions).first(kActions)));
    scores.push_back(rolled);
  }
  expect_near(scores[1], scores[0]);
}

TEST_F(CudaTest, PlansAlike) {
  const std::vector<float> observations = normals(kRows * kObservations, 3);
  const std::vector<contract::DrawKey> keys = keys_of(kRows, 0);
  std::vector<std::vector<float>> actions;
  for (const auto& agent : {cpu_, cuda_}) {
    Planner planner(agent, Think::kLight, PlannerConfig{}, 0.9);
    actions.emplace_back(kRows * kActions);
    planner.act(observations, keys, actions.back());
  }
  expect_near(actions[1], actions[0]);
}

TEST_F(CudaTest, DreamsAlike) {
  contract::Episode start = contract::make_episode(spec_of(true), 0, 0);
  start.observations = normals(kObservations, 4);
  start.physics = {0.0, 0.3, -0.2};  // time, qpos, qvel
  const std::vector<contract::StartPoint> starts(kRows, contract::StartPoint{&start, 0});
  const std::vector<float> actions = normals(kRows * kActions, 5);
  const auto dream = cpu_->imagined_world(), on_cuda = cuda_->imagined_world();
  dream->reset(starts);
  on_cuda->reset(starts);
  for (int step = 0; step < 3; ++step) {
    dream->step(actions);
    on_cuda->step(actions);
  }
  expect_near(on_cuda->observations(), dream->observations());
  expect_near(on_cuda->rewards(), dream->rewards());
  expect_near(on_cuda->continuation(), dream->continuation());
  expect_near(on_cuda->uncertainty(), dream->uncertainty());
  expect_near(on_cuda->velocities(), dream->velocities());
}

}  // namespace
}  // namespace reverie::policies
