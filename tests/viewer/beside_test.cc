// Runs beside each other: their dreams begin in one start and take the same actions.
#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "tests/viewer/script_fixture.h"
#include "training/checkpoint.h"
#include "training/run_directory.h"
#include "viewer/beside.h"

namespace reverie::viewer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BesideTest : public ScriptTest {
 protected:
  // The first dream is wrong, the second one perfect, the third one more wrong.
  TwinParts three_dreams() const {
    TwinParts parts = test_parts(model.get(), -9.3);
    parts.others.push_back(std::make_unique<TestWorld>(model.get(), 2, -9.81));
    parts.others.push_back(std::make_unique<TestWorld>(model.get(), 2, -7.0));
    return parts;
  }

  void open_three() {
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = three_dreams();
    opened.session = options;
    opened.session.dreams = {"first", "second", "third"};
    show(std::move(opened));
  }

  static void run(Twin& twin, int steps) {
    for (int i = 0; i < steps; ++i) twin.step();
  }

  // A run with an untrained agent and one checkpoint.
  std::string make_run(const std::string& name, const std::string& task, int repeat = 2) const {
    training::TrainConfig config;
    config.task = task;
    config.action_repeat = repeat;
    training::create_run_directory(folder.path() / name, config);
    save_checkpoint(name, 1000);
    return (folder.path() / name).string();
  }

  void save_checkpoint(const std::string& name, int64_t step) const {
    const training::TrainConfig config = training::read_run_config(folder.path() / name);
    const auto loaded = sim::Task::load(config.task);
    training::Checkpoint checkpoint;
    checkpoint.env_steps = step;
    checkpoint.task_hash = loaded->spec().hash;
    checkpoint.running = {fresh_starts(loaded, 0)(0)};
    checkpoint.model =
        training::make_agent(loaded->spec(), config, static_cast<uint64_t>(step), tensor::kCpu)->weights();
    training::save_checkpoint(folder.path() / name, checkpoint);
  }

  const base::TemporaryDirectory folder;
};

TEST_F(BesideTest, EveryDreamIsMeasuredUnderTheSameActions) {
  open_three();
  EXPECT_EQ(play("expect runs.count == 3\n"
                 "expect second.name == second\n"
                 "expect runs.closest == first\n"  // all of them are right at the start
                 "wait 1\n"
                 "expect twin.steps == 50\n"
                 "expect dream.error > 0.001\n"
                 "expect second.error == 0\n"
                 "expect second.valid_seconds == 1\n"
                 "expect second.return == physics.return\n"
                 "expect dream.return != physics.return\n"
                 "expect runs.closest == second\n"
                 "expect view.panels > 5\n"),
            "");
  EXPECT_GT(twin->other(1).error.back(), twin->history().error.back());
  // One of them alone does what it does beside the others.
  Twin alone(test_parts(model.get(), -7.0));
  run(alone, 50);
  EXPECT_EQ(alone.history().error, twin->other(1).error);
  EXPECT_EQ(alone.history().dream_return, twin->other(1).returns);
  EXPECT_EQ(alone.clock().seconds, twin->other(1).clock.seconds);
}

TEST_F(BesideTest, AnAnchorIsOneOfAllDreams) {
  open_three();
  EXPECT_EQ(play("wait 1\nclick \"dream controls/Anchor now\"\nexpect second.valid_seconds == 0\nwait 0.5\n"
                 "expect second.valid_seconds == 0.5\nexpect dream.valid_seconds <= 0.5\n"),
            "");
  EXPECT_EQ(twin->other(1).clock.finished.size(), 1u);
  Twin straight(three_dreams());
  run(straight, 50);
  straight.anchor();
  run(straight, 25);
  EXPECT_EQ(straight.other(1).error, twin->other(1).error);
}

