// The same weights on the GPU and on the CPU act, plan and dream alike. Skipped where there is no GPU.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <cmath>

#include "contract/world.h"
#include "policies/planner.h"
#include "policies/sequence_scorer.h"
#include "tests/policies/support.h"
#include "tests/worldmodel/mechanics/small_robots.h"

namespace reverie::policies {
namespace {

constexpr int64_t kHorizon = 3, kRows = 5;
constexpr double kTolerance = 1e-4;

void expect_near(std::span<const float> found, std::span<const float> expected) {
  ASSERT_EQ(found.size(), expected.size());
  float spread = 0.0F;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], kTolerance * (1.0 + std::abs(expected[i]))) << "entry " << i;
    spread = std::max(spread, std::abs(expected[i] - expected[0]));
  }
  EXPECT_GT(spread, 0.01F);
}

// Three steps of both under the same actions.
void expect_dreams_alike(contract::World& found, contract::World& expected,
                         std::span<const contract::StartPoint> starts, std::span<const float> actions) {
  found.reset(starts);
  expected.reset(starts);
  for (int step = 0; step < 3; ++step) {
    expected.step(actions);
    found.step(actions);
  }
  expect_near(found.observations(), expected.observations());
  expect_near(found.rewards(), expected.rewards());
  expect_near(found.continuation(), expected.continuation());
  expect_near(found.uncertainty(), expected.uncertainty());
  expect_near(found.velocities(), expected.velocities());
}

class CudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    cpu_ = random_agent(true);
    cuda_ = std::make_shared<Agent>(spec_of(true), cpu_->impl().config, LearnerConfig{}, 2, uint64_t{4},
                                    tensor::resolve_device("cuda"));
    cuda_->load_weights(cpu_->weights());
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
  expect_dreams_alike(*on_cuda, *dream, starts, actions);
}

contract::EnvSpec leg_spec() {
  contract::EnvSpec spec = worldmodel::leg();
  spec.action_low = {-1.0F, -2.0F};
  spec.action_high = {1.0F, 4.0F};
  spec.physics_dim = 1 + spec.nq + spec.nv;
  spec.episode_steps = 10;
  spec.has_termination = true;
  return spec;
}

// The mechanical model of a leg, and an episode with starts for it.
class MechanicsCudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    cpu_ = agent_on(tensor::kCpu, 3);
    contract::Rng rng(5, 0, contract::Stream::kInit);
    visit_all(cpu_->impl(), [&](const std::string& name, at::Tensor& t) {
      if (name.find("out.weight") != std::string::npos)
        t.copy_(0.7 * tensor::normal_tensor(t.sizes().vec(), rng));
    });
    cpu_->impl().model->visit_statistics("", [](const std::string& name, at::Tensor& t) {
      if (name == "scale.unit") t.fill_(0.3);
      if (name == "scale.low") t.fill_(-3.0);
      if (name == "scale.high") t.fill_(3.0);
    });
    cuda_ = agent_on(tensor::resolve_device("cuda"), 4);
    cuda_->load_weights(cpu_->weights());
    make_episode();
  }

  void make_episode() {
    const size_t o = spec_.observation_dim, width = spec_.nq + spec_.nv;
    episode_ = contract::make_episode(spec_, 0, 0);
    episode_.observations = normals((kRows + 1) * o, 1);
    episode_.actions = normals(kRows * kActions, 2);
    episode_.rewards.assign(kRows, 0.0F);
    const std::vector<float> states = normals((kRows + 1) * width, 3);
    for (size_t t = 0; t <= kRows; ++t) {
      episode_.physics.push_back(0.1 * static_cast<double>(t));
      const auto row = std::span(states).subspan(t * width, width);
      episode_.physics.insert(episode_.physics.end(), row.begin(), row.end());
    }
    std::vector<float> known(contract::row_width(spec_));
    for (int64_t t = 0; t < kRows; ++t) {
      contract::observation_and_features(spec_, episode_, t, known);
      const auto seen = std::span(known).first(o), state = std::span(known).subspan(o);
      observations_.insert(observations_.end(), seen.begin(), seen.end());
      states_.insert(states_.end(), state.begin(), state.end());
    }
  }

  std::shared_ptr<Agent> agent_on(tensor::Device device, uint64_t seed) const {
    worldmodel::ModelConfig model;
    model.kind = "mechanics";
    model.latent_dim = 16;
    model.encoder_dim = model.hidden_dim = model.probe_dim = 24;
    return std::make_shared<Agent>(spec_, model, LearnerConfig{}, 2, seed, device);
  }

  contract::EnvSpec spec_ = leg_spec();
  contract::Episode episode_;
  std::vector<float> observations_, states_;  // [kRows, O], [kRows, F]
  std::shared_ptr<Agent> cpu_, cuda_;
};

TEST_F(MechanicsCudaTest, ActsAndExploresAlike) {
  std::vector<float> found(kRows * kActions), expected(kRows * kActions);
  cpu_->act(observations_, expected);
  cuda_->act(observations_, found);
  expect_near(found, expected);
  const std::vector<contract::DrawKey> keys = keys_of(kRows, 2);
  cpu_->explore(observations_, keys, expected);
  cuda_->explore(observations_, keys, found);
  expect_near(found, expected);
}

TEST_F(MechanicsCudaTest, PlansAlike) {
  const std::vector<contract::DrawKey> keys = keys_of(kRows, 0);
  std::vector<std::vector<float>> actions;
  for (const auto& agent : {cpu_, cuda_}) {
    Planner planner(agent, Think::kLight, PlannerConfig{}, 0.9);
    actions.emplace_back(kRows * kActions);
    planner.act(observations_, keys, actions.back(), states_);
  }
  expect_near(actions[1], actions[0]);
}

TEST_F(MechanicsCudaTest, DreamsAlike) {
  std::vector<contract::StartPoint> starts;
  for (int64_t t = 0; t < kRows; ++t) starts.push_back({&episode_, t});
  const std::vector<float> actions = normals(kRows * kActions, 5);
  const auto dream = cpu_->imagined_world(), on_cuda = cuda_->imagined_world();
  expect_dreams_alike(*on_cuda, *dream, starts, actions);
  expect_near(on_cuda->positions(), dream->positions());
}

}  // namespace
}  // namespace reverie::policies
