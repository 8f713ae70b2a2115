// A session on fake worlds that scripts are played on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/script_player.h"
#include "viewer/stage.h"

namespace reverie::viewer {

class ScriptTest : public ::testing::Test {
 protected:
  static constexpr double kFrame = 0.02;  // seconds a frame: one step of the twin

  void open(double dream_gravity, bool with_dream = true) {
    Opened opened;
    opened.what = "test/twin";
    opened.model = model;
    opened.parts = test_parts(model.get(), dream_gravity, with_dream);
    opened.parts.read_pose = read_pose;
    opened.session = options;
    show(std::move(opened));
  }

  void show(Opened opened, const ViewOptions& view_options = {}) {
    stage.reset();
    surface.reset();
    surface = make_offscreen_surface(960, 540, kFrame);
    stage = std::make_unique<Stage>(*surface, std::move(opened), view_options);
    session = &stage->session();
    twin = &stage->twin();
    session->context().fan_options = {.futures = 3, .horizon = 10, .noise = 0.3};
    stage->frame(0);
  }

  // Plays the lines of `text`; "" when all of them went well, else what was wrong.
  std::string play(const std::string& text) {
    ScriptPlayer player(*stage, *surface,
                        {.frame_seconds = kFrame,
                         .after_frame = after_frame,
                         .print = [this](const auto& line) { printed.push_back(line); },
                         .progress = [this](double share) { shares.push_back(share); }});
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
  std::shared_ptr<const mjModel> model = render::load_twin_model();
  // Of the stage, until it opens something else.
  Twin* twin = nullptr;
  Session* session = nullptr;
  std::unique_ptr<Surface> surface;
  std::unique_ptr<Stage> stage;
  std::function<void()> after_frame;
  std::vector<std::string> printed;
  std::vector<double> shares;  // of the script that were told as done
};

}  // namespace reverie::viewer
