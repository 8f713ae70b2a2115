// The real window, on a virtual X server of its own.
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/session.h"

namespace reverie::viewer {
namespace {

// Xvfb on the first free display; display is empty when it is not installed or does not start.
struct VirtualDisplay {
  VirtualDisplay() {
    int ends[2];
    if (pipe(ends) != 0) return;
    child = fork();
    if (child == 0) {
      dup2(ends[1], 3);
      const int quiet = ::open("/dev/null", O_RDWR);
      dup2(quiet, STDERR_FILENO);
      execlp("Xvfb", "Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", nullptr);
      _exit(127);
    }
    close(ends[1]);
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') display += c;
    close(ends[0]);
    if (!display.empty()) display = ":" + display;
  }
  ~VirtualDisplay() {
    if (child > 0) {
      kill(child, SIGTERM);
      waitpid(child, nullptr, 0);
    }
  }
  pid_t child = -1;
  std::string display;
};

TEST(Window, OpensDrawsAndCloses) {
  const VirtualDisplay server;
  if (server.display.empty()) GTEST_SKIP() << "Xvfb is not installed";
  unsetenv("WAYLAND_DISPLAY");
  setenv("DISPLAY", server.display.c_str(), 1);
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
