#include "viewer/session.h"

#include <GL/gl.h>
#include <gmock/gmock.h>

#include <set>
#include <string>

#include "tests/viewer/fake_worlds.h"
#include "viewer/panels/panels.h"

namespace reverie::viewer {
namespace {

// Pixels of `a` and `b` that differ inside `rect`.
int64_t changed_inside(const render::Image& a, const render::Image& b, const Rect& rect) {
  int64_t count = 0;
  const int x0 = static_cast<int>(rect.position.x), y0 = static_cast<int>(rect.position.y);
  for (int y = y0; y < y0 + static_cast<int>(rect.size.y); ++y) {
    for (int x = x0; x < x0 + static_cast<int>(rect.size.x); ++x) {
      const auto p = a.pixel(x, y), q = b.pixel(x, y);
      count += std::abs(p[0] - q[0]) + std::abs(p[1] - q[1]) + std::abs(p[2] - q[2]) > 24;
    }
  }
  return count;
}

class SessionTest : public ::testing::Test {
 protected:
  static constexpr int kWidth = 960, kHeight = 540;

  void open(double dream_gravity, bool with_dream = true) {
    twin = std::make_unique<Twin>(test_parts(model.get(), dream_gravity, with_dream));
    surface = make_offscreen_surface(kWidth, kHeight, 0.02);
    SessionOptions options{.title = "test/twin", .subtitle = "test"};
    evaluation::LearningCurve& learning = options.learning.emplace();
    learning.steps = {0, 1000, 2000};
    learning.returns = {10, 50, 90};
    options.checkpoint_step = 2000;
    session = std::make_unique<Session>(*surface, *twin, model.get(), options);
    session->frame(0);
  }

  render::Image picture(double seconds) {
    EXPECT_TRUE(session->frame(seconds));
    return surface->read();
  }

  void press(ImGuiKey key) {
    ImGui::GetIO().AddKeyEvent(key, true);
    session->frame(0);
    ImGui::GetIO().AddKeyEvent(key, false);
    session->frame(0);
  }

