#include "worldmodel/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <stdexcept>

#include "base/error.h"
#include "worldmodel/config.h"
#include "worldmodel/make_latent_model.h"

namespace reverie::worldmodel {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Loss, StepWeightsDecayByRho) {
  const at::Tensor weights = step_weights(torch::ones({3, 2}), 0.5);
  for (int64_t t = 0; t < 3; ++t) EXPECT_FLOAT_EQ(weights[t][1].item<float>(), std::pow(0.5F, t) / 6.0F);
}

TEST(Loss, SumIsWeighted) {
  const at::Tensor a = torch::tensor(3.0F), b = torch::tensor(5.0F);
  const at::Tensor sum = weighted_sum({{"a", a}, {"b", b}}, {{"a", 2.0}, {"b", 0.5}});
  EXPECT_FLOAT_EQ(sum.item<float>(), 8.5F);
}

TEST(Loss, SumRefusesNamesThatDiffer) {
  const at::Tensor value = torch::tensor(1.0F);
  EXPECT_THAT(
      [&] {
        weighted_sum({{"a", value}}, {{"b", 1.0}});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("loss 0: found 'a', expected 'b'")));
  EXPECT_THAT(
      [&] {
        weighted_sum({{"a", value}, {"new", value}}, {{"a", 1.0}});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("loss 1: found 'new', expected 'none'")));
  EXPECT_THAT([&] { weighted_sum({}, {{"a", 1.0}}); }, ThrowsMessage<std::logic_error>(HasSubstr("'none'")));
}

TEST(Loss, WeightsComeFromFieldsOfTheirName) {
  ModelConfig config;
  config.reward_weight = 0.25;
  EXPECT_EQ(configured_weight("reward", fields(config, "")).weight, 0.25);
  EXPECT_THAT(
      [&] { configured_weight("rewards", fields(config, "")); },
      ThrowsMessage<std::logic_error>("loss 'rewards': no weight 'rewards_weight' in the configuration "
                                      "(did you mean 'reward_weight'?)"));
}

TEST(Loss, WeightsOfNoLossAreNamed) {
  double consistency = 20.0, continuation = 1.0;
  int64_t horizon = 3;
  const std::vector<base::Field> some = {{"consistency_weight", &consistency, "a loss"},
                                         {"horizon", &horizon, "no weight"},
                                         {"continuation_weight", &continuation, "another loss"}};
  EXPECT_NO_THROW(check_weights_are_used(some, {"consistency", "value", "continuation"}));
  EXPECT_THAT(
      [&] {
        check_weights_are_used(some, {"consistency", "value"});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("weight 'continuation_weight': no loss 'continuation'")));
  EXPECT_THAT(
      [] {
        check_names_differ({{"a", 1.0}, {"b", 1.0}, {"a", 2.0}});
      },
      ThrowsMessage<std::logic_error>(HasSubstr("loss 'a': found twice")));
}

TEST(LatentModel, UnknownKindIsNamed) {
  contract::Rng rng(1, 0, contract::Stream::kInit);
  EXPECT_THAT([&] { make_latent_model("joint_embeding", contract::EnvSpec{}, 1, ModelConfig{}, rng); },
              ThrowsMessage<base::UserError>("kind of latent model: found 'joint_embeding', expected one of "
                                             "joint_embedding, grounded, mechanics (did you mean "
                                             "'joint_embedding'?)"));
}

}  // namespace
}  // namespace reverie::worldmodel
