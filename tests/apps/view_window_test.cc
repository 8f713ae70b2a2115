// A window opened by the real program ends when it is told to.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/apps/reverie_process.h"
#include "tests/support/virtual_display.h"

// Last: X11 has macros with names such as None and Bool.
#include "tests/support/x_client.h"

namespace reverie::apps {
namespace {

class ViewWindow : public testing::Test {
 protected:
  void SetUp() override {
    if (!server.use()) GTEST_SKIP() << "Xvfb is not installed";
    if (process.run({"view", "--help"}).status != 0) GTEST_SKIP() << "built without the viewer";
    client = std::make_unique<tests::XClient>(server.display);
    process.start(REVERIE_BINARY, {"view", "dmc/cartpole-swingup"});
    window = client->wait_for("Reverie: dmc/cartpole-swingup", 20);
    ASSERT_NE(window, 0u) << process.finish().err;
  }

  const tests::VirtualDisplay server;
  ReverieProcess process;
  std::unique_ptr<tests::XClient> client;
  Window window = 0;
};

TEST_F(ViewWindow, TheFirstCtrlCClosesIt) {
  process.interrupt();
  EXPECT_EQ(process.finish().status, 130);
}

TEST_F(ViewWindow, SigtermClosesIt) {
  process.terminate();
  EXPECT_EQ(process.finish().status, 130);
}

TEST_F(ViewWindow, AWindowManagerClosesItWithoutAnError) {
  client->close(window);
  EXPECT_EQ(process.finish().status, 0);
}

TEST(ViewWithoutADisplay, OneLineOffersHeadless) {
  unsetenv("WAYLAND_DISPLAY");
  unsetenv("DISPLAY");
  ReverieProcess process;
  if (process.run({"view", "--help"}).status != 0) GTEST_SKIP() << "built without the viewer";
  const Outcome outcome = process.run({"view", "dmc/cartpole-swingup"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("--headless"), std::string::npos) << outcome.err;
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace reverie::apps
