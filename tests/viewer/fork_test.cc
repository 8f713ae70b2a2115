// Forks: branches of a history begin exactly where they leave, and files bring them back.
#include <gmock/gmock.h>

#include <fstream>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/fork_file.h"

namespace reverie::viewer {
namespace {

using ::testing::HasSubstr;

class ForkTest : public ScriptTest {
 protected:
  static void run(Twin& twin, int steps) {
    for (int i = 0; i < steps; ++i) twin.step();
  }

  // What both worlds show, bit for bit.
  static void expect_same(const Twin& a, const Twin& b) {
    EXPECT_EQ(a.steps(), b.steps());
    EXPECT_TRUE(std::ranges::equal(a.physics().physics_states(), b.physics().physics_states()));
    EXPECT_TRUE(std::ranges::equal(a.dream().positions(), b.dream().positions()));
    EXPECT_TRUE(std::ranges::equal(a.dream().observations(), b.dream().observations()));
    EXPECT_EQ(a.history().physics_return, b.history().physics_return);
    EXPECT_EQ(a.history().dream_return, b.history().dream_return);
    EXPECT_EQ(a.history().error, b.history().error);
    EXPECT_EQ(a.history().actions, b.history().actions);
    EXPECT_EQ(a.history().anchor_times, b.history().anchor_times);
    EXPECT_EQ(a.clock().seconds, b.clock().seconds);
    EXPECT_EQ(a.clock().finished, b.clock().finished);
    EXPECT_EQ(a.recording().physics, b.recording().physics);
  }
};

TEST_F(ForkTest, ABranchGoesOnAsTheHistoryThatItLeft) {
  for (const int step : {0, 1, 49, 50, 51, 70, 120}) {  // snapshots are kept every 50 steps
    Twin twin(test_parts(model.get(), -9.3)), straight(test_parts(model.get(), -9.3));
    twin.anchor_every = straight.anchor_every = 60;  // 30 steps
    run(twin, 120);
    twin.fork(step, {});
    EXPECT_EQ(twin.steps(), step);
    run(twin, 130 - step);
    run(straight, 130);
    expect_same(twin, straight);
  }
}

TEST_F(ForkTest, AnEditedActionIsTheOnlyDifference) {
  Twin twin(test_parts(model.get(), -9.3)), edited(test_parts(model.get(), -9.3));
  run(twin, 20);
  twin.fork(7, {.action = {-0.75f}});
  run(twin, 5);
  run(edited, 7);
  edited.follow(std::vector<float>{-0.75f}, {});
  run(edited, 5);
  expect_same(twin, edited);
  EXPECT_EQ(twin.history().actions[7], -0.75f);
}

TEST_F(ForkTest, AMovedRobotIsMovedInBothWorlds) {
  Twin twin(test_parts(model.get(), -9.81));
  run(twin, 20);
  const float before = twin.timeline(0).recording.physics_state(20)[2];
  twin.fork(10, {.shift = std::vector<double>{0.0, 0.5, 0, 0, 0, 0, 0, 0}});
  EXPECT_NEAR(twin.physics().positions()[1], before + 0.5, 1e-6);
  EXPECT_EQ(twin.dream().positions()[1], twin.physics().positions()[1]);
  EXPECT_EQ(twin.history().error.back(), 0);
  run(twin, 30);
  EXPECT_EQ(twin.history().error.back(), 0);  // a perfect dream
  Twin other(test_parts(model.get(), -9.81));
  run(other, 40);
  EXPECT_NE(twin.physics().positions()[1], other.physics().positions()[1]);
}

TEST_F(ForkTest, WalksBetweenBranches) {
  Twin twin(test_parts(model.get(), -9.3));
  run(twin, 60);
  const std::vector<float> first(twin.dream().positions().begin(), twin.dream().positions().end());
  twin.fork(30, {.action = {1.0f}});
  run(twin, 9);
  const std::vector<float> second(twin.dream().positions().begin(), twin.dream().positions().end());
  twin.fork(35, {});
  twin.walk_to(0);
  EXPECT_EQ(twin.steps(), 60);
  EXPECT_TRUE(std::ranges::equal(twin.dream().positions(), first));
  twin.walk_to(1);
  EXPECT_EQ(twin.steps(), 40);
  EXPECT_TRUE(std::ranges::equal(twin.dream().positions(), second));
  EXPECT_EQ(twin.branches()[2].parent, 1);
  EXPECT_EQ(twin.timeline(2).steps, 35);
  EXPECT_THROW(twin.walk_to(3), std::out_of_range);
  EXPECT_THROW(twin.fork(41, {}), std::out_of_range);
}

// The state of a dream means something to itself alone, so no snapshot of the one before may reach the new one.
TEST_F(ForkTest, AnotherDreamIsAnchoredWhereverItWasNot) {
  for (const int step : {0, 10, 30, 49, 50, 55, 60, 70}) {
    Twin twin(test_parts(model.get(), -5.0));
    run(twin, 40);
    twin.fork(30, {.action = {1.0f}});
    run(twin, 29);
    ASSERT_EQ(twin.steps(), 60);
    ASSERT_GT(twin.history().error.back(), 0);
    twin.dream_by(std::make_unique<TestWorld>(model.get(), 2, -9.81));  // a perfect one
    EXPECT_EQ(twin.branches().size(), 2u);
    run(twin, 20);
    twin.fork(step, {});
    EXPECT_EQ(twin.steps(), step);
    EXPECT_EQ(twin.branches().back().from_step, step);
    EXPECT_TRUE(std::ranges::equal(twin.dream().positions(), twin.physics().positions())) << step;
    twin.step();
    EXPECT_EQ(twin.history().error.back(), 0) << step;
    twin.walk_to(0);
    EXPECT_EQ(twin.steps(), 40);
    twin.step();
    EXPECT_EQ(twin.history().error.back(), 0) << step;
    twin.walk_to(1);
    EXPECT_EQ(twin.steps(), 80);
    EXPECT_EQ(twin.clock().finished.size(), 1u);  // it was anchored once, when it came
  }
}

TEST_F(ForkTest, BranchesOfAnEarlierDreamAreSavedAndPhysicsIsTheSame) {
  const base::TemporaryDirectory folder;
  Twin twin(test_parts(model.get(), -5.0)), again(test_parts(model.get(), -9.81));
  run(twin, 20);
  twin.fork(10, {.shift = std::vector<double>{0.0, 0.5, 0, 0, 0, 0, 0, 0}});
  run(twin, 10);
  twin.dream_by(std::make_unique<TestWorld>(model.get(), 2, -9.81));
  run(twin, 5);
  twin.fork(15, {});
  run(twin, 5);
  save_forks(twin, folder.path() / "branches.json");
  EXPECT_EQ(open_forks(again, folder.path() / "branches.json"), "3 branches, physics as it was saved");
  EXPECT_EQ(again.recording().physics, twin.recording().physics);
  EXPECT_EQ(again.timeline(2).anchors, twin.timeline(2).anchors);
}

TEST_F(ForkTest, AStateIsPutInBothWorldsAndSaved) {
  const base::TemporaryDirectory folder;
  Twin twin(test_parts(model.get(), -9.81)), again(test_parts(model.get(), -9.81));
  run(twin, 20);
  const auto start = twin.recording().physics_state(0);
  std::vector<double> state(start.begin(), start.end());
  state[2] = 1.2;  // the hinge
  twin.fork(15, {.state = state});
  EXPECT_EQ(twin.physics().positions()[1], 1.2f);
  EXPECT_EQ(twin.dream().positions()[1], 1.2f);
  EXPECT_EQ(twin.recording().physics_state(15)[0], twin.timeline(0).recording.physics_state(15)[0]);  // time
  run(twin, 9);
  EXPECT_EQ(twin.history().error.back(), 0);
  save_forks(twin, folder.path() / "branches.json");
  EXPECT_EQ(open_forks(again, folder.path() / "branches.json"), "2 branches, physics as it was saved");
  EXPECT_EQ(again.recording().physics, twin.recording().physics);
}

TEST_F(ForkTest, AFileBringsTheBranchesBack) {
  const base::TemporaryDirectory folder;
  const auto file = folder.path() / "branches.json";
  Twin twin(test_parts(model.get(), -9.3)), again(test_parts(model.get(), -9.3));
  twin.reset(3);
  twin.anchor_every = 40;
  run(twin, 60);
  twin.fork(30, {.action = {1.0f}});
  run(twin, 30);
  twin.fork(25, {.shift = std::vector<double>{0.2, 0, 0, 0, 0, 0, 0, 0}});
  run(twin, 4);
  twin.steering = {.driven = true, .push = {0.3f}};
  run(twin, 4);
  twin.walk_to(1);
  save_forks(twin, file);
  again.anchor_every = 7;  // of no effect on what was done
  EXPECT_THAT(open_forks(again, file), HasSubstr("3 branches, physics as it was saved"));
  EXPECT_EQ(again.episode(), 3u);
  EXPECT_EQ(again.branch(), 1);
  for (const int branch : {0, 1, 2}) {
    twin.walk_to(branch);
    again.walk_to(branch);
    expect_same(twin, again);
    EXPECT_EQ(twin.branches()[branch].parent, again.branches()[branch].parent);
    EXPECT_EQ(twin.branches()[branch].from_step, again.branches()[branch].from_step);
    EXPECT_EQ(twin.branches()[branch].edit.action, again.branches()[branch].edit.action);
    EXPECT_EQ(twin.branches()[branch].edit.shift, again.branches()[branch].edit.shift);
  }
  run(twin, 3);
  again.anchor_every = 40;
  again.steering = twin.steering;
  run(again, 3);
  expect_same(twin, again);
}

TEST_F(ForkTest, ADamagedFileIsRefusedAndTheTwinStays) {
  const base::TemporaryDirectory folder;
  const auto file = folder.path() / "branches.json";
  Twin twin(test_parts(model.get(), -9.3));
  run(twin, 5);
  save_forks(twin, file);
  const std::string good = base::read_file(file);
  const auto refused = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    std::ofstream(file) << text;
    try {
      open_forks(twin, file);
    } catch (const base::UserError& error) {
      EXPECT_EQ(twin.steps(), 5);
      return error.what();
    }
    return "opened";
  };
  EXPECT_THAT(refused("reverie-branches", "something"),
              HasSubstr("expected format reverie-branches version 1"));
  EXPECT_THAT(refused("\"hash\": \"", "\"hash\": \"x"), HasSubstr("with hash x"));
  EXPECT_THAT(refused("\"parent\": -1", "\"parent\": 4"), HasSubstr("branch 0 has parent 4"));
  EXPECT_THAT(refused("\"index\": ", "\"index\": -1"), HasSubstr("episode -1"));
  EXPECT_THAT(refused("\"present\": 0", "\"present\": 1"), HasSubstr("present branch 1"));
  EXPECT_THAT(refused("\"state\": []", "\"state\": [1]"), HasSubstr("a state of 1 numbers"));
  EXPECT_THAT(
      refused("\"forces\": []", "\"forces\": [{\"step\": 0, \"body\": 99, \"wrench\": [1, 0, 0, 0, 0, 0]}]"),
      HasSubstr("a force on body 99"));
  EXPECT_THAT(refused("\"events\": []",
                      "\"events\": [{\"step\": 0, \"mass\": 0, \"friction\": 1, \"gravity\": 1, \"wind\": 0, "
                      "\"push\": 0, \"anchors_before\": 0}]"),
              HasSubstr("an event after step 0 that cannot be"));
  EXPECT_THAT(refused("{", "["), HasSubstr("no file of branches"));
  std::filesystem::remove(file);
  EXPECT_THROW(open_forks(twin, file), base::UserError);
}

TEST_F(ForkTest, ByScriptFromLookingBackToOpeningAFile) {
  const base::TemporaryDirectory folder;
  options.fork_file = folder.path() / "branches.json";
  open(-9.3);
  EXPECT_EQ(play("wait 0.8\n"
                 "set \"fork/Look back\" 15\n"
                 "expect fork.looked_at == 15\n"
                 "expect playback.paused == 1\n"
                 "expect twin.steps == 40\n"
                 "click \"fork/Fork here\"\n"
                 "expect fork.count == 2\n"
                 "expect fork.parent == 0\n"
                 "expect fork.from_step == 15\n"
                 "expect twin.steps == 15\n"
                 "click \"fork/Edits\"\n"
                 "set \"fork/Action 0\" -0.5\n"
                 "click \"fork/Fork with this action\"\n"
                 "expect fork.branch == 2\n"
                 "expect twin.action == -0.5\n"
                 "set \"fork/Joint\" 1\n"
                 "set \"fork/Shift\" 0.4\n"
                 "click \"fork/Fork with the robot moved\"\n"
                 "expect fork.count == 4\n"
                 "expect dream.anchors == 1\n"
                 "click \"fork/Branch 0\"\n"
                 "expect fork.branch == 0\n"
                 "expect twin.steps == 40\n"
                 "click \"fork/Replay\"\n"
                 "wait 0.4\n"
                 "expect fork.looked_at > 10\n"
                 "wait 1\n"
                 "expect twin.steps == 40\n"
                 "expect playback.paused == 1\n"
                 "click \"fork/Save branches\"\n"
                 "click time/Restart\n"
                 "expect fork.count == 1\n"
                 "click \"fork/Open branches\"\n"
                 "expect fork.count == 4\n"
                 "expect twin.steps == 40\n"
                 "expect fork.notice == \"4 branches, physics as it was saved\"\n"),
            "");
}

TEST_F(ForkTest, AFileThatCannotBeOpenedIsTold) {
  const base::TemporaryDirectory folder;
  options.fork_file = folder.path() / "nothing.json";
  open(-9.3);
  EXPECT_EQ(
      play("wait 0.1\nclick \"fork/Open branches\"\nexpect twin.steps == 5\nexpect fork.notice != \"\"\n"),
      "");
  EXPECT_THAT(session->context().twin.notice(), HasSubstr("nothing.json"));
}

}  // namespace
}  // namespace reverie::viewer
