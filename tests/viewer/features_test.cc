// What a user sees and sets, by script: every value and every control is met in a test.
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/panels/panels.h"
#include "viewer/values.h"

namespace reverie::viewer {
namespace {

class Features : public ScriptTest {
 protected:
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  render::Image picture() {
    stage->frame(0);
    return surface->read();
  }
  const base::TemporaryDirectory folder;
};

TEST_F(Features, TheClockOfTheDreamStopsAndAnAnchorStartsItAgain) {
  open(-4);
  EXPECT_EQ(play("expect dream.held == 1\n"
                 "until dream.held == 0 6\n"
                 "expect dream.valid_seconds > 0\n"
                 "expect dream.valid_seconds < physics.time\n"
                 "expect dream.uncertainty != 0\n"
                 "expect dream.return != physics.return\n"
                 "click \"dream controls/Anchor now\"\n"
                 "expect dream.held == 1\n"
                 "expect dream.valid_seconds == 0\n"
                 "click time/Restart\n"
                 "set \"dream controls/Anchor every\" 20\n"
                 "expect dream.anchor_every == 20\n"
                 "wait 1\n"
                 "expect twin.steps == 50\n"
                 "expect dream.anchors == 5\n"),
            "");
}

TEST_F(Features, TheDreamChoosesWhenItIsAskedTo) {
  open(-9.3);
  EXPECT_EQ(play("wait 0.1\nexpect dream.chooses == 0\nexpect twin.action > 0\n"
                 "click \"dream controls/the dream chooses the actions\"\n"
                 "expect dream.chooses == 1\nwait 0.1\nexpect twin.action == -1\n"),
            "");
}

TEST_F(Features, TheGhostTurnsRedWhereItIsOffAndCanBeLeftOut) {
  open(-4);
  EXPECT_EQ(play("until dream.error > 0.5 6\nkey Space\nexpect view.ghost == 1\nexpect view.red == 1\n"), "");
  const render::Image red = picture();
  EXPECT_EQ(play("click \"dream controls/red where it is off\"\nexpect view.red == 0\n"), "");
  const render::Image violet = picture();
  EXPECT_GT(render::differing_pixels(red, violet, 24), 200);
  EXPECT_EQ(play("click \"dream controls/ghost over the robot\"\nexpect view.ghost == 0\n"), "");
  EXPECT_GT(render::differing_pixels(violet, picture(), 24), 200);
}

TEST_F(Features, CurvesOfAGroupOfObservations) {
  open(-9.3);
  EXPECT_EQ(play("wait 0.4\nkey F2\nclick layout/observations\nkey F2\nframes 1\nexpect view.observations == "
                 "pole\n"),
            "");
  const render::Image pole = picture();
  EXPECT_EQ(play("click \"observations/Group after\"\nexpect view.observations == cart\n"
                 "click \"observations/Group before\"\nexpect view.observations == pole\n"
                 "key Space\nclick \"observations/Group after\"\n"),
            "");
  EXPECT_GT(render::differing_pixels(pole, picture(), 24), 200);
}

TEST_F(Features, PhysicsIsJudgedBesideTheDream) {
  read_pose = [](std::span<const float> positions) {
    evaluation::Pose pose;
    pose.penetration = positions[1] > 0.3f ? 0.02 : 0;
    return pose;
  };
  open(-9.3);
  EXPECT_EQ(play("click \"drive/you drive\"\nclick \"drive/the policy acts as well\"\n"
                 "wait 1\nexpect physics.admissible < 1\nexpect dream.admissible < 1\n"
                 "expect dream.penetration == 0.02\n"),
            "");
}

TEST_F(Features, WithAMeasureGhostForcesAreShown) {
  Opened opened;
  opened.what = "test/twin";
  opened.model = model;
  opened.parts = test_parts(model.get(), -9.3);
  opened.parts.ghost_force = [](const TwinParts::Motion& motion) {
    return motion.action.empty() ? 1.0 : 3.0;
  };
  opened.session = options;
  show(std::move(opened));
  EXPECT_EQ(play("wait 0.2\nexpect dream.ghost_force == 1\nexpect physics.ghost_force_median == 1\n"
                 "click \"drive/physics runs\"\nexpect physics.on == 0\nwait 0.2\n"
                 "expect dream.ghost_force == 3\nexpect dream.ghost_force_median == 2\n"
                 "expect physics.ghost_force_median == 1\n"),
            "");
}

TEST_F(Features, DrivingIsSwitchedByKeyAndBox) {
  options.drive = {{"cart", "D", "A", "", "", {1.0}}};
  open(-9.3);
  EXPECT_EQ(play("expect drive.controls == 1\nexpect drive.on == 0\nexpect drive.policy == 1\n"
                 "key Tab\nexpect drive.on == 1\nclick \"drive/the policy acts as well\"\n"
                 "expect drive.policy == 0\nexpect physics.on == 1\nkey F8\nexpect physics.on == 0\n"),
            "");
}

TEST_F(Features, FrictionWindAndWhatTheDreamNotices) {
  open(-9.3);  // a dream that is certain at its start alone
  EXPECT_EQ(play("set events/Friction 0.5\nexpect event.friction == 0.5\n"
                 "set events/Wind 12\nexpect event.wind == 12\nexpect event.count == 2\n"
                 "wait 0.2\nexpect event.noticed_after == 0.02\n"
                 "click \"events/As the model\"\nexpect event.wind == 0\n"),
            "");
}

TEST_F(Features, TheFanHasAHorizonAndAnUncertainty) {
  open(-9.3);
  EXPECT_EQ(play("wait 0.2\nset \"fan/Steps ahead\" 20\nkey F7\nexpect fan.horizon == 20\n"
                 "set \"fan/Look ahead\" 5\nexpect fan.uncertainty == 0.5\n"
                 "expect fan.true_spread > 0\n"),
            "");
}

TEST_F(Features, CamerasAndTheWayBackToThePresent) {
  open(-9.3);
  EXPECT_EQ(play("click \"scene/Camera after\"\nframes 1\nexpect view.camera == main\n"
                 "click \"scene/Camera before\"\nframes 1\nexpect view.camera == \"usual view\"\n"
                 "wait 0.4\nset \"fork/Look back\" 4\nexpect fork.looked_at == 4\n"
                 "click fork/Present\nexpect fork.looked_at == -1\n"),
            "");
}

TEST_F(Features, PanelsTakeTheRoomThatTheyAreGiven) {
  open(-9.3);
  const float before = stage->context().rect("physics").size.y;
  EXPECT_EQ(play("expect view.panels > 10\nkey F2\nset layout/views 0.3\nkey F2\nframes 1\n"), "");
  EXPECT_LT(stage->context().rect("physics").size.y, 0.7f * before);
}

TEST_F(Features, AFilmIsWrittenUntilItsKeyIsPressedAgain) {
  ViewOptions view_options;
  view_options.captures = folder.path();
  Opened opened;
  opened.what = "test/twin";
  opened.model = model;
  opened.parts = test_parts(model.get(), -9.3);
  opened.session = options;
  show(std::move(opened), view_options);
  EXPECT_EQ(play("key Ctrl+R\nexpect view.films == 1\nframes 10\nkey Ctrl+R\nexpect view.films == 0\n"), "");
  EXPECT_GT(std::filesystem::file_size(path("reverie-0001.mp4")), 500u);
}

TEST_F(Features, TimesOfFramesAndSteps) {
  open(-9.3);
  EXPECT_EQ(play("frames 20\nexpect view.frames > 20\nexpect view.panels_ms > 0\nexpect view.worlds_ms > 0\n"
                 "expect view.scenes_ms > 0\nexpect twin.control_steps == 2\n"
                 "expect view.shown_ms >= 0\nexpect twin.possible_rate > 0\nexpect twin.rate == 0\n"),
            "");
}

// A feature without a test is found here.
TEST(ViewerTests, HaveEveryValueAndEveryControlInAScript) {
  namespace fs = std::filesystem;
  const fs::path source = REVERIE_SOURCE_DIR;
  std::string tests;
  for (const auto& entry : fs::directory_iterator(source / "tests/viewer"))
    tests += base::read_file(entry.path());
  for (const NamedValue& value : named_values()) {
    const bool met = std::ranges::any_of(std::array{"expect ", "until ", "print "}, [&](const char* verb) {
      return tests.find(verb + std::string(value.name) + " ") != std::string::npos;
    });
    EXPECT_TRUE(met) << value.name;
  }
  const std::regex control("(?:button|checkbox|slider|factor)\\(context, \"([^\"]+)\"");
  for (const auto& entry : fs::directory_iterator(source / "viewer/panels")) {
    const std::string text = base::read_file(entry.path());
    for (auto at = std::sregex_iterator(text.begin(), text.end(), control); at != std::sregex_iterator();
         ++at)
      EXPECT_NE(tests.find("/" + (*at)[1].str()), std::string::npos) << entry.path() << ": " << (*at)[1];
  }
}

TEST(ViewerTests, FindNoLockAndOneFileForEachPanel) {
  namespace fs = std::filesystem;
  const fs::path source = fs::path(REVERIE_SOURCE_DIR) / "viewer";
  const std::regex lock("std::(recursive_|shared_)?mutex|lock_guard|unique_lock|condition_variable");
  const std::regex panel("\\nPanel [a-z_]+_panel\\(\\) \\{");
  size_t panels = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = base::read_file(entry.path());
    EXPECT_FALSE(std::regex_search(text, lock)) << entry.path();
    const auto found =
        std::distance(std::sregex_iterator(text.begin(), text.end(), panel), std::sregex_iterator());
    EXPECT_EQ(found, entry.path().string().ends_with("_panel.cc") ? 1 : 0) << entry.path();
    panels += static_cast<size_t>(found);
  }
  EXPECT_EQ(all_panels().size(), panels);
}

}  // namespace
}  // namespace reverie::viewer
