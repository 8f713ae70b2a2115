#include "viewer/viewer.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "render/image.h"
#include "sim/simulated_world.h"
#include "tests/viewer/fake_worlds.h"
#include "training/run_directory.h"

namespace reverie::viewer {
namespace {

constexpr const char* kTask = "dmc/cartpole-swingup";

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 256> buffer;
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
  pclose(pipe);
  return text;
}

// A run with an untrained agent: everything the viewer looks at.
training::Run untrained_run(const std::filesystem::path& folder) {
  training::Run run;
  run.path = folder / "untrained";
  std::filesystem::create_directory(run.path);
  std::ofstream(run.path / "metrics.jsonl") << "{\"step\":500,\"train/loss\":1.5}\n"
                                            << "{\"step\":1000,\"eval/return\":12.5}\n";
  run.checkpoint = "000001000";
  run.env_steps = 1000;
  run.config.task = kTask;
  training::write_run_config(run.path, run.config);
  run.task = sim::Task::load(kTask);
  run.agent = std::make_shared<policies::Agent>(run.task->spec(), run.config.model, run.config.learner,
                                                static_cast<int>(run.config.action_repeat), 1, tensor::kCpu);
  return run;
}

TEST(ViewRun, WritesPictureAndVideo) {
  if (output_of("command -v ffprobe").empty()) GTEST_SKIP() << "ffprobe is not installed";
  const base::TemporaryDirectory folder;
  ViewOptions options;
  options.width = 640;
  options.height = 360;
  options.screenshot = folder.path() / "twin.png";
  options.video = folder.path() / "twin.mp4";
  options.seconds = 0.4;
  options.anchor_every = 10;
  view_run(untrained_run(folder.path()), options);
  const render::Image image = render::read_png(options.screenshot);
  EXPECT_EQ(image.width, 640);
  EXPECT_EQ(image.height, 360);
  // Two control steps of 0.01 s a decision and a frame a decision: 50 frames a second.
  EXPECT_EQ(output_of("ffprobe -v error -count_frames -select_streams v:0 -show_entries "
                      "stream=width,height,r_frame_rate,nb_read_frames -of csv=p=0 " +
                      options.video.string()),
            "640,360,50/1,20\n");
}

TEST(ViewTask, ShowsTheSameEpisodeForTheSameSeedAndAnotherForAnother) {
  const base::TemporaryDirectory folder;
  ViewOptions options;
  options.width = 640;
  options.height = 360;
  options.seconds = 0.5;
  const auto picture = [&](uint64_t seed) {
    options.seed = seed;
    options.screenshot = folder.path() / "task.png";
    view_task(sim::Task::load(kTask), options);
    return render::read_png(options.screenshot);
  };
  const render::Image first = picture(1);
  EXPECT_EQ(first.rgb, picture(1).rgb);
  EXPECT_NE(first.rgb, picture(2).rgb);
}

TEST(ViewTask, SaysWhatIsWrongWithTheOptions) {
  const auto task = sim::Task::load(kTask);
  const auto message = [&](auto change) -> std::string {
    ViewOptions options;
    options.headless = true;
    options.screenshot = "picture.png";
    change(options);
    try {
      view_task(task, options);
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "nothing was wrong";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(message([](ViewOptions& o) { o.screenshot = ""; }), HasSubstr("--screenshot"));
  EXPECT_THAT(message([](ViewOptions& o) { o.width = 0; }), HasSubstr("0 x 900"));
  EXPECT_THAT(message([](ViewOptions& o) { o.seconds = -1; }), HasSubstr("-1"));
  EXPECT_THAT(message([](ViewOptions& o) { o.speed = 0; }), HasSubstr("speed"));
  EXPECT_THAT(message([](ViewOptions& o) { o.anchor_every = -5; }), HasSubstr("-5"));
  EXPECT_THAT(message([](ViewOptions& o) { o.policy = "rando"; }), HasSubstr("'rando'"));
  EXPECT_THAT(message([](ViewOptions& o) { o.screenshot = "no/such/folder/picture.png"; }),
              HasSubstr("no/such/folder"));
}

TEST(ViewRun, TheSimulatorAsItsOwnDreamHasNoError) {
  const auto task = sim::Task::load(kTask);
  base::ThreadPool pool(1);
  TwinParts parts;
  parts.spec = task->spec();
  parts.physics = sim::make_simulated_world(task, pool, {.action_repeat = 2});
  parts.dream = sim::make_simulated_world(task, pool, {.action_repeat = 2});
  parts.policy = [](auto observation, auto action) { action[0] = observation[2] > 0 ? 1.0f : -1.0f; };
  parts.start = fresh_starts(task, 3);
  parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 0.1f);
  Twin twin(std::move(parts));
  while (!twin.done()) twin.step();
  EXPECT_EQ(twin.history().time.size(), 501u);
  EXPECT_THAT(twin.history().error, ::testing::Each(0.0));
  EXPECT_EQ(twin.history().physics_return, twin.history().dream_return);
  EXPECT_GT(std::abs(twin.physics().positions()[0]), 0.01f);
}

}  // namespace
}  // namespace reverie::viewer
