#include "evaluation/horizon_budget.h"

#include <gmock/gmock.h>

#include <numeric>

#include "contract/random_policy.h"
#include "evaluation/error_table.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

class BudgetTest : public testing::Test {
 protected:
  BudgetTest() {
    const auto random = contract::random_policy(task_->spec(), contract::Stream::kEvaluation);
    episodes_ = record_episodes(task_, *random, {.count = 2, .action_repeat = 2}, pool_);
  }

  PairedRollouts rollouts(const sim::SimulatedWorldOptions& options) {
    const auto world = sim::make_simulated_world(task_, pool_, options);
    return pair_rollouts(*world, nullptr, episodes_, {.horizon = 40, .max_starts = 32});
  }

  HorizonBudget budget_of(const PairedRollouts& rollouts, uint64_t seed = 3) {
    return horizon_budget(task_, pool_, rollouts, episodes_, 1, seed);
  }

  static double first_error(const PairedRollouts& rollouts) {
    std::vector<size_t> all(rollouts.starts.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return medians(observation_errors(rollouts, rollouts.world, rollouts.spread), all).at(1);
  }

  base::ThreadPool pool_{1};
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/cartpole-swingup");
  std::vector<contract::Episode> episodes_;
};

TEST_F(BudgetTest, NoiseIsThatOfVelocitiesAndOfWhatBecomesOfThem) {
  const std::vector<double> noise = unit_noise(task_->spec(), episodes_, 2);
  ASSERT_EQ(noise.size(), 4u);
  EXPECT_GT(noise[2], 0.0);
  EXPECT_DOUBLE_EQ(noise[0], noise[2] * 0.02);
  EXPECT_DOUBLE_EQ(noise[1], noise[3] * 0.02);
}

TEST_F(BudgetTest, TheSimulatorErrsAsTheWorldAfterOneDecision) {
  const PairedRollouts wrong = rollouts({.action_repeat = 2, .gravity_scale = 1.3});
  const HorizonBudget budget = budget_of(wrong);
  ASSERT_EQ(budget.missing, "");
  EXPECT_EQ(budget.rollouts.starts.size(), wrong.starts.size());
  EXPECT_NEAR(first_error(budget.rollouts), first_error(wrong), 0.02 * first_error(wrong));
}

// A world that is the simulator with noise is given its own noise back.
TEST_F(BudgetTest, FindsTheNoiseOfANoisySimulator) {
  std::vector<double> noise = unit_noise(task_->spec(), episodes_, 2);
  for (double& deviation : noise) deviation *= 0.05;
  const PairedRollouts noisy = rollouts({.action_repeat = 2, .perturbation_seed = 3, .step_noise = noise});
  const HorizonBudget budget = budget_of(noisy);
  EXPECT_NEAR(budget.noise, 0.05, 1e-4);
  EXPECT_GT(budget_of(noisy, 4).noise, 0.02);  // other draws, the same size
  EXPECT_LT(budget_of(noisy, 4).noise, 0.12);
}

TEST_F(BudgetTest, APerfectWorldHasNone) { EXPECT_NE(budget_of(rollouts({.action_repeat = 2})).missing, ""); }

}  // namespace
}  // namespace reverie::evaluation
