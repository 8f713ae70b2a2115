#include "evaluation/reward_program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "contract/recorded_policy.h"
#include "evaluation/closed_loop.h"
#include "evaluation/return_terms.h"
#include "evaluation/returns.h"
#include "evaluation/rollout.h"
#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

// The simulator as its own model, logged under recorded actions.
struct Played {
  std::shared_ptr<const sim::Task> task;
  base::ThreadPool pool{1};
  std::vector<contract::Episode> episodes;
  std::vector<contract::StartPoint> starts;
  DecisionLog log;

  explicit Played(const char* name) : task(sim::Task::load(name)) {
    tests::FunctionPolicy policy = tests::constant_policy(0.25f);
    episodes = record_episodes(task, policy, {.count = 2, .seed = 4, .action_repeat = 2}, pool);
    starts = first_rows(episodes);
    const auto world = sim::make_simulated_world(task, pool, {.action_repeat = 2});
    const auto actions = contract::recorded_policy(starts, 2);
    closed_loop(*world, starts, *actions, task->spec(), 4, 200, nullptr, {}, &log);
  }
};

TEST(RewardProgram, OfTheSimulatorsOwnStatesIsWhatItPaid) {
  for (const char* name : {"dmc/cartpole-swingup", "dmc/walker-walk", "dmc/reacher-easy"}) {
    Played played(name);
    const DecisionLog& log = played.log;
    const ProgramRewards program = ask_program(played.task, log, played.starts, played.pool);
    const PairedDream dream = pair_dream(log, program, played.starts);
    EXPECT_EQ(program.asked, 2 * 100) << name;
    EXPECT_EQ(program.unanswered, 0) << name;
    EXPECT_EQ(program.rewards, dream.paid) << name;
    EXPECT_EQ(return_terms(dream, 1, log.decisions).state_drift, 0.0) << name;
  }
}

TEST(RewardProgram, OfPositionsAndVelocitiesIsNearly) {
  for (const char* name : {"dmc/cartpole-swingup", "dmc/walker-walk", "dmc/reacher-easy"}) {
    Played played(name);
    DecisionLog seen = played.log;  // as a dream shows it, in float32, without the rest of the state
    seen.physics_dim = seen.task_dim = 0;
    const ProgramRewards program = ask_program(played.task, seen, played.starts, played.pool);
    const std::vector<double> paid = pair_dream(seen, program, played.starts).paid;
    for (size_t i = 0; i < paid.size(); ++i)
      EXPECT_NEAR(program.rewards[i], paid[i], 1e-3) << name << " " << i;
  }
}

TEST(RewardProgram, DoesNotDependOnThreads) {
  Played played("dmc/cartpole-swingup");
  base::ThreadPool two(2);
  EXPECT_EQ(ask_program(played.task, played.log, played.starts, played.pool).rewards,
            ask_program(played.task, played.log, played.starts, two).rewards);
}

TEST(RewardProgram, HasNoAnswerToAStateThatIsNotFinite) {
  Played played("dmc/cartpole-swingup");
  played.log.physics_dim = played.log.task_dim = 0;
  played.log.positions[0] = std::numeric_limits<float>::quiet_NaN();
  played.log.alive[1] = 0.0;  // the other rollout is over before it began
  const ProgramRewards program = ask_program(played.task, played.log, played.starts, played.pool);
  EXPECT_TRUE(std::isnan(program.rewards[0]));
  EXPECT_EQ(program.rewards[1], 0.0);
  EXPECT_EQ(program.unanswered, 1);
  EXPECT_EQ(program.asked, 199);
}

}  // namespace
}  // namespace reverie::evaluation
