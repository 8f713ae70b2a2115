// Docking: panels are moved by the mouse, stay where they were put, and find the way back.
#include "viewer/docking.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <imgui_internal.h>

#include <fstream>
#include <regex>

#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/layout_settings.h"

namespace reverie::viewer {
namespace {

// The dock space inside another node.
constexpr const char* kRootInside =
    "[Docking][Data]\\nDockNode ID=0x00000001 Pos=1,1 Size=800,800 Split=Y\\nDockSpace ID=ROOT "
    "Parent=0x00000001 SizeRef=700,800\\nDockNode ID=0x00000002 Parent=0x00000001 SizeRef=800,800\\n";
constexpr ImVec2 kTitle{40, -8};  // where a title or tab is, from the corner of what is under it

class DockingTest : public ScriptTest {
 protected:
  void open_kept() {
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = test_parts(model.get(), -9.3);
    opened.session = options;
    ViewOptions view_options;
    view_options.layout = file;
    show(std::move(opened), view_options);
    EXPECT_EQ(play("frames 3\n"), "");
  }
  Rect rect(const char* panel) const { return stage->context().rect(panel); }
  // A drag of the upper left corner of a docked panel, or of the title of a floating one, to a place of the window.
  std::string drag(const char* panel, ImVec2 to, ImVec2 grip = {3, 3}) const {
    const auto [at, size] = rect(panel);
    return fmt::format("drag \"{}\" {} {} {} {}\nframes 3\n", panel, grip.x / size.x, grip.y / size.y,
                       (to.x - at.x) / size.x, (to.y - at.y) / size.y);
  }
  // Takes a docked panel out and drops it on the middle of another one, which has become wider by then.
  void stack(const char* panel, const char* onto) {
    EXPECT_EQ(play(drag(panel, {330, 80})), "");
    EXPECT_EQ(play("expect view.floating == 1\n"), "");
    EXPECT_EQ(play(drag(panel, middle(rect(onto)), kTitle)), "");
  }
  static ImVec2 middle(const Rect& rect) {
    return {rect.position.x + rect.size.x / 2, rect.position.y + rect.size.y / 2};
  }