  sim::ModelPtr model = render::load_twin_model();
  std::unique_ptr<Twin> twin;
  std::unique_ptr<Surface> surface;
  std::unique_ptr<Session> session;
};

TEST_F(SessionTest, PictureHasTheSizeAskedForAndMovesWithTime) {
  open(-9.3);
  const render::Image first = picture(0);
  EXPECT_EQ(first.width, kWidth);
  EXPECT_EQ(first.height, kHeight);
  const ViewerContext& context = session->context();
  for (int i = 0; i < 30; ++i) session->frame();
  const render::Image later = picture(0);
  EXPECT_EQ(twin->steps(), 30);
  EXPECT_GT(changed_inside(first, later, context.rect("physics")), 200);
  EXPECT_GT(changed_inside(first, later, context.rect("dream")), 200);
  EXPECT_GT(changed_inside(first, later, context.rect("returns")), 50);  // return curves
  EXPECT_GT(changed_inside(first, later, context.rect("error")), 20);    // error curve
  EXPECT_EQ(changed_inside(first, later, context.rect("learning")), 0);  // the learning curve stands still
  EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
}

TEST_F(SessionTest, StandsStillWhenPaused) {
  open(-9.3);
  press(ImGuiKey_Space);
  const render::Image first = picture(0.02);
  EXPECT_EQ(first.rgb, picture(0.02).rgb);
  EXPECT_EQ(twin->steps(), 0);
}

TEST_F(SessionTest, GhostIsInTheViewOfPhysicsAndOnlyThere) {
  open(9.81);
  for (int i = 0; i < 30; ++i) session->frame();
  const render::Image with = picture(0);
  const Rect physics = session->context().rect("physics"), dream = session->context().rect("dream");
  press(ImGuiKey_G);
  const render::Image without = picture(0);
  EXPECT_GT(changed_inside(with, without, physics), 300);
  EXPECT_EQ(changed_inside(with, without, dream), 0);
}

TEST_F(SessionTest, KeysDriveTime) {
  open(-9.3);
  Playback& playback = session->context().playback;
  press(ImGuiKey_RightArrow);
  EXPECT_TRUE(playback.paused);
  EXPECT_EQ(twin->steps(), 1);
  press(ImGuiKey_Equal);
  EXPECT_EQ(playback.speed, 2);
  press(ImGuiKey_Minus);
  press(ImGuiKey_Minus);
  EXPECT_EQ(playback.speed, 0.5);
  press(ImGuiKey_A);
  EXPECT_EQ(twin->history().anchor_times.size(), 1u);
  press(ImGuiKey_N);
  EXPECT_EQ(twin->episode(), 1u);
  press(ImGuiKey_RightArrow);
  press(ImGuiKey_Backspace);
  EXPECT_EQ(twin->steps(), 0);
  EXPECT_EQ(twin->episode(), 1u);
}

TEST_F(SessionTest, DraggingTurnsTheCameraOfBothViewsAndEscapeTurnsItBack) {
  open(-9.3);
  session->context().playback.paused = true;
  const render::Image before = picture(0);
  const Rect physics = session->context().rect("physics"), dream = session->context().rect("dream");
  ImGuiIO& io = ImGui::GetIO();
  io.AddMousePosEvent(physics.position.x + 100, physics.position.y + 100);
  session->frame(0);
  io.AddMouseButtonEvent(0, true);
  session->frame(0);
  io.AddMousePosEvent(physics.position.x + 160, physics.position.y + 130);
  session->frame(0);
  io.AddMouseButtonEvent(0, false);
  session->frame(0);
  const render::Image turned = picture(0);
  EXPECT_GT(changed_inside(before, turned, physics), 2000);
  EXPECT_GT(changed_inside(before, turned, dream), 2000);
  press(ImGuiKey_Escape);
  EXPECT_LT(changed_inside(before, picture(0), dream), 20);
}

TEST_F(SessionTest, OneViewWithoutADream) {
  open(0, false);
  const ViewerContext& context = session->context();
  EXPECT_EQ(context.rect("dream").size.x, 0);
  const render::Image first = picture(0);
  for (int i = 0; i < 30; ++i) session->frame();
  EXPECT_GT(changed_inside(first, picture(0), context.rect("physics")), 200);
}

TEST_F(SessionTest, APanelIsShownWhenItsNeedsAreMet) {
  const auto shown = [this] {
    std::set<std::string> names;
    for (const PlacedPanel& placed : session->context().placed) names.insert(placed.panel->name);
    return names;
  };
  open(-9.3);
  EXPECT_EQ(shown().count("error"), 1u);
  EXPECT_EQ(shown().count("learning"), 1u);
  EXPECT_EQ(shown().count("actions"), 0u);
  session->context().learning.reset();
  session->frame(0);
  EXPECT_EQ(shown().count("learning"), 0u);
  session.reset();
  surface.reset();
  open(0, false);
  EXPECT_EQ(shown().count("error"), 0u);
  EXPECT_EQ(shown().count("actions"), 1u);
}

TEST(Panels, HaveNamesAndKeysOfTheirOwn) {
  std::set<std::string> names;
  std::set<ImGuiKeyChord> keys;
  for (const Panel& panel : all_panels()) {
    EXPECT_TRUE(names.insert(panel.name).second) << panel.name;
    EXPECT_NE(panel.draw, nullptr) << panel.name;
    for (const Action& action : panel.actions) {
      for (const KeyBinding& binding : action.bindings) {
        EXPECT_TRUE(keys.insert(binding.key).second)
            << panel.name << ": " << ImGui::GetKeyName(static_cast<ImGuiKey>(binding.key & ~ImGuiMod_Mask_));
      }
    }
  }
}

TEST(Layout, PanelsDoNotOverlapAndFillTheSurface) {
  const std::vector<std::vector<Tile>> cases = {
      {{Place::kHeader}, {Place::kViews}, {Place::kPlots}, {Place::kPlots, 2}, {Place::kSide}},
      {{Place::kHeader},
       {Place::kSide},
       {Place::kViews},
       {Place::kViews},
       {Place::kPlots},
       {Place::kPlots},
       {Place::kPlots}},
  };
  for (const std::vector<Tile>& tiles : cases) {
    const std::vector<Rect> rects = make_layout(tiles, 1600, 900, 16);
    ASSERT_EQ(rects.size(), tiles.size());
    float area = 0;
    for (size_t i = 0; i < rects.size(); ++i) {
      const auto [a, b] = rects[i];
      EXPECT_GE(a.x, 0);
      EXPECT_LE(a.x + b.x, 1600);
      EXPECT_LE(a.y + b.y, 900);
      area += b.x * b.y;
      for (size_t j = 0; j < i; ++j) {
        const auto [c, d] = rects[j];
        const bool apart = a.x >= c.x + d.x || c.x >= a.x + b.x || a.y >= c.y + d.y || c.y >= a.y + b.y;
        EXPECT_TRUE(apart) << i << " and " << j;
      }
    }
    EXPECT_GT(area, 0.95f * 1600 * 900);
  }
}

TEST(Layout, ARowIsSharedAndTheSideColumnIsStacked) {
  const std::vector<Tile> tiles = {
      {Place::kPlots}, {Place::kSide}, {Place::kPlots, 2}, {Place::kSide}, {Place::kPlots}};
  const std::vector<Rect> rects = make_layout(tiles, 1600, 900, 16);
  EXPECT_NEAR(rects[2].size.x, 2 * rects[0].size.x + 6, 0.5);
  EXPECT_NEAR(rects[4].size.x, rects[0].size.x, 4);
  EXPECT_EQ(rects[1].position.x, rects[3].position.x);
  EXPECT_EQ(rects[1].size.y, rects[3].size.y);
}

TEST(Layout, ASmallSurfaceLeavesOutWhatCouldNotBeRead) {
  const std::vector<Tile> tiles = {{Place::kHeader}, {Place::kViews}, {Place::kViews},
                                   {Place::kViews},  {Place::kPlots}, {Place::kSide}};
  const auto shown = [&](float width, float height) {
    std::vector<bool> out;
    for (const Rect& rect : make_layout(tiles, width, height, 13)) out.push_back(rect.size.x > 0);
    return out;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(shown(1280, 720), ElementsAre(true, true, true, true, true, true));
  EXPECT_THAT(shown(400, 480), ElementsAre(true, true, true, true, true, false));
  EXPECT_THAT(shown(200, 200), ElementsAre(true, true, true, false, false, false));
  EXPECT_THAT(shown(60, 60), ElementsAre(true, true, false, false, false, false));
}

TEST(Gui, FailedAssertionsAreExceptions) {
  const auto surface = make_offscreen_surface(320, 240, 0.02);
  EXPECT_THROW(ImGui::End(), std::logic_error);  // no frame, no window
}

}  // namespace
}  // namespace reverie::viewer
