#include "viewer/viewer.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "render/image.h"
#include "sim/env.h"
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
  EXPECT_THAT(message([](ViewOptions& o) {
                o.headless = false;
                o.screenshot = "";
                o.record = "twin.mcap";
              }),
              HasSubstr("--record: give --headless"));
  EXPECT_THAT(message([](ViewOptions& o) {
                o.record = "twin.mcap";
                o.real_time = true;
              }),
              HasSubstr("--record: not with --real-time"));
  EXPECT_THAT(message([](ViewOptions& o) { o.record = "no/such/folder/twin.mcap"; }),
              HasSubstr("no/such/folder"));
  EXPECT_THAT(message([](ViewOptions& o) { o.seconds = -1; }), HasSubstr("-1"));
  EXPECT_THAT(message([](ViewOptions& o) { o.speed = 0; }), HasSubstr("speed"));
  EXPECT_THAT(message([](ViewOptions& o) { o.anchor_every = -5; }), HasSubstr("-5"));
  EXPECT_THAT(message([](ViewOptions& o) { o.policy = "rando"; }), HasSubstr("'rando'"));
  EXPECT_THAT(message([](ViewOptions& o) { o.screenshot = "no/such/folder/picture.png"; }),
              HasSubstr("no/such/folder"));
}

TEST(ViewRun, TheSimulatorAsItsOwnDreamHasNoError) {
  const auto task = sim::Task::load(kTask);
  base::ThreadPool pool(1), dream_pool(1);  // both worlds step at the same time
  TwinParts parts;
  parts.spec = task->spec();
  parts.physics = sim::make_simulated_world(task, pool);
  parts.dream = sim::make_simulated_world(task, dream_pool, {.action_repeat = 2});
  parts.policy = std::make_unique<tests::FunctionPolicy>(
      [](const auto& input, auto action) { action[0] = input.observations[2] > 0 ? 1.0f : -1.0f; });
  parts.start = fresh_starts(task, 3);
  parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 0.1f);
  Twin twin(std::move(parts));
  while (!twin.done()) twin.step();
  EXPECT_EQ(twin.history().time.size(), 501u);
  EXPECT_THAT(twin.history().error, ::testing::Each(0.0));
  EXPECT_EQ(twin.history().physics_return, twin.history().dream_return);
  EXPECT_GT(std::abs(twin.physics().positions()[0]), 0.01f);
}

// The first `steps` control steps of an episode that begins at row 0 of `start`, as an environment does them
// under the actions of `recording`.
contract::Episode simulated(const std::shared_ptr<const sim::Task>& task, contract::Episode start,
                            const contract::Episode& recording) {
  const contract::EnvSpec& spec = task->spec();
  sim::Env env(task);
  env.reset(start.seed, start.index);
  std::vector<double> physics(static_cast<size_t>(spec.physics_dim));
  std::vector<double> task_state(static_cast<size_t>(spec.task_dim));
  for (int64_t t = 0; t < recording.length(); ++t) {
    const auto action = recording.action(t);
    const sim::StepResult result = env.step(action);
    env.copy_physics_state(physics);
    env.copy_task_state(task_state);
    start.actions.insert(start.actions.end(), action.begin(), action.end());
    start.rewards.push_back(static_cast<float>(result.reward));
    for (const double value : env.observation()) start.observations.push_back(static_cast<float>(value));
    start.physics.insert(start.physics.end(), physics.begin(), physics.end());
    start.task_state.insert(start.task_state.end(), task_state.begin(), task_state.end());
  }
  return start;
}

TEST(ViewRun, AnAnchoredDreamIsOneThatBeganInTheRecordedEpisodeThere) {
  const base::TemporaryDirectory folder;
  const training::Run run = untrained_run(folder.path());
  base::ThreadPool pool(1);
  TwinParts parts;
  parts.spec = run.task->spec();
  parts.physics = sim::make_simulated_world(run.task, pool);
  parts.dream = run.agent->imagined_world();
  parts.policy = std::make_unique<tests::FunctionPolicy>(
      [](const contract::PolicyInput& input, std::span<float> actions) {
        actions[0] = input.observations[2] > 0 ? 0.7f : -0.9f;
      });
  parts.start = fresh_starts(run.task, 3);
  parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 1.0f);
  Twin twin(std::move(parts));
  for (int i = 0; i < 9; ++i) twin.step();
  twin.anchor();
  const contract::Episode episode = simulated(run.task, fresh_starts(run.task, 3)(0), twin.recording());
  EXPECT_EQ(episode.observations, twin.recording().observations);
  EXPECT_EQ(episode.physics, twin.recording().physics);
  EXPECT_EQ(episode.task_state, twin.recording().task_state);
  EXPECT_EQ(episode.rewards, twin.recording().rewards);
  const auto dream = run.agent->imagined_world();
  const contract::StartPoint point{&episode, int64_t{9} * dream->control_steps()};
  dream->reset({&point, 1});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(std::ranges::equal(dream->latents(), twin.dream().latents())) << i;
    EXPECT_TRUE(std::ranges::equal(dream->observations(), twin.dream().observations())) << i;
    EXPECT_TRUE(std::ranges::equal(dream->positions(), twin.dream().positions())) << i;
    EXPECT_TRUE(std::ranges::equal(dream->velocities(), twin.dream().velocities())) << i;
    twin.step();
    dream->step(twin.recording().action(twin.recording().length() - 1));
  }
  dream->reset({&point, 1});
  dream->restore(twin.dream().snapshot());
  twin.step();
  dream->step(twin.recording().action(twin.recording().length() - 1));
  EXPECT_TRUE(std::ranges::equal(dream->positions(), twin.dream().positions()));
}

}  // namespace
}  // namespace reverie::viewer
