#include "evaluation/cost.h"

#include <gtest/gtest.h>

#include "tests/support/drift_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

TEST(Cost, TimesAsManyStepsAndDecisionsAsAskedFor) {
  tests::DriftWorld world;
  const contract::Episode episode = tests::drift_episode(4, [](int64_t) { return 0.0f; });
  const contract::StartPoint start{&episode, 0};
  const std::vector<double> steps = step_seconds(world, std::span(&start, 1), tests::drift_spec(), 5);
  ASSERT_EQ(steps.size(), 5u);
  for (const double seconds : steps) EXPECT_GE(seconds, 0.0);
  int acts = 0;
  tests::FunctionPolicy policy([&](const contract::PolicyInput&, std::span<float> actions) {
    ++acts;
    for (float& a : actions) a = 0.0f;
  });
  EXPECT_EQ(decision_seconds(world, start, policy, tests::drift_spec(), 1, 7).size(), 7u);
  EXPECT_EQ(acts, 8);
}

}  // namespace
}  // namespace reverie::evaluation
