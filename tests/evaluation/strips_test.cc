#include "evaluation/strips.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "evaluation/context.h"
#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;

// Cart-pole under a policy that differs by episode; the dream is physics with more gravity.
class StripsTest : public testing::Test {
 protected:
  StripsTest() {
    subject_.task = task_;
    subject_.action_repeat = 2;
    subject_.policy = &policy_;
    subject_.policy_name = "constant";
    subject_.dream = world_.get();
    options_.episodes = 3;
    options_.random_baseline = false;
  }

  base::ThreadPool pool_{1};
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/cartpole-swingup");
  std::unique_ptr<contract::World> world_ =
      sim::make_simulated_world(task_, pool_, {.action_repeat = 2, .gravity_scale = 1.5});
  tests::FunctionPolicy policy_ = tests::constant_policy(0.25f);
  Subject subject_;
  EvaluationOptions options_;
};

TEST_F(StripsTest, ChoosesByReturnAndByWhatWasPromised) {
  Context context = measure_context(subject_, options_, pool_, {.imagined = true});
  const double returns[] = {5.0, 1.0, 3.0};
  for (size_t n = 0; n < 3; ++n) {
    std::vector<float>& rewards = context.on_policy.episodes[n].rewards;
    std::fill(rewards.begin(), rewards.end(), 0.0f);
    rewards.front() = static_cast<float>(returns[n]);
  }
  context.imagined.returns = {5.0, 2.0, 6.0};
  std::vector<std::string> found;
  for (const Strip& strip : choose_strips(context)) found.push_back(strip.name + " " + strip.point);
  EXPECT_THAT(
      found, ElementsAre("best returns-0", "median returns-2", "worst returns-1", "over_promised returns-2"));
  const Strip strip = choose_strips(context).front();
  EXPECT_EQ(strip.error.size(), 500u);
  EXPECT_EQ(strip.positions.size(), 500u * 2u);
  EXPECT_GT(strip.error[100], 0.0);
  context.imagined.positions.clear();
  EXPECT_TRUE(choose_strips(context).empty());
}

}  // namespace
}  // namespace reverie::evaluation