TEST_F(BesideTest, AForkGoesOnInEveryDreamAsTheHistoryThatItLeft) {
  for (const int step : {0, 1, 50, 70}) {
    Twin twin(three_dreams()), straight(three_dreams());
    twin.anchor_every = straight.anchor_every = 60;  // 30 steps
    run(twin, 90);
    twin.fork(step, {});
    run(twin, 100 - step);
    run(straight, 100);
    for (const size_t i : {0u, 1u}) {
      EXPECT_EQ(twin.other(i).error, straight.other(i).error) << step;
      EXPECT_EQ(twin.other(i).returns, straight.other(i).returns) << step;
      EXPECT_EQ(twin.other(i).positions, straight.other(i).positions) << step;
      EXPECT_EQ(twin.other(i).clock.finished, straight.other(i).clock.finished) << step;
      EXPECT_EQ(twin.other(i).clock.seconds, straight.other(i).clock.seconds) << step;
    }
  }
}

TEST_F(BesideTest, AMovedRobotIsMovedInEveryDream) {
  Twin twin(three_dreams());
  run(twin, 20);
  twin.fork(10, {.shift = std::vector<double>{0.0, 0.5, 0, 0, 0, 0, 0, 0}});
  EXPECT_EQ(twin.other_positions(1)[1], twin.physics().positions()[1]);
  EXPECT_EQ(twin.other(1).error.back(), 0);
  run(twin, 10);
  EXPECT_EQ(twin.other(0).error.back(), 0);
  EXPECT_GT(twin.other(1).error.back(), 0);
  twin.look_at(10);
  EXPECT_EQ(twin.other_positions(1)[1], twin.shown_physics_positions()[1]);
}

TEST_F(BesideTest, PhysicsThatWasOffMeasuresEveryDreamAfterwards) {
  open_three();
  EXPECT_EQ(play("key F8\nexpect physics.on == 0\nwait 0.5\nexpect physics.behind == 25\n"
                 "expect second.error == 0\nkey F8\nuntil physics.behind == 0 2\n"),
            "");
  EXPECT_EQ(twin->other(0).error.size(), twin->history().error.size());
  EXPECT_THAT(twin->other(0).error, Each(0.0));
}

TEST_F(BesideTest, RunsOfOneTaskAreOpenedAndAnyOfTheirActorsActs) {
  ViewOptions view;
  view.beside = {make_run("b", "dmc/cartpole-swingup"), make_run("c", "dmc/cartpole-swingup")};
  show(viewer::open(make_run("a", "dmc/cartpole-swingup"), view), view);
  EXPECT_THAT(stage->context().dreams, ElementsAre("a", "b", "c"));
  EXPECT_EQ(play("expect runs.count == 3\nexpect second.name == b\nwait 0.2\nexpect second.error > 0\n"
                 "click \"acts/c: actor\"\nexpect view.actor == \"c: actor\"\nwait 0.2\n"
                 "key Ctrl+C\n"),
            "");
  EXPECT_EQ(twin->steps(), 20);
  EXPECT_THAT(stage->context().notice, HasSubstr("/b@000001000 "));
  // Something else is open alone.
  EXPECT_EQ(play("open dmc/cartpole-swingup\nexpect runs.count == 0\n"), "");
}

TEST_F(BesideTest, ARunBesideItselfIsToldByItsCheckpoint) {
  const std::string run = make_run("a", "dmc/cartpole-swingup");
  save_checkpoint("a", 2000);
  ViewOptions view;
  view.beside = {run + "@1000"};
  EXPECT_THAT(run_names(viewer::open(run, view)), ElementsAre("a@000002000", "a@000001000"));
}

TEST_F(BesideTest, RunsThatAreNotAlikeAreRefused) {
  const std::string first = make_run("a", "dmc/cartpole-swingup");
  const auto refused = [&](const std::string& other) -> std::string {
    ViewOptions view;
    view.beside = {other};
    try {
      viewer::open(first, view);
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "nothing was wrong";
  };
  EXPECT_THAT(refused(make_run("b", "dmc/pendulum-swingup")),
              testing::AllOf(HasSubstr("/b: a run of dmc/pendulum-swingup, and "),
                             HasSubstr("/a is one of dmc/cartpole-swingup; runs beside each other")));
  EXPECT_THAT(refused(make_run("c", "dmc/cartpole-swingup", 4)),
              testing::AllOf(HasSubstr("/c: takes a decision every 4 control steps, and "),
                             HasSubstr("/a every 2; runs beside each other")));
  EXPECT_THAT(refused((folder.path() / "nowhere").string()), HasSubstr("nowhere"));
}

}  // namespace
}  // namespace reverie::viewer
