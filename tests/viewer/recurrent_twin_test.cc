// The twin on a latent model that remembers: an anchor gives the dream its past, not only the present.
#include <gmock/gmock.h>
#include <torch/types.h>

#include <cmath>
#include <memory>
#include <vector>

#include "policies/agent.h"
#include "policies/agent_impl.h"
#include "tests/policies/recurrent_model.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/twin.h"

namespace reverie::viewer {
namespace {

using testing::Each;
using testing::ElementsAreArray;
using testing::FloatNear;
using testing::Not;
using testing::Pointwise;
using testing::Truly;

constexpr int kRepeat = 2;  // control steps a decision

std::unique_ptr<policies::Agent> recurrent_agent(const contract::EnvSpec& spec) {
  contract::Rng rng(4, 0, contract::Stream::kInit);
  auto model = std::make_unique<policies::RecurrentModel>(spec.observation_dim, spec.action_dim, rng);
  worldmodel::ModelConfig config;
  config.hidden_dim = config.probe_dim = 24;
  auto agent = std::make_unique<policies::Agent>(spec, std::move(model), config, policies::LearnerConfig{},
                                                 kRepeat, uint64_t{1}, tensor::kCpu);
  // The probe's output layer starts at zero for learning, and would then decode no change at all.
  policies::visit_all(agent->impl(), [&](const std::string& name, at::Tensor& t) {
    if (name == "probe.out.weight") t.copy_(tensor::normal_tensor(t.sizes().vec(), rng));
  });
  return agent;
}

class RecurrentTwinTest : public testing::Test {
 protected:
  RecurrentTwinTest() {
    TwinParts parts = test_parts(model_.get(), 0.0);
    agent_ = recurrent_agent(parts.spec);
    parts.dream = agent_->imagined_world();
    twin_ = std::make_unique<Twin>(std::move(parts));
  }

  std::unique_ptr<contract::World> dream_started_at(const contract::Episode& episode, int64_t row) const {
    auto dream = agent_->imagined_world();
    const contract::StartPoint point{&episode, row};
    dream->reset({&point, 1});
    return dream;
  }

  // The twin's dream is where another one is that started from `row` of the recording and took the actions since.
  void expect_dreamt_from(int64_t row) const {
    const contract::Episode& recording = twin_->recording();
    const auto dream = dream_started_at(recording, row);
    for (int64_t t = row; t < recording.length(); t += kRepeat) dream->step(recording.action(t));
    EXPECT_THAT(twin_->dream().latents(), ElementsAreArray(dream->latents())) << row;
    EXPECT_THAT(twin_->dream().observations(), ElementsAreArray(dream->observations())) << row;
    EXPECT_THAT(twin_->dream().rewards(), ElementsAreArray(dream->rewards())) << row;
  }

  void steps(int count) {
    for (int i = 0; i < count; ++i) twin_->step();
  }

  sim::ModelPtr model_ = render::load_twin_model();
  std::unique_ptr<policies::Agent> agent_;
  std::unique_ptr<Twin> twin_;
};

TEST_F(RecurrentTwinTest, StepsAndItsErrorsAreFinite) {
  steps(20);
  const std::vector<double>& error = twin_->history().error;
  ASSERT_EQ(error.size(), 21u);
  EXPECT_THAT(error, Each(Truly([](double e) { return std::isfinite(e); })));
  EXPECT_NEAR(error.front(), 0.0, 1e-4);
  EXPECT_GT(error.back(), 1e-3);
  EXPECT_EQ(twin_->recording().length(), 20 * kRepeat);
  expect_dreamt_from(0);
}

TEST_F(RecurrentTwinTest, AnAnchorIsADreamStartedFromTheRowOfTheRecording) {
  steps(5);
  const std::vector<float> drifted(twin_->dream().latents().begin(), twin_->dream().latents().end());
  twin_->anchor();
  expect_dreamt_from(5 * kRepeat);
  EXPECT_THAT(twin_->dream().latents(), Not(ElementsAreArray(drifted)));
  EXPECT_THAT(twin_->dream().observations(), Pointwise(FloatNear(1e-5F), twin_->physics().observations()));
  steps(6);
  expect_dreamt_from(5 * kRepeat);  // rows recorded since then change nothing
  EXPECT_THAT(twin_->history().error, Each(Truly([](double e) { return std::isfinite(e); })));
}

TEST_F(RecurrentTwinTest, AnAnchorKnowsThePast) {
  steps(5);
  twin_->anchor();
  const contract::Episode& recording = twin_->recording();
  contract::Episode present = contract::make_episode(twin_->spec(), 7, 0);
  present.observations.assign(recording.observation(10).begin(), recording.observation(10).end());
  present.physics.assign(recording.physics_state(10).begin(), recording.physics_state(10).end());
  const auto dream = dream_started_at(present, 0);
  EXPECT_THAT(twin_->dream().observations(), Pointwise(FloatNear(1e-5F), dream->observations()));
  EXPECT_THAT(twin_->dream().latents(), Not(ElementsAreArray(dream->latents())));
}

TEST_F(RecurrentTwinTest, AnchorsEveryFewStepsBeginAtTheirRows) {
  twin_->anchor_every = 3 * kRepeat;
  steps(8);
  EXPECT_EQ(twin_->history().anchor_times.size(), 2u);
  expect_dreamt_from(6 * kRepeat);
  twin_->reset(1);
  steps(1);
  expect_dreamt_from(0);
}

}  // namespace
}  // namespace reverie::viewer
