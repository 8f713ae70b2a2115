// Keys, cameras, overlays, themes and captures, as a user meets them.
#include <gmock/gmock.h>

#include <fstream>

#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/layout_settings.h"

namespace reverie::viewer {
namespace {

using ::testing::HasSubstr;

class Hands : public ScriptTest {
 protected:
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }

  void open_with(const ViewOptions& view_options) {
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = test_parts(model.get(), -9.3);
    opened.session = options;
    show(std::move(opened), view_options);
  }

  const base::TemporaryDirectory folder;
};

TEST_F(Hands, F1ShowsTheHelpAndTakesItAway) {
  open(-9.3);
  EXPECT_EQ(play("key F1\nexpect view.overlay == 1\nframes 1\n"), "");
  EXPECT_GT(stage->context().rect("help").size.x, 100);
  EXPECT_EQ(play("key F1\nexpect view.overlay == 0\nframes 1\n"), "");
  EXPECT_EQ(stage->context().rect("help").size.x, 0);
}

TEST_F(Hands, APlainKeyIsNotTheOneWithCtrl) {
  open(-9.3);
  EXPECT_EQ(play("key Ctrl+C\n"), "");
  EXPECT_FALSE(stage->context().scene[0]);
  EXPECT_EQ(play("key C\n"), "");
  EXPECT_TRUE(stage->context().scene[0]);
}

TEST_F(Hands, BracketsWalkThroughTheCameras) {
  open(-9.3);
  const std::string first = stage->context().cameras.at(1);
  EXPECT_EQ(play("key RightBracket\nframes 1\nexpect view.camera == \"" + first +
                 "\"\ndrag physics 0.3 0.3 0.6 0.5\nexpect view.camera == \"as moved\"\n"
                 "key Escape\nframes 1\nexpect view.camera == \"usual view\"\n"),
            "");
}

TEST_F(Hands, ASwitchDrawsSomethingElse) {
  open(-9.3);
  EXPECT_EQ(play("key Space\nframes 1\n"), "");
  stage->frame(0);
  const render::Image before = surface->read();
  EXPECT_EQ(play("click scene/joints\nclick scene/wireframe\n"), "");
  stage->frame(0);
  EXPECT_GT(render::differing_pixels(before, surface->read(), 24), 500);
}

TEST_F(Hands, PanelsAreHiddenAndTheLayoutIsKept) {
  ViewOptions view_options;
  view_options.layout = path("config/viewer.json");
  open_with(view_options);
  EXPECT_EQ(
      play("key F2\nexpect view.overlay == 2\nclick layout/returns\nclick layout/observations\n"
           "click \"layout/light theme\"\nset layout/side 25\nexpect view.light == 1\nkey F2\nwait 1\n"),
      "");
  EXPECT_EQ(stage->context().rect("returns").size.x, 0);
  EXPECT_GT(stage->context().rect("observations").size.x, 0);
  const LayoutSettings kept = read_layout(view_options.layout);
  EXPECT_TRUE(kept.light);
  EXPECT_EQ(kept.side_width, 25);
  EXPECT_EQ(kept.shown, (std::map<std::string, bool>{{"observations", true}, {"returns", false}}));
  open_with(view_options);
  EXPECT_EQ(stage->context().layout, kept);
  EXPECT_EQ(play("key F2\nclick \"layout/As at first\"\nwait 1\nexpect view.light == 0\n"), "");
  EXPECT_EQ(read_layout(view_options.layout), LayoutSettings());
}

TEST_F(Hands, ADamagedLayoutIsThatOfTheFirstTime) {
  std::ofstream(path("viewer.json")) << "{\"light\": 3";
  EXPECT_EQ(read_layout(path("viewer.json")), LayoutSettings());
}

TEST_F(Hands, CtrlPWritesThePictureShown) {
  ViewOptions view_options;
  view_options.captures = folder.path();
  open_with(view_options);
  EXPECT_EQ(play("key Ctrl+P\nkey Ctrl+P\n"), "");
  EXPECT_THAT(stage->context().notice, HasSubstr("reverie-0002.png"));
  EXPECT_EQ(render::read_png(path("reverie-0001.png")).width, 960);
  EXPECT_EQ(play("wait 7\nexpect view.notice == \"\"\n"), "");
}

TEST_F(Hands, TheCopiedCommandTellsWhatIsShown) {
  open(-9.3);
  EXPECT_EQ(play("click \"time/Next episode\"\nclick time/Step\nkey Ctrl+C\nframes 1\n"), "");
  EXPECT_EQ(
      play("expect view.clipboard == \"reverie view test/twin seed=0 --episode 1 --step 2 --speed 1\"\n"),
      "");
}

TEST_F(Hands, AnEpisodeAndAStepToBeginWith) {
  ViewOptions view_options;
  view_options.episode = 2;
  view_options.step = 30;
  open_with(view_options);
  EXPECT_EQ(
      play("frames 1\nexpect twin.episode == 2\nexpect twin.steps == 15\nexpect playback.paused == 1\n"), "");
}

TEST_F(Hands, ChanceBreaksNothing) {
  open(-9.3);
  const std::string branches = options.fork_file.string();
  EXPECT_EQ(play("random 300 7\nexpect view.gl_errors == 0\nrandom 300 8\nexpect view.gl_errors == 0\n"
                 "expect view.memory_mb > 1\nkey Backspace\nexpect view.panels > 1\n"),
            "");
  EXPECT_FALSE(std::filesystem::exists(branches));
  EXPECT_EQ(surface->width(), 960);
}

TEST_F(Hands, AScriptResizesAndSays) {
  open(-9.3);
  EXPECT_EQ(play("resize 200 200\nexpect view.gl_errors == 0\nresize 640 480\nsay \"two words\"\n"
                 "click caption\nsay \"\"\n"),
            "");
  EXPECT_EQ(surface->width(), 640);
  EXPECT_THAT(play("click caption\n"), ::testing::HasSubstr("nothing that is shown is called 'caption'"));
}

TEST_F(Hands, ASmallerWindowHasASmallerBuffer) {
  open(-9.3);
  EXPECT_EQ(play("resize 1600 900\n"), "");
  stage->frame(0);  // draws the worlds, which a script does not
  EXPECT_EQ(play("expect view.buffer_pixels > 200000\nresize 200 200\n"), "");
  stage->frame(0);
  EXPECT_EQ(play("expect view.buffer_pixels <= 40000\nexpect view.gl_errors == 0\n"), "");
}

TEST_F(Hands, TinyAndLargeSurfacesAreDrawn) {
  for (const auto& [width, height] : {std::pair(200, 200), {3840, 2160}}) {
    stage.reset();
    surface.reset();
    surface = make_offscreen_surface(width, height, kFrame);
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = test_parts(model.get(), -9.3);
    opened.session = options;
    stage = std::make_unique<Stage>(*surface, std::move(opened), ViewOptions{});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(stage->frame(kFrame));
    EXPECT_EQ(surface->read().height, height);
    for (const PlacedPanel& placed : stage->context().placed) {
      EXPECT_GE(placed.rect.size.x, 0) << placed.panel->name;
      EXPECT_GE(placed.rect.size.y, 0) << placed.panel->name;
    }
  }
}

}  // namespace
}  // namespace reverie::viewer
