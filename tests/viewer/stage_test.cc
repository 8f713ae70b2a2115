// What can be opened, and what is shown when it changes on the disk.
#include "viewer/stage.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "contract/scripted_policy.h"
#include "evaluation/rollout.h"
#include "policies/agent.h"
#include "tests/viewer/script_fixture.h"
#include "training/checkpoint.h"
#include "training/run_directory.h"
#include "viewer/model_world.h"

namespace reverie::viewer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kTask = "dmc/cartpole-swingup";
constexpr const char* kPendulum =
    "<mujoco><worldbody><body name='arm'><joint name='hinge' axis='0 1 0'/>"
    "<geom type='capsule' fromto='0 0 0 0.5 0 0' size='0.05'/></body></worldbody>"
    "<actuator><motor joint='hinge' ctrlrange='-2 2' ctrllimited='true'/></actuator></mujoco>";

class StageTest : public ScriptTest {
 protected:
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name) << text;
    // The clock of the file system may be coarser than the test.
    std::filesystem::last_write_time(
        folder.path() / name, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(++writes));
  }

  // A run with an untrained agent and one checkpoint.
  void make_run(const std::string& name) const {
    training::TrainConfig config;
    config.task = kTask;
    config.action_repeat = 2;
    training::create_run_directory(folder.path() / name, config);
    save_checkpoint(name, 1000, 1);
  }
  void save_checkpoint(const std::string& name, int64_t step, uint64_t seed) const {
    const auto task = sim::Task::load(kTask);
    const training::TrainConfig config = training::read_run_config(folder.path() / name);
    training::Checkpoint checkpoint;
    checkpoint.env_steps = step;
    checkpoint.task_hash = task->spec().hash;
    checkpoint.running = episodes_of("zero", 1);
    checkpoint.model = training::make_agent(task->spec(), config, seed, tensor::kCpu)->weights();
    training::save_checkpoint(folder.path() / name, checkpoint);
  }
  // 200 control steps each, two a decision.
  static std::vector<contract::Episode> episodes_of(const std::string& actions, int count) {
    const auto task = sim::Task::load(kTask);
    base::ThreadPool pool(1);
    const auto policy = contract::scripted_policy(actions, task->spec(), contract::Stream::kEvaluation);
    std::vector<contract::Episode> episodes = evaluation::record_episodes(
        task, *policy, {.count = count, .seed = 5, .action_repeat = 2, .policy_name = actions}, pool);
    for (contract::Episode& episode : episodes) contract::cut_episode(episode, 200);
    return episodes;
  }
  void make_dataset(const std::string& name) const {
    std::filesystem::create_directory(folder.path() / name);
    contract::save_episodes(folder.path() / name / "shard-000000.safetensors", episodes_of("random", 3));
  }

  void open_path(const std::string& what, const ViewOptions& options = {}) {
    show(viewer::open(what, options), options);
  }

  const base::TemporaryDirectory folder;
  mutable int writes = 0;
};

TEST_F(StageTest, ABareModelFallsAndItsMotorTurnsIt) {
  write("arm.xml", kPendulum);
  open_path(path("arm.xml"));
  EXPECT_EQ(play("expect view.title == arm.xml\n"
                 "expect view.actor == zero\n"
                 "wait 0.5\n"
                 "expect twin.steps == 25\n"),
            "");
  const float fallen = stage->twin().physics().positions()[0];
  EXPECT_GT(fallen, 0.5);
  EXPECT_EQ(play("click acts/random\nclick time/Restart\nwait 0.5\nexpect view.actor == random\n"), "");
  EXPECT_NE(stage->twin().physics().positions()[0], fallen);
  EXPECT_FALSE(stage->twin().has_dream());
}

TEST_F(StageTest, ASnapshotOfABareModelGoesOnBitForBit) {
  const std::shared_ptr<const mjModel> cart = render::load_twin_model();
  const contract::EnvSpec spec = model_spec(cart.get(), "cart.xml");
  const auto a = make_model_world(cart, spec), b = make_model_world(cart, spec);
  const contract::Episode start = model_starts(cart.get(), spec)(0);
  const contract::StartPoint point{&start, 0};
  a->reset({&point, 1});
  b->reset({&point, 1});
  const std::vector<float> action(static_cast<size_t>(spec.action_dim), 0.7f);
  for (int i = 0; i < 20; ++i) a->step(action);
  b->restore(a->snapshot());
  for (int i = 0; i < 20; ++i) a->step(action);
  for (int i = 0; i < 20; ++i) b->step(action);
  EXPECT_TRUE(std::ranges::equal(a->physics_states(), b->physics_states()));
}

