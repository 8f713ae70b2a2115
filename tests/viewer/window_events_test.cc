// What a window manager, a keyboard and a file manager do to the real window.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>

#include "base/temporary_directory.h"
#include "tests/support/virtual_display.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/stage.h"

// Last: X11 has macros with names such as None and Bool.
#include "tests/support/x_client.h"

namespace reverie::viewer {
namespace {

class WindowEvents : public testing::Test {
 protected:
  void SetUp() override {
    if (!server.use()) GTEST_SKIP() << "Xvfb is not installed";
    client = std::make_unique<tests::XClient>(server.display);
    surface = make_window_surface(640, 480, "Reverie: test");
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = test_parts(model.get(), -9.3);
    opened.session = {.title = "test/twin", .subtitle = "window"};
    stage = std::make_unique<Stage>(*surface, std::move(opened), ViewOptions{});
    ASSERT_TRUE(stage->frame(0));
    window = client->wait_for("Reverie: test", 2);
    ASSERT_NE(window, 0u);
  }

  // Draws frames until `done`; false when that does not happen within a second or two.
  bool frames_until(const std::function<bool()>& done) {
    for (int i = 0; i < 200 && !done(); ++i) {
      if (!stage->frame(0)) return false;
    }
    return done();
  }

  const tests::VirtualDisplay server{"4000x2400x24"};
  std::shared_ptr<const mjModel> model = render::load_twin_model();
  std::unique_ptr<tests::XClient> client;
  std::unique_ptr<Surface> surface;
  std::unique_ptr<Stage> stage;
  Window window = 0;
};

TEST_F(WindowEvents, AWindowManagerClosesIt) {
  client->close(window);
  bool open = true;
  for (int i = 0; i < 200 && open; ++i) open = stage->frame(0);
  EXPECT_FALSE(open);
}

TEST_F(WindowEvents, AnySizeIsDrawn) {
  for (const auto& [width, height] : {std::pair(200, 200), {3840, 2160}, {320, 900}, {640, 480}}) {
    client->resize(window, static_cast<unsigned>(width), static_cast<unsigned>(height));
    EXPECT_TRUE(frames_until([&] { return surface->width() == width && surface->height() == height; }));
    EXPECT_TRUE(stage->frame(0));
    EXPECT_EQ(surface->read().width, width);
  }
}

TEST_F(WindowEvents, KeysArrive) {
  client->press(window, XK_space);
  EXPECT_TRUE(frames_until([&] { return stage->context().playback.paused; }));
  client->press(window, XK_Right);
  EXPECT_TRUE(
      frames_until([&] { return stage->context().playback.single_steps > 0 || stage->twin().steps() == 1; }));
}

TEST_F(WindowEvents, AFileDroppedOnItIsOpened) {
  const base::TemporaryDirectory folder;
  const std::string path = folder.path() / "ball drop.xml";
  std::ofstream(path)
      << "<mujoco><worldbody><body><freejoint/><geom size='0.1'/></body></worldbody></mujoco>";
  const std::string url = folder.path() / "ball%20drop.xml";
  ASSERT_TRUE(client->drop(window, url, [&] { ASSERT_TRUE(stage->frame(0)); }));
  EXPECT_TRUE(frames_until([&] { return stage->context().title == "ball drop.xml"; }));
  EXPECT_EQ(stage->context().error, "");
}

}  // namespace
}  // namespace reverie::viewer
