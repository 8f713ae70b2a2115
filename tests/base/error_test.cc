#include "base/error.h"

#include <gtest/gtest.h>

namespace reverie::base {
namespace {

const std::vector<std::string> kNames{"model.latent_dim", "model.hidden_dim", "seed", "env_steps"};

TEST(NearestName, FindsTypingSlips) {
  EXPECT_EQ(nearest_name("modle.latent_dim", kNames), "model.latent_dim");
  EXPECT_EQ(nearest_name("env_step", kNames), "env_steps");
  EXPECT_EQ(nearest_name("sede", kNames), "seed");
}

TEST(NearestName, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("gravity", kNames), "");
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{"yz"}), "");
  EXPECT_EQ(nearest_name("seed", {}), "");
}

TEST(DidYouMean, IsASuffixOrNothing) {
  EXPECT_EQ(did_you_mean("sed", kNames), " (did you mean 'seed'?)");
  EXPECT_EQ(did_you_mean("qqqqqqqq", kNames), "");
}

TEST(UserErrorTest, CarriesTheFormattedLine) {
  try {
    throw_user_error("{}: expected {} columns, found {}", "a.csv", 3, 4);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "a.csv: expected 3 columns, found 4");
  }
}

}  // namespace
}  // namespace reverie::base
