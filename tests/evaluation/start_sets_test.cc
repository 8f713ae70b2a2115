#include "evaluation/start_sets.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The simulator in the model's place: it does not know that physics was shifted.
class StartSetsTest : public testing::Test {
 protected:
  StartSetsTest() {
    subject_.task = task_;
    subject_.action_repeat = 2;
    subject_.policy = &policy_;
    subject_.policy_name = "constant";
    subject_.dream = world_.get();
    options_.episodes = 2;
    options_.horizon = 20;
    options_.starts = 8;
  }

  base::ThreadPool pool_{1};
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/cartpole-swingup");
  std::unique_ptr<contract::World> world_ = sim::make_simulated_world(task_, pool_, {.action_repeat = 2});
  tests::FunctionPolicy policy_ = tests::constant_policy(0.25f);
  Subject subject_;
  EvaluationOptions options_;
};

TEST_F(StartSetsTest, ShiftedPhysicsStartsWhereTheUndisturbedEpisodesDoAndGoesElsewhere) {
  const Context context = measure_context(subject_, options_, pool_, {});
  const std::vector<StartSet> sets = make_start_sets(context, pool_);
  std::vector<std::string> names;
  for (const StartSet& set : sets) names.push_back(set.name);
  EXPECT_THAT(names, ElementsAre("random", "heavy", "slippery", "strong_gravity"));
  const contract::Episode& own = context.on_policy.episodes.front();
  const contract::Episode &heavy = sets[1].episodes.front(), &slippery = sets[2].episodes.front();
  EXPECT_EQ(heavy.index, own.index);
  EXPECT_TRUE(std::ranges::equal(heavy.observation(0), own.observation(0)));
  EXPECT_FALSE(std::ranges::equal(heavy.observation(100), own.observation(100)));
  EXPECT_TRUE(std::ranges::equal(slippery.observation(100), own.observation(100)));  // nothing touches
}

TEST_F(StartSetsTest, APerfectModelErrsAsMuchAsTheTasksOwnPhysics) {
  const Context context = measure_context(subject_, options_, pool_, {});
  for (const StartSet& set : make_start_sets(context, pool_)) {
    ASSERT_EQ(set.missing, "") << set.name;
    EXPECT_EQ(set.rollouts.floor.has_value(), set.is_shifted);
    if (set.is_shifted) {
      EXPECT_EQ(set.rollouts.world.observations, set.rollouts.floor->observations);
    }
    const bool exact = set.rollouts.world.observations == set.rollouts.truth.observations;
    EXPECT_EQ(exact, set.name == "random" || set.name == "slippery") << set.name;
  }
}

TEST_F(StartSetsTest, OtherEpisodesAreOneMoreSet) {
  const Context alone = measure_context(subject_, options_, pool_, {});
  options_.data = std::make_shared<const std::vector<contract::Episode>>(alone.on_policy.episodes);
  const Context context = measure_context(subject_, options_, pool_, {});
  const std::vector<StartSet> sets = make_start_sets(context, pool_);
  ASSERT_EQ(sets.back().name, "data");
  EXPECT_EQ(sets.back().rollouts.world.observations, sets.back().rollouts.truth.observations);
}

TEST_F(StartSetsTest, EveryRowNamesItsSet) {
  const std::vector<Section> sections = sections_named("start_sets");
  const EvaluationResult result = evaluate(subject_, options_, pool_, sections);
  const Findings& findings = result.sections.front().findings;
  for (const char* set : {"on_policy", "pushed", "random", "heavy", "slippery", "strong_gravity"}) {
    EXPECT_GT(find_row(findings, std::string("valid_time_of_") + set).n, 0) << set;
    EXPECT_FALSE(find_curve(findings, std::string("error_of_") + set).value.empty()) << set;
  }
  EXPECT_THAT(findings.missing, testing::Contains(HasSubstr("uncertainty_auroc_of_heavy")));
  EXPECT_GT(find_curve(findings, "error_of_heavy").value.back(), 0.0);
}

}  // namespace
}  // namespace reverie::evaluation