  const base::TemporaryDirectory folder;
  std::filesystem::path file = folder.path() / "viewer.json";
};

TEST_F(DockingTest, AtFirstPanelsStandInTheirTiles) {
  open_kept();
  const ImGuiContext& imgui = *ImGui::GetCurrentContext();
  for (const char* name : {"physics", "dream", "returns", "error"}) {
    const ImGuiWindow* window = ImGui::FindWindowByName(name);
    ASSERT_NE(window, nullptr) << name;
    EXPECT_TRUE(window->DockIsActive) << name;
    const Rect tile = rect(name);
    EXPECT_NEAR(window->Pos.x, tile.position.x, 1) << name;
    EXPECT_NEAR(window->Pos.y, tile.position.y, 1) << name;
    EXPECT_NEAR(window->Size.x, tile.size.x, 1) << name;
    EXPECT_NEAR(window->Size.y, tile.size.y, 1) << name;
  }
  EXPECT_EQ(imgui.IO.ConfigFlags & ImGuiConfigFlags_ViewportsEnable, 0);
  EXPECT_EQ(play("expect view.arranged == 0\nexpect view.floating == 0\n"
                 "resize 1280 720\nframes 2\nresize 640 400\nframes 2\nexpect view.arranged == 0\n"),
            "");
}

TEST_F(DockingTest, TheFirstFrameShowsAllPanels) {
  open(-9.3);
  const Rect physics = rect("physics"), returns = rect("returns"), time = rect("time");
  EXPECT_GT(physics.size.x, 100);
  EXPECT_NE(stage->context().controls.find("time/Pause"), nullptr);
  EXPECT_EQ(play("frames 3\n"), "");
  for (const auto& [name, first] : {std::pair{"physics", physics}, {"returns", returns}, {"time", time}}) {
    EXPECT_EQ(rect(name).position.x, first.position.x) << name;
    EXPECT_EQ(rect(name).position.y, first.position.y) << name;
    EXPECT_NEAR(rect(name).size.x, first.size.x, 8)
        << name;  // but for the bar of a column that is longer than the window
    EXPECT_EQ(rect(name).size.y, first.size.y) << name;
  }
}

TEST_F(DockingTest, APanelIsDraggedOutAndStaysWhereItWasPut) {
  open_kept();
  EXPECT_EQ(play(drag("returns", middle(rect("physics"))) + drag("returns", {300, 160}, kTitle)), "");
  EXPECT_EQ(play("expect view.arranged == 1\nexpect view.floating == 1\nclick time/Pause\nwait 1\n"), "");
  const Rect put = rect("returns");
  EXPECT_GT(put.size.x, 50);
  EXPECT_FALSE(read_layout(file).docking.empty());
  open_kept();
  EXPECT_EQ(play("expect view.arranged == 1\nexpect view.floating == 1\n"), "");
  EXPECT_NEAR(rect("returns").position.x, put.position.x, 1);
  EXPECT_NEAR(rect("returns").position.y, put.position.y, 1);
  EXPECT_NEAR(rect("returns").size.x, put.size.x, 1);
  EXPECT_EQ(play("key F2\nclick \"layout/As at first\"\nkey F2\nframes 3\nwait 1\n"
                 "expect view.arranged == 0\nexpect view.floating == 0\n"),
            "");
  EXPECT_EQ(read_layout(file), LayoutSettings());
}

TEST_F(DockingTest, APanelBecomesATabOfAnotherOne) {
  open_kept();
  const float before = rect("error").size.x;
  stack("returns", "error");
  EXPECT_EQ(play("expect view.arranged == 1\nexpect view.floating == 0\n"), "");
  EXPECT_EQ(rect("error").size.x, 0);  // the other tab is in front
  EXPECT_GT(rect("returns").size.x, before);
  EXPECT_THAT(play("click error\n"), ::testing::HasSubstr("nothing that is shown is called 'error'"));
  EXPECT_EQ(play("wait 1\n"), "");
  const Rect put = rect("returns");
  open_kept();
  EXPECT_EQ(rect("returns").size.x, put.size.x);
  EXPECT_EQ(rect("error").size.x, 0);
}

TEST_F(DockingTest, ABorderIsDragged) {
  open_kept();
  const Rect before = rect("physics");
  const ImVec2 border{before.position.x + 30, before.position.y + before.size.y + 3};
  EXPECT_EQ(play(drag("physics", {border.x, border.y - 60}, {30, before.size.y + 3})), "");
  EXPECT_NEAR(rect("physics").size.y, before.size.y - 60, 2);
  EXPECT_EQ(play("expect view.arranged == 1\nkey F2\n"), "");
  EXPECT_THAT(play("set layout/views 0.3\n"), ::testing::HasSubstr("cannot be used now"));
}

TEST_F(DockingTest, APanelOfTheColumnGetsAWindowOfItsOwnAndGoesBack) {
  open_kept();
  EXPECT_EQ(play("click scene/Apart\nframes 3\nexpect view.floating == 1\nclick scene/joints\nwait 1\n"), "");
  EXPECT_TRUE(stage->context().scene[2]);
  EXPECT_EQ(read_layout(file).apart, (std::set<std::string>{"scene"}));
  open_kept();
  EXPECT_EQ(play("expect view.floating == 1\n"), "");
  const Rect own = rect("scene");
  const ImVec2 cross{own.size.x - 10, -10};
  EXPECT_EQ(play(drag("scene", {own.position.x + cross.x, own.position.y + cross.y}, cross)), "");
  EXPECT_TRUE(stage->context().layout.apart.empty());
  EXPECT_EQ(play("expect view.floating == 0\nclick scene/joints\n"), "");
}

TEST_F(DockingTest, SmallAndLargeWindowsAreDrawn) {
  open_kept();
  const std::string sizes =
      "resize 200 200\nframes 3\nresize 60 60\nframes 3\nresize 3840 2160\nframes 3\nresize 960 540\nframes "
      "3\n"
      "expect view.gl_errors == 0\n";
  EXPECT_EQ(play(sizes + "expect view.arranged == 0\n"), "");
  stack("returns", "error");
  stack("dream", "physics");
  EXPECT_EQ(play(sizes + "expect view.arranged == 1\n"), "");
}

TEST_F(DockingTest, APanelThatIsShownLaterJoinsItsKind) {
  open_kept();
  const std::string show_or_hide = "key F2\nclick layout/observations\nkey F2\nframes 3\n";
  EXPECT_EQ(play("resize 1600 900\nframes 2\n" + show_or_hide), "");
  EXPECT_GT(rect("observations").size.x, 0);
  EXPECT_EQ(play(show_or_hide), "");  // what it was before the first move is forgotten
  stack("returns", "error");
  EXPECT_EQ(play(show_or_hide), "");
  EXPECT_GT(rect("observations").size.x, 0);
  EXPECT_EQ(play("expect view.floating == 0\n"), "");
}

TEST_F(DockingTest, AMoveOfThisMomentIsUndone) {
  open_kept();
  stack("returns", "error");
  EXPECT_EQ(play("key F2\nclick \"layout/As at first\"\nkey F2\nframes 3\nexpect view.arranged == 0\n"), "");
  EXPECT_GT(rect("error").size.x, 0);
}

TEST_F(DockingTest, FilesOfBeforeAndDamagedOnesAreRead) {
  std::ofstream(file)
      << R"({"views_share": 0.5, "side_width": 20, "light": true, "shown": {"returns": false}})";
  const LayoutSettings before = read_layout(file);
  EXPECT_TRUE(before.light);
  EXPECT_EQ(before.side_width, 20);
  EXPECT_EQ(before.docking, "");
  for (const char* text :
       {"nonsense", "[Docking][Data]\\nDockNode ID=0x00000001 Parent=0x00000001 Split=X\\n", kRootInside,
        "[Docking][Data]\\nDockSpace ID=ROOT Window=0x5 Pos=nan,nan Size=1500,800\\n",
        "[Window][physics]\\nDockId=0x7\\n[Docking][Data]\\nDockSpace ID=0x3 Window=0x5 Pos=1,1\\n"}) {
    const std::string root = fmt::format("0x{:08X}", ImHashStr("panels"));
    std::ofstream(file)
        << R"({"views_share": 0.5, "side_width": 20, "light": true, "shown": {}, "docking": ")"
        << std::regex_replace(text, std::regex("ROOT"), root) << "\"}";
    open_kept();
    EXPECT_EQ(play("frames 3\nclick time/Pause\nkey F2\nclick \"layout/As at first\"\nkey F2\nframes 3\n"
                   "expect view.arranged == 0\n"),
              "")
        << text;
    EXPECT_GT(rect("physics").size.x, 100);
  }
}

TEST_F(DockingTest, AnotherTaskIsShownInTheSameArrangement) {
  open_kept();
  stack("returns", "error");
  const Rect put = rect("returns");
  EXPECT_EQ(
      play("open dmc/cartpole-swingup\nframes 4\nexpect view.error == \"\"\nexpect view.arranged == 1\n"),
      "");
  EXPECT_EQ(rect("returns").size.y, put.size.y);
}

}  // namespace
}  // namespace reverie::viewer
