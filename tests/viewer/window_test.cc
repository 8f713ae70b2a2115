// The real window, on a virtual X server of its own.
#include <cstdlib>
#include <string>

#include <unistd.h>

#include "base/error.h"
#include "tests/support/virtual_display.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/session.h"

namespace reverie::viewer {
namespace {

TEST(Window, OpensDrawsAndCloses) {
  const tests::VirtualDisplay server;
  if (!server.use()) GTEST_SKIP() << "Xvfb is not installed";
  const sim::ModelPtr model = render::load_twin_model();
  Twin twin(test_parts(model.get(), -9.3));
  const auto surface = make_window_surface(800, 600, "test");
  Session session(*surface, twin, model.get(), {.title = "test", .subtitle = "window"});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(session.frame(0.02));
  EXPECT_EQ(twin.steps(), 5);
  const render::Image image = surface->read();
  ASSERT_EQ(image.width, 800);
  ASSERT_EQ(image.height, 600);
  int64_t bright = 0;
  for (const uint8_t value : image.rgb) bright += value > 120;
  EXPECT_GT(bright, 1000);  // text, robot, curves
}

TEST(Window, WithoutADisplayTheErrorNamesHeadless) {
  unsetenv("WAYLAND_DISPLAY");
  unsetenv("DISPLAY");
  try {
    make_window_surface(800, 600, "test");
    FAIL() << "opened a window on no display";
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("--headless"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace reverie::viewer
