// The viewer: shows a trained run as a twin, or a task without a model.
// It opens a window or, without a display, writes a picture and a video.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/episode.h"
#include "policies/planner_config.h"
#include "sim/task/task.h"
#include "training/run.h"

namespace reverie::viewer {

struct ViewOptions {
  bool headless = false;             // no window; implied by a screenshot, a video or a script
  int width = 1600, height = 900;    // pixels
  std::filesystem::path screenshot;  // PNG of the last frame; empty: none
  std::filesystem::path video;       // MP4 through ffmpeg; empty: none
  std::filesystem::path record;      // headless: MCAP of all episodes (viewer/recorder.h); empty: none
  std::filesystem::path script;      // what a user does and must see, docs/viewer.md; empty: time passes
  std::function<void(const std::string&)> print = {};  // a line that a script prints; null: nowhere
  std::function<void(double)> progress = {};  // headless: the share that is done, 0..1; null: nobody hears
  bool real_time = false;  // headless: the clock passes and steps have a thread, as in a window
  // Headless without a script: seconds that pass in the viewer (simulated: times speed).
  double seconds = 10.0;
  double speed = 1.0;    // simulated seconds a second
  int anchor_every = 0;  // control steps between putting the dream back on physics; 0: never
  uint64_t seed = 0;     // start states are episodes 0, 1, ... of this seed, apart from those of training
  policies::Think think = policies::Think::kActor;  // how much a run's policy plans
  std::string policy;                               // of a task or model without a run; "": random, zero
  // One row in which every episode begins (evaluation/report_point.h); null: fresh starts of `seed`. Of view_run.
  std::shared_ptr<const contract::Episode> start = {};
  std::string checkpoint = "last", device;  // of a run; device "": the run's
  std::vector<std::string> beside;          // more runs, as RUN or RUN@CHECKPOINT, to show beside a run
  std::filesystem::path data;               // recorded episodes to show beside a run; empty: fresh starts
  std::filesystem::path runs;               // where runs are looked for when nothing is open
  std::string acts;  // who acts, by name, of those that the window offers; "": as `think` or `policy` says
  uint64_t episode = 0;          // the one to begin with
  int64_t step = 0;              // control steps into it that are taken at once; the viewer then stands still
  std::filesystem::path layout;  // where the window's layout is kept; empty: nowhere
  std::filesystem::path captures = "";               // where pictures and films taken by a key are written
  std::filesystem::path program = "/proc/self/exe";  // what trains
  const base::Stop* stop = nullptr;  // asked: throw base::Interrupted and leave no file half written
};

// Shows `what`: a run, a dataset, a model file or a task (viewer/opening.h); nothing at all when it is empty, to be
// filled from the window. A file that is there and cannot be opened is told of in the window, which opens it when it is
// mended. All three functions return when the window is closed or the files are written. They throw UserError when the
// options do not fit together (headless with nothing to write, sizes or times that are not positive), when
// there is no display to open a window on, or when a file cannot be written, and ExpectationFailed
// (viewer/script_player.h) when what a script expects is not so.
void view(const std::string& what, const ViewOptions& options = {});
void view_run(const training::Run& run, const ViewOptions& options = {});
void view_task(const std::shared_ptr<const sim::Task>& task, const ViewOptions& options = {});

// Start states for a twin (TwinParts::start): episode `index` is the first row of an evaluation episode of
// `seed`, which no training has seen.
std::function<contract::Episode(uint64_t index)> fresh_starts(const std::shared_ptr<const sim::Task>& task,
                                                              uint64_t seed);

// Every episode begins in this one's only row.
std::function<contract::Episode(uint64_t index)> fixed_start(std::shared_ptr<const contract::Episode> row);

}  // namespace reverie::viewer
