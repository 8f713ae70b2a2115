#include "contract/divergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reverie::contract {
namespace {

Divergence of(int64_t sound, int64_t diverged) {
  Divergence d;
  Episode episode;
  for (int64_t i = 0; i < sound; ++i) d.add(episode);
  episode.diverged = true;
  for (int64_t i = 0; i < diverged; ++i) {
    episode.divergence = "warning " + std::to_string(i) + ".";
    d.add(episode);
  }
  return d;
}

TEST(Divergence, AQuarterIsFrequent) {
  EXPECT_FALSE(of(4, 0).is_frequent());
  EXPECT_FALSE(of(0, 0).is_frequent());
  EXPECT_FALSE(of(4, 1).is_frequent());
  EXPECT_TRUE(of(3, 1).is_frequent());
}

TEST(Divergence, TheTextHasTheShareAndTheFirstWarning) {
  EXPECT_THAT(divergence_text(of(1, 3)),
              testing::HasSubstr("physics diverged in 3 of 4 episodes (75%); the first: warning 0. "));
}

}  // namespace
}  // namespace reverie::contract
