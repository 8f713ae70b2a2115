#include "evaluation/reward_audit.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/drift_world.h"

namespace reverie::evaluation {
namespace {

// Two rollouts of three decisions. The best decision in physics earns 10.
struct MadeUp {
  DecisionLog log;
  ProgramRewards program;

  MadeUp() {
    log.count = 2, log.decisions = 3, log.length = 3;
    log.rewards = {1.0f, 2.0f, 6.0f, 5.0f, 3.0f, 9.0f};
    log.alive = {1.0, 1.0, 1.0, 1.0, 1.0, 0.4};
    program.rewards = {1.0, 3.0, 0.5, 0.6, 1.0, 0.0};
  }
};

TEST(RewardAudit, CountsWhatTheHeadPaysForNothing) {
  const MadeUp made;
  const RewardAudit audit = audit_rewards(made.log, made.program, 10.0);
  // 6 for what is worth 0.5; 5 for 0.6 is more than a twentieth; 9 for 0 comes after the episode's probable end.
  EXPECT_EQ(audit.rollouts[0].paid_for_nothing, 1);
  EXPECT_EQ(audit.rollouts[1].paid_for_nothing, 0);
  EXPECT_EQ(audit.rollouts[0].states, 3);
  EXPECT_EQ(audit.rollouts[1].states, 2);
  EXPECT_DOUBLE_EQ(audit.rollouts[0].error, 0.0 + 5.5 + 2.0);
  EXPECT_NEAR(audit.rollouts[1].error, -1.0 + 4.4, 1e-12);
  EXPECT_NEAR(audit.rollouts[1].absolute_error, 1.0 + 4.4, 1e-12);
  EXPECT_NEAR(audit.rollouts[1].program, 3.0 + 0.6, 1e-12);
  EXPECT_EQ(audit.worst_rollout, 0);
  EXPECT_EQ(audit.worst_decision, 1);
  EXPECT_DOUBLE_EQ(audit.worst_head - audit.worst_program, 5.5);
}

TEST(RewardAudit, ABandHoldsItsDecisionsOnly) {
  const MadeUp made;
  EXPECT_DOUBLE_EQ(audit_band(made.log, made.program, 10.0, 1, 2)[0].error, 5.5);
  EXPECT_EQ(audit_band(made.log, made.program, 10.0, 1, 9)[0].states, 2);
  EXPECT_EQ(audit_band(made.log, made.program, 10.0, 2, 3)[1].states, 0);
}

TEST(RewardAudit, WithoutAnAnswerAStateDoesNotCount) {
  MadeUp made;
  made.program.rewards[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(audit_rewards(made.log, made.program, 10.0).rollouts[0].states, 2);
}

TEST(RewardAudit, WherePhysicsPaysNothingTheHeadGivesTheScale) {
  MadeUp made;
  made.program.rewards = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  const RewardAudit audit = audit_rewards(made.log, made.program, 0.0);
  EXPECT_EQ(audit.scale, 6.0);
  EXPECT_EQ(audit.rollouts[0].paid_for_nothing, 2);  // 6 and 3
}

TEST(BestDecision, IsTheLargestSumOfItsControlSteps) {
  contract::Episode episode = tests::drift_episode(5, [](int64_t) { return 0.0f; });
  episode.rewards = {1.0f, 2.0f, 4.0f, -3.0f, 9.0f};  // the last step is no whole decision of two
  EXPECT_EQ(best_decision(std::span(&episode, 1), 2), 3.0);
  EXPECT_EQ(best_decision(std::span(&episode, 1), 1), 9.0);
  EXPECT_EQ(best_decision({}, 1), 0.0);
}

}  // namespace
}  // namespace reverie::evaluation
