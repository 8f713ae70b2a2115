// A session on fake worlds that scripts are played on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/script_player.h"
#include "viewer/session.h"

namespace reverie::viewer {

class ScriptTest : public ::testing::Test {
 protected:
  static constexpr double kFrame = 0.02;  // seconds a frame: one step of the twin

  void open(double dream_gravity, bool with_dream = true) {
    session.reset();
    surface.reset();
    TwinParts parts = test_parts(model.get(), dream_gravity, with_dream);
    parts.read_pose = read_pose;
    twin = std::make_unique<Twin>(std::move(parts));
    surface = make_offscreen_surface(960, 540, kFrame);
    session = std::make_unique<Session>(*surface, *twin, model.get(), options);
    session->context().fan_options = {.futures = 3, .horizon = 10, .noise = 0.3};
    session->context().fan_options = {.futures = 3, .horizon = 10, .noise = 0.3};
    session->frame(0);
  }

  // Plays the lines of `text`; "" when all of them went well, else what was wrong.
  std::string play(const std::string& text) {
    ScriptPlayer player(*session, *surface,
                        {.frame_seconds = kFrame,
                         .after_frame = after_frame,
                         .print = [this](const auto& line) { printed.push_back(line); }});
    try {
      player.run(parse_script(text, "test.script"));
    } catch (const ExpectationFailed& failed) {
      return failed.what();
    } catch (const base::UserError& error) {
      return std::string("error: ") + error.what();
    }
    return "";
  }

  SessionOptions options{.title = "test/twin", .subtitle = "test"};
  std::function<evaluation::Pose(std::span<const float>)> read_pose;
  sim::ModelPtr model = render::load_twin_model();
  std::unique_ptr<Twin> twin;
  std::unique_ptr<Surface> surface;
  std::unique_ptr<Session> session;
  std::function<void()> after_frame;
  std::vector<std::string> printed;
};

}  // namespace reverie::viewer
