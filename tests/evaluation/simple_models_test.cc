#include "evaluation/simple_models.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "evaluation/error_table.h"
#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

float changing(int64_t t) { return t / 2 % 3 == 0 ? 0.5f : -0.25f; }
float other(int64_t t) { return t / 2 % 5 == 0 ? -0.75f : 0.25f; }

std::vector<contract::Episode> episodes_of_two() {
  return {tests::drift_episode(60, changing), tests::drift_episode(60, other, 3.0f)};
}

PairedRollouts paired(const std::vector<contract::Episode>& episodes, int repeat) {
  tests::DriftWorld world;
  world.repeat = repeat;
  return pair_rollouts(world, nullptr, episodes, {.horizon = 20, .start_every = 10});
}

TEST(LinearModel, FindsALinearWorld) {
  const std::vector<contract::Episode> episodes = episodes_of_two();
  for (const int repeat : {1, 2}) {
    const PairedRollouts rollouts = paired(episodes, repeat);
    const ErrorTable errors =
        observation_errors(rollouts, linear_rollouts(rollouts, episodes), rollouts.spread);
    for (const double error : errors.values) EXPECT_LT(error, 0.01);  // but for the ridge
  }
}

TEST(LinearModel, KeepsWhatDoesNotVary) {
  const std::vector<contract::Episode> episodes = episodes_of_two();
  const contract::Episode* one[] = {&episodes[0]};
  const LinearModel model(one, observation_spread(episodes), 1);
  const std::vector<float> now{1.0f, 7.0f}, action{0.25f};
  std::vector<float> next(2);
  model.step(now, action, next);
  EXPECT_NEAR(next[0], 1.25, 0.005);
  EXPECT_EQ(next[1], 7.0f);
}

// One half moves by the action, the other by twice the action: what a start is answered with tells its model.
TEST(LinearModel, NeverSawTheEpisodeThatItIsAskedFor) {
  std::vector<contract::Episode> episodes = episodes_of_two();
  for (size_t i = 0; i < episodes[1].observations.size(); i += 2) episodes[1].observations[i] *= 2.0f;
  const PairedRollouts rollouts = paired(episodes, 1);
  const Rollouts linear = linear_rollouts(rollouts, episodes);
  const auto& [episode, step] = rollouts.starts.front();
  ASSERT_EQ(episode, episodes.data());
  EXPECT_NEAR(linear.observation(1, 0)[0] - episode->observation(step)[0], 2.0 * episode->action(step)[0],
              0.01);
}

TEST(LinearModel, NeedsASecondEpisode) {
  const std::vector<contract::Episode> one{tests::drift_episode(60, changing)};
  EXPECT_THROW(linear_rollouts(paired(one, 1), one), base::UserError);
}

TEST(ConstantVelocity, GoesOnAsBeforeTheStart) {
  const std::vector<contract::Episode> steady{tests::drift_episode(40, [](int64_t) { return 0.25f; })};
  const PairedRollouts rollouts = paired(steady, 2);
  const Rollouts guess = constant_velocity(rollouts);
  const ErrorTable errors = observation_errors(rollouts, guess, rollouts.spread),
                   persistence = persistence_errors(rollouts, rollouts.spread);
  for (size_t k = 0; k < errors.horizon.size(); ++k) {
    EXPECT_EQ(errors.at(k, 0), persistence.at(k, 0));  // row 0: nothing was recorded before it
    EXPECT_EQ(errors.at(k, 1), 0.0);
  }
}

}  // namespace
}  // namespace reverie::evaluation