TEST_F(StageTest, NothingOpenOffersRunsAndTasksAndOpensTheOneClicked) {
  make_run("first");
  ViewOptions options;
  options.runs = folder.path();
  open_path("", options);
  EXPECT_THAT(stage->context().offers, Contains(path("first")));
  EXPECT_EQ(play("expect view.nothing_open == 1\n"
                 "click start/dmc/pendulum-swingup\n"
                 "expect view.nothing_open == 0\n"
                 "expect view.title == dmc/pendulum-swingup\n"
                 "wait 0.1\n"
                 "expect physics.time > 0.05\n"),
            "");
}

TEST_F(StageTest, AModelThatIsBrokenShowsItsErrorAndIsReadAgainWhenItIsMended) {
  write("arm.xml", kPendulum);
  open_path(path("arm.xml"));
  write("arm.xml", "<mujoco><worldbody><body name=</mujoco>");
  EXPECT_EQ(play("wait 1\nexpect view.error != \"\"\nexpect twin.steps > 20\n"), "");
  EXPECT_THAT(stage->context().error, HasSubstr("arm.xml"));
  write("arm.xml", kPendulum);
  EXPECT_EQ(play("until view.error == \"\" 2\nwait 0.1\nexpect view.title == arm.xml\n"), "");
}

TEST_F(StageTest, AnErrorOfWhatWasDroppedGoesWhenItIsDismissed) {
  write("arm.xml", kPendulum);
  open_path(path("arm.xml"));
  EXPECT_EQ(
      play("open no/such/task\nexpect view.error != \"\"\nclick message/Dismiss\nexpect view.error == \"\"\n"
           "expect view.title == arm.xml\n"),
      "");
}

TEST_F(StageTest, ADatasetIsPlayedAgainBitForBit) {
  make_dataset("data");
  open_path(path("data"));
  EXPECT_EQ(play("expect view.actor == recorded\n"
                 "expect recording.steps == 200\n"
                 "until twin.done == 1 3\n"
                 "expect twin.steps == 200\n"
                 "expect recording.difference == -1\n"),
            "");
  EXPECT_EQ(stage->twin().recording().rewards, stage->twin().start().rewards);
  EXPECT_EQ(
      play("click \"time/Next episode\"\nclick acts/zero\nwait 0.2\nexpect recording.difference >= 1\n"), "");
}

TEST_F(StageTest, ADatasetBesideARunIsDreamtFromItsStartsUnderItsActions) {
  make_run("run");
  make_dataset("data");
  ViewOptions options;
  options.data = path("data");
  open_path(path("run"), options);
  EXPECT_EQ(play("expect view.actor == recorded\nwait 1\nexpect twin.steps == 50\nexpect "
                 "recording.difference == -1\n"
                 "expect dream.error > 0\n"),
            "");
  const auto& run = stage->opened().run;
  if (!run) FAIL() << "no run is open";
  const auto dream = run->agent->imagined_world();
  const contract::StartPoint point{&stage->twin().start(), 0};
  dream->reset({&point, 1});
  for (int64_t i = 0; i < 50; ++i) dream->step(stage->twin().start().action(2 * i));
  EXPECT_TRUE(std::ranges::equal(dream->observations(), stage->twin().dream().observations()));
}

TEST_F(StageTest, AnyThinkLevelAndAnyPolicyCanActInTheWindow) {
  make_run("run");
  open_path(path("run"));
  EXPECT_EQ(
      play("expect view.actor == actor\n"
           "click time/Step\nclick \"acts/think 1\"\nexpect view.actor == \"think 1\"\nclick time/Step\n"
           "expect twin.steps == 2\n"
           "click acts/zero\nclick time/Step\nclick time/Step\n"),
      "");
  const contract::Episode& done = stage->twin().recording();
  EXPECT_NE(done.action(0)[0], 0.0f);
  EXPECT_NE(done.action(2)[0], 0.0f);
  EXPECT_EQ(done.action(4)[0], 0.0f);
  EXPECT_EQ(done.action(6)[0], 0.0f);
}

