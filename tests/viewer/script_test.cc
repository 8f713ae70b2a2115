#include "viewer/script.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/panels/panels.h"
#include "viewer/values.h"

namespace reverie::viewer {
namespace {

using ::testing::HasSubstr;

TEST_F(ScriptTest, AClickIsAUsersClick) {
  open(-9.3);
  EXPECT_EQ(play("click \"time/Step\"     # pauses, too\n"
                 "expect twin.steps == 1\n"
                 "expect playback.paused == 1\n"
                 "\n"
                 "click time/Pause\n"
                 "expect playback.paused == 0\n"
                 "click \"time/Next episode\"\n"
                 "expect twin.episode == 1\n"
                 "click \"dream controls/ghost over the robot\"\n"
                 "expect view.ghost == 0\n"),
            "");
}

TEST_F(ScriptTest, OnlyWaitingTakesTime) {
  open(-9.3);
  EXPECT_EQ(play("click \"dream controls/ghost over the robot\"\n"
                 "expect physics.time == 0\n"
                 "wait 0.4\n"
                 "expect twin.steps == 20\n"
                 "frames 5\n"
                 "expect twin.steps == 25\n"
                 "hold Z 0.1\n"
                 "expect twin.steps == 30\n"
                 "until twin.steps >= 40 5\n"
                 "expect twin.steps == 40\n"),
            "");
}

TEST_F(ScriptTest, TellsHowMuchOfItIsDone) {
  open(-9.3);
  ASSERT_EQ(play("frames 1\nexpect twin.steps >= 0\nframes 1\nframes 1\n"), "");
  EXPECT_EQ(shares, (std::vector{0.0, 0.25, 0.5, 0.75}));
}

TEST_F(ScriptTest, WritingAVideoChangesNoValue) {
  const std::string script =
      "click \"dream controls/Anchor now\"\nwait 0.2\nkey N\nwait 0.1\nprint dream.error\nprint "
      "dream.return\n";
  open(-9.3);
  EXPECT_EQ(play(script), "");
  const std::vector<std::string> without = printed;
  printed.clear();
  int frames = 0;
  after_frame = [&] { ++frames; };
  open(-9.3);
  EXPECT_EQ(play(script), "");
  EXPECT_EQ(printed, without);
  EXPECT_GT(frames, 15);
}

TEST_F(ScriptTest, KeysSlidersAndDragsReachTheirPanels) {
  open(-9.3);
  EXPECT_EQ(play("key Space\n"
                 "expect playback.paused == 1\n"
                 "key RightArrow\n"
                 "expect twin.steps == 1\n"
                 "set \"time/Speed\" 2\n"
                 "expect playback.speed == 2\n"
                 "drag \"dream controls/Anchor every\" 0.01 0.5 0.99 0.5\n"
                 "expect dream.anchor_every > 190\n"
                 "set \"dream controls/Anchor every\" 4\n"
                 "key Space\n"
                 "wait 0.2\n"
                 "expect dream.anchors >= 5\n"),
            "");
}

TEST_F(ScriptTest, ADragTurnsTheCamera) {
  open(-9.3);
  session->context().playback.paused = true;
  session->frame(0);
  const render::Image before = surface->read();
  EXPECT_EQ(play("drag \"physics\" 0.3 0.3 0.6 0.5\n"), "");
  session->frame(0);
  EXPECT_GT(render::differing_pixels(before, surface->read(), 24), 2000);
}

TEST_F(ScriptTest, AFailedExpectationTellsPlaceFoundAndExpected) {
  open(-9.3);
  EXPECT_EQ(play("\nclick \"time/Step\"\nexpect twin.steps >= 2\n"),
            "test.script:3: expected twin.steps >= 2, found 1");
  EXPECT_EQ(play("expect physics.return < dream.error\n"),
            "test.script:1: expected physics.return < dream.error (" + to_text(twin->history().error.back()) +
                "), found " + to_text(twin->history().physics_return.back()));
  EXPECT_EQ(play("expect view.title == test/other\n"),
            "test.script:1: expected view.title == test/other, found test/twin");
  EXPECT_EQ(play("until twin.episode == 3 0.1\n"), "test.script:1: expected twin.episode == 3, found 0");
}

TEST_F(ScriptTest, WithoutADreamItsValuesAreNoNumbers) {
  open(0, false);
  EXPECT_EQ(play("expect dream.error < 1\n"), "test.script:1: expected dream.error < 1, found nan");
  EXPECT_EQ(play("expect dream.error == nan\n"), "test.script:1: expected dream.error == nan, found nan");
}

TEST_F(ScriptTest, AMisspeltNameIsAnErrorThatTellsTheNearest) {
  open(-9.3);
  EXPECT_EQ(play("clik time/Step"), "error: test.script:1: unknown verb 'clik' (did you mean 'click'?)");
  EXPECT_EQ(play("click time/Stop"),
            "error: test.script:1: nothing that is shown is called 'time/Stop' (did you mean 'time/Step'?)");
  EXPECT_EQ(play("expect dream.eror < 1"),
            "error: test.script:1: VALUE is 'dream.eror', expected the name of a value (did you mean "
            "'dream.error'?)");
  EXPECT_EQ(play("key Spce"),
            "error: test.script:1: KEY is 'Spce', expected the name of a key (did you mean 'Space'?)");
  EXPECT_EQ(play("screenshot ../notes.txt"),
            "error: test.script:1: FILE is '../notes.txt', expected a name that ends in .png");
  EXPECT_THAT(play("expect twin.steps = 1"), HasSubstr("OP is '=', expected one of == !="));
  EXPECT_EQ(play("wait"), "error: test.script:1: found 0 words after 'wait', expected wait SECONDS");
  EXPECT_EQ(play("wait long"),
            "error: test.script:1: SECONDS is 'long', expected seconds, a number from 0 to 1e6");
  EXPECT_THAT(play("wait -5"), HasSubstr("SECONDS is '-5', expected seconds"));
  for (const char* count : {"0", "2.5", "1e30", "99999999999999999999"})
    EXPECT_THAT(play(std::string("frames ") + count),
                HasSubstr("expected a whole number from 1 to 1000000000"));
  EXPECT_THAT(play("resize 20000 500"),
              HasSubstr("expected a size of at most 7680 x 4320 pixels, found 20000 x 500"));
  EXPECT_THAT(play("click \"time/Step"), HasSubstr("quotation mark"));
}

TEST_F(ScriptTest, NothingIsDoneBeforeTheWholeScriptIsRead) {
  open(-9.3);
  EXPECT_THAT(play("click time/Step\nexpekt twin.steps == 1"), HasSubstr(":2: unknown verb"));
  EXPECT_EQ(twin->steps(), 0);
}

TEST(ScriptKeys, HaveModifiers) {
  EXPECT_EQ(parse_key("F1"), ImGuiKey_F1);
  EXPECT_EQ(parse_key("Ctrl+Shift+A"), ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_A);
  EXPECT_EQ(parse_key("Ctrl+"), 0);
  EXPECT_EQ(parse_key(""), 0);
}

// First cells, without quotation marks, of the table below `heading` in docs/viewer.md.
std::vector<std::string> documented(const std::string& heading) {
  std::istringstream text(base::read_file(std::string(REVERIE_SOURCE_DIR) + "/docs/viewer.md"));
  std::vector<std::string> cells;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('#')) inside = line == heading;
    if (inside && line.starts_with("| `")) cells.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return cells;
}

TEST(ViewerDocumentation, HasTheVerbsOfScripts) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) names.push_back(usage(verb));
  EXPECT_EQ(documented("### Verbs"), names);
}

TEST(ViewerDocumentation, HasTheValuesOfScripts) {
  std::vector<std::string> names;
  std::set<std::string> unique;
  for (const NamedValue& value : named_values()) {
    names.emplace_back(value.name);
    EXPECT_TRUE(unique.insert(value.name).second) << value.name;
  }
  EXPECT_EQ(documented("### Values"), names);
}

}  // namespace
}  // namespace reverie::viewer
