// ScriptPlayer: does the lines of a script on a stage, as a user with mouse and keyboard would.
// Clicks and keys take no time in the viewer; only `wait`, `hold`, `frames` and `until` let it pass. So a script
// gives the same values on a fast machine, on a slow one and while a video is written.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>

#include "base/stop.h"
#include "viewer/script.h"
#include "viewer/stage.h"

namespace reverie::viewer {

// An expectation of a script does not hold: "file:line: expected ..., found ...".
class ExpectationFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ScriptPlayerOptions {
  double frame_seconds = 1.0 / 30;  // that pass in the viewer in a frame
  bool real_time = false;           // seconds are those of the clock, and every frame is drawn
  // Called after each drawn frame, e.g. to write it into a video. Null: frames in which nothing is clicked need not
  // be drawn, and are not.
  std::function<void()> after_frame = {};
  std::function<void(const std::string&)> print = {};  // one line; null: nowhere
  std::function<void(double)> progress = {};           // share of the lines that are done; null: nobody hears
  const base::Stop* stop = nullptr;                    // asked: base::Interrupted is thrown
};

class ScriptPlayer {
 public:
  // Stage and surface must outlive the player; the stage draws on the surface.
  ScriptPlayer(Stage& stage, Surface& surface, ScriptPlayerOptions options);

  // Throws ExpectationFailed, and UserError as "file:line: ..." for a control that is not there.
  void run(std::span<const ScriptLine> script);

 private:
  void run(const ScriptLine& line);
  void frame(double seconds = 0.0);
  void pass(double seconds);
  Rect look_for(const ScriptLine& line);
  void move(ImVec2 position);
  void press(int button);
  void click(const ScriptLine& line);
  void double_click(const ScriptLine& line);
  void set(const ScriptLine& line);
  void drag(const ScriptLine& line);
  void key(const ScriptLine& line, double seconds);
  void key_event(int key, bool down);
  bool holds(const ScriptLine& line, std::string* found) const;
  void expect(const ScriptLine& line) const;
  void until(const ScriptLine& line);
  void resize(const ScriptLine& line);
  void random(const ScriptLine& line);
  void screenshot(const ScriptLine& line);

  Stage& stage_;
  Surface& surface_;
  ScriptPlayerOptions options_;
};

}  // namespace reverie::viewer
