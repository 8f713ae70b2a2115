// Pulls: the mouse takes hold of a body, physics feels it, and what acted can be done again.
#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/fork_file.h"
#include "viewer/pull.h"

namespace reverie::viewer {
namespace {

constexpr int kCart = 2, kPole = 3;

class PullTest : public ScriptTest {
 protected:
  // By a spring to a place 0.4 m beside where the body is now.
  Pull pull_at(int body) {
    mjvPerturb mouse;
    mjv_defaultPerturb(&mouse);
    mouse.select = body;
    mouse.active = mjPERT_TRANSLATE;
    mouse.localmass = 1;
    mouse.refselpos[0] = 0.4;
    mouse.refselpos[2] = 0.5;
    return spring_pull(model.get(), mouse, scratch);
  }
  static void run(Twin& twin, int steps) {
    for (int i = 0; i < steps; ++i) twin.step();
  }

  std::shared_ptr<mjData> scratch;
};

TEST_F(PullTest, PhysicsIsPulledAndTheDreamIsNotTold) {
  Twin twin(test_parts(model.get(), -9.81)), same(test_parts(model.get(), -9.81));
  run(twin, 10);
  twin.pull = pull_at(kCart);
  run(twin, 10);
  EXPECT_GT(twin.physics().positions()[0], twin.dream().positions()[0] + 0.01);
  EXPECT_GT(twin.history().error.back(), 0);
  ASSERT_EQ(twin.events().size(), 1u);  // one pull, however long
  EXPECT_EQ(twin.events()[0].step, 10);
  EXPECT_EQ(twin.events()[0].pulled, kCart);
  EXPECT_EQ(twin.forces().size(), 10u);
  EXPECT_GT(twin.forces()[0].wrench[0], 0);
  twin.pull = {};
  run(twin, 5);
  EXPECT_EQ(twin.forces().size(), 10u);
  twin.pull = pull_at(kPole);
  run(twin, 1);
  EXPECT_EQ(twin.events().size(), 2u);
}

TEST_F(PullTest, ItEndsWhenTheMouseLetsGo) {
  Twin twin(test_parts(model.get(), -9.81));
  twin.pull = pull_at(kCart);
  run(twin, 5);
  twin.pull = {};
  twin.anchor();
  run(twin, 40);
  EXPECT_EQ(twin.history().error.back(), 0);  // a perfect dream, once nothing pulls
}

TEST_F(PullTest, ForksGoOnExactly) {
  const auto live = [this](Twin& twin) {
    run(twin, 20);
    twin.pull = pull_at(kPole);
    run(twin, 8);
    twin.pull = {};
    run(twin, 40);
  };
  Twin straight(test_parts(model.get(), -9.3));
  live(straight);
  for (const int step : {28, 29, 40, 50, 60}) {
    Twin twin(test_parts(model.get(), -9.3));
    live(twin);
    twin.fork(step, {});
    EXPECT_EQ(twin.forces().size(), 8u);
    run(twin, 68 - step);
    EXPECT_EQ(twin.recording().physics, straight.recording().physics) << step;
    EXPECT_EQ(twin.history().error, straight.history().error) << step;
  }
  for (const int step : {20, 23}) {  // without what the mouse did from there on
    Twin twin(test_parts(model.get(), -9.3));
    live(twin);
    twin.fork(step, {});
    EXPECT_EQ(twin.forces().size(), static_cast<size_t>(step - 20));
    EXPECT_EQ(twin.events().size(), step == 20 ? 0u : 1u);
    twin.pull = pull_at(kPole);
    run(twin, 28 - step);
    twin.pull = {};
    run(twin, 40);
    EXPECT_EQ(twin.recording().physics, straight.recording().physics) << step;
    EXPECT_EQ(twin.events().size(), 1u);
  }
}

TEST_F(PullTest, AFileHasThem) {
  const base::TemporaryDirectory folder;
  Twin twin(test_parts(model.get(), -9.3)), again(test_parts(model.get(), -9.3));
  run(twin, 3);
  twin.pull = pull_at(kPole);
  run(twin, 6);
  twin.push(0.3);
  run(twin, 2);
  twin.fork(5, {});
  run(twin, 4);
  twin.pull = {};
  run(twin, 4);
  save_forks(twin, folder.path() / "branches.json");
  EXPECT_EQ(open_forks(again, folder.path() / "branches.json"), "2 branches, physics as it was saved");
  for (const int branch : {0, 1}) {
    twin.walk_to(branch);
    again.walk_to(branch);
    EXPECT_EQ(again.recording().physics, twin.recording().physics);
    EXPECT_EQ(again.history().error, twin.history().error);
    EXPECT_EQ(again.forces(), twin.forces());
    EXPECT_EQ(again.events().size(), twin.events().size());
  }
}

TEST_F(PullTest, NothingActsWhilePhysicsIsOff) {
  Twin twin(test_parts(model.get(), -9.3));
  twin.steering.physics_on = false;
  twin.pull = pull_at(kCart);
  run(twin, 10);
  EXPECT_TRUE(twin.forces().empty());
}

TEST_F(PullTest, ByScriptADoubleClickSelectsAndADragWithCtrlPulls) {
  open(-9.81);
  EXPECT_EQ(play("key Space\n"
                 "expect view.selected == \"\"\n"
                 "double-click physics 0.5 0.59\n"
                 "expect view.selected == cart\n"
                 "double-click physics 0.97 0.97\n"  // the floor, or nothing
                 "expect view.selected == \"\"\n"
                 "double-click dream 0.5 0.59\n"
                 "expect view.selected == cart\n"
                 "key Space\n"
                 "wait 0.2\n"
                 "expect dream.error == 0\n"
                 "expect pull.steps == 0\n"
                 "drag physics 0.5 0.59 0.8 0.56 right Ctrl 0.5\n"
                 "expect pull.steps >= 24\n"
                 "expect pull.force > 0.1\n"
                 "expect dream.error > 0\n"
                 "expect event.count == 1\n"
                 "expect view.camera == \"usual view\"\n"  // the drag was no camera's
                 "print pull.steps\n"),
            "");
  const int64_t steps = std::ssize(twin->forces());
  EXPECT_EQ(play("wait 0.5\nclick \"dream controls/Anchor now\"\nwait 0.5\nexpect dream.error == 0\n"), "");
  EXPECT_EQ(std::ssize(twin->forces()), steps);
  EXPECT_EQ(play("double-click physics 0.03 0.97\nexpect view.selected == \"\"\n"
                 "drag physics 0.5 0.5 0.6 0.5 left Ctrl\nexpect view.camera == \"as moved\"\n"),
            "");
}

TEST_F(PullTest, TheOtherButtonTurns) {
  open(-9.81);
  EXPECT_EQ(play("key Space\ndouble-click physics 0.5 0.59\nexpect view.selected == cart\nkey Space\n"
                 "drag physics 0.5 0.5 0.5 0.8 left Ctrl 0.2\nexpect pull.torque > 0\n"),
            "");
}

}  // namespace
}  // namespace reverie::viewer
