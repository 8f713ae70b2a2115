#include "viewer/film.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "contract/zero_policy.h"
#include "evaluation/rollout.h"

namespace reverie::viewer {
namespace {

using testing::ElementsAre;

TEST(Film, ThereIsOneOfEachStrip) {
  const auto task = sim::Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  const auto policy = contract::zero_policy(task->spec());
  evaluation::Strip strip;
  strip.name = "best";
  strip.episode = evaluation::record_episodes(task, *policy, {.count = 1, .seed = 3}, pool).front();
  strip.control_steps = 2;
  strip.error = {0.0, 0.2, 0.4, 2.0};
  strip.positions.assign(4 * 2, 0.1f);
  strip.velocities.assign(4 * 2, 0.0f);
  const base::TemporaryDirectory directory;
  EXPECT_THAT(write_strips(*task, std::span(&strip, 1), directory.path()), ElementsAre("strip-best.mp4"));
  EXPECT_GT(std::filesystem::file_size(directory.path() / "strip-best.mp4"), 1000u);
  EXPECT_TRUE(write_strips(*task, {}, directory.path() / "none").empty());
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "none"));
}

}  // namespace
}  // namespace reverie::viewer