TEST_F(StageTest, CheckpointsAreWalkedAndTheNewestIsFollowed) {
  make_run("run");
  save_checkpoint("run", 2000, 2);
  open_path(path("run"));
  EXPECT_EQ(play("expect run.checkpoint == 000002000\n"
                 "wait 0.4\n"
                 "key DownArrow\n"
                 "expect run.checkpoint == 000001000\n"
                 "expect dream.anchors == 1\n"
                 "expect twin.steps == 20\n"  // the episode goes on
                 "key UpArrow\n"
                 "expect run.checkpoint == 000002000\n"
                 "click checkpoints/Older\n"
                 "expect run.checkpoint == 000001000\n"
                 "click checkpoints/Newer\n"
                 "expect run.checkpoint == 000002000\n"
                 "click checkpoints/Older\n"
                 "click checkpoints/Newest\n"
                 "expect run.checkpoint == 000002000\n"
                 "expect run.follow == 0\n"
                 "click \"checkpoints/go on to new ones\"\n"
                 "expect run.follow == 1\n"),
            "");
  // Whoever could act before still can.
  EXPECT_EQ(play("click acts/zero\nwait 0.2\nexpect twin.action == 0\nclick acts/random\nwait 0.1\n"
                 "expect twin.action != 0\nclick acts/actor\nwait 0.1\nexpect view.actor == actor\n"),
            "");
  save_checkpoint("run", 3000, 3);
  EXPECT_EQ(play("until run.checkpoint == 000003000 2\nexpect run.checkpoints == 3\nexpect run.live == 0\n"),
            "");
  EXPECT_EQ(
      play("expect view.subtitle == \"run  ·  checkpoint 000003000, 3000 control steps of training\"\n"), "");
  // The dream is that of the new weights, from the present.
  EXPECT_EQ(play("key Space\nkey A\n"), "");
  const auto dream = training::open_run(folder.path() / "run").agent->imagined_world();
  const contract::StartPoint point{&stage->twin().recording(), stage->twin().recording().length()};
  dream->reset({&point, 1});
  EXPECT_TRUE(std::ranges::equal(dream->latents(), stage->twin().dream().latents()));
  // Nothing of the dreams before reaches a fork: it begins on physics, at any step.
  EXPECT_EQ(play("set \"fork/Look back\" 12\nclick \"fork/Fork here\"\nexpect fork.from_step == 12\n"), "");
  const contract::StartPoint fork{&stage->twin().recording(), stage->twin().recording().length()};
  dream->reset({&fork, 1});
  EXPECT_TRUE(std::ranges::equal(dream->latents(), stage->twin().dream().latents()));
  const training::RunLock lock(folder.path() / "run");
  EXPECT_EQ(play("wait 0.6\nexpect run.live == 1\n"), "");
}

// A program that trains until it is interrupted stands for reverie.
TEST_F(StageTest, ATrainingIsStartedPausedAndResumed) {
  write("program", "#!/bin/sh\necho \"$@\" >> " + path("words") +
                       "\ntrap 'exit 130' INT\nwhile true; do sleep 0.01; done\n");
  std::filesystem::permissions(path("program"), std::filesystem::perms::owner_all);
  ViewOptions options;
  options.program = path("program");
  options.runs = path("runs");
  const auto words_are = [&](const std::string& expected) {  // the program lives by the clock
    for (int i = 0; i < 1000; ++i) {
      if (std::filesystem::exists(path("words")) &&
          base::read_file(path("words")).find(expected) != std::string::npos)
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  };
  open_path(kTask, options);
  EXPECT_EQ(play("expect training.state == 0\nexpect training.step == -1\n"
                 "click \"training/Start training\"\nexpect training.state == 1\n"),
            "");
  EXPECT_TRUE(words_are("train --task dmc/cartpole-swingup --out "));
  make_run("run");
  std::filesystem::create_directories(path("run/evaluation"));
  const std::string row =
      "{\"step\":3000,\"dream/return\":30,\"dream/simulated_return\":10,\"dream/overpromise\":20,"
      "\"dream/overpromise_low\":15}\n";
  write("run/metrics.jsonl", row + row);
  write("run/evaluation/report.json",
        "{\"scorecard\":[{\"test\":\"policy ranking\",\"support\":\"supported\",\"sentence\":\"it ranks.\"}],"
        "\"use\":\"Good for planning.\"}");
  open_path(path("run"), options);  // the first one is paused as its window closes
  EXPECT_EQ(play("expect training.state == 0\nexpect training.step == 3000\nexpect training.tests == 1\n"
                 "expect training.warning != \"\"\n"
                 "click \"training/Resume training\"\nexpect training.state == 1\n"),
            "");
  EXPECT_TRUE(words_are("train --resume " + path("run")));
  EXPECT_EQ(play("click \"training/Pause training\"\n"), "");
  std::string running = "never asked";
  for (int i = 0; i < 1000 && !running.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    running = play("wait 0.6\nexpect training.state == 0\n");
  }
  EXPECT_EQ(running, "");
}

TEST_F(StageTest, ADirectoryWithNothingToShowTellsWhatCouldBe) {
  try {
    viewer::open(folder.path().string(), {});
    FAIL() << "opened an empty directory";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("a run directory; a dataset"));
  }
}

}  // namespace
}  // namespace reverie::viewer
