// Session: draws a twin and the panels frame by frame on a surface.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viewer/context.h"
#include "viewer/surface.h"

struct mjModel_;

namespace reverie::viewer {

// What a frame draws: the worlds take most of the time.
enum class Draw { kAll, kPanels };

struct SessionOptions {
  std::string title;
  std::string subtitle;
  std::optional<evaluation::LearningCurve> learning = {};  // of the run shown
  int64_t checkpoint_step = -1;                            // as ViewerContext
  std::vector<Actor> actors = {};                          // who could act
  int actor = 0;                                           // who does
  Checkpoints checkpoints = {};
  std::vector<std::string> dreams = {};  // as ViewerContext
  double speed = 1.0;
  std::filesystem::path fork_file = "branches.json";  // where branches of the history are saved and read
  std::vector<sim::DriveControl> drive = {};          // of the task
  Pace pace = Pace::kLockStep;
};

class Session {
 public:
  // Surface, twin and model must outlive the session; the twin steps as `options.pace` says, and is the session's alone. `model` is only read.
  Session(Surface& surface, Twin& twin, const mjModel_* model, const SessionOptions& options);
  ~Session();

  // One frame: input, time, both worlds drawn, panels. False when the window was closed. In lock step `seconds`
  // pass; < 0: as long as the surface says the last frame took. In real time the clock says how many.
  bool frame(double seconds = -1.0, Draw draw = Draw::kAll);
  // Time passes and nothing is drawn. Keys and buttons stay as they were in the last frame.
  void advance(double seconds);

  ViewerContext& context();
  const ViewerContext& context() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::viewer
