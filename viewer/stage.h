// Stage: shows what is open on a surface, and opens something else when it is asked to.
// It watches the disk: a model that is mended is read again, and a run that trains shows its newest checkpoint.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "viewer/capture.h"
#include "viewer/opening.h"
#include "viewer/session.h"
#include "viewer/surface.h"
#include "viewer/training_process.h"
#include "viewer/viewer.h"

namespace reverie::viewer {

class Stage {
 public:
  // Shows `opened`. The surface must outlive the stage.
  Stage(Surface& surface, Opened opened, ViewOptions options, Pace pace = Pace::kLockStep);
  ~Stage();

  // Shows `what` from now on. When it cannot be opened, the context's error says why, and what was shown stays.
  void open(const std::string& what);
  void show(Opened opened);

  // One frame of the session, after what was dropped on the surface, asked for or found on the disk. False when the
  // window was closed.
  bool frame(double seconds = -1.0, Draw draw = Draw::kAll);
  // Time passes and nothing is drawn.
  void advance(double seconds);

  // Looks at the disk now; frame() does it twice a second.
  void watch();

  ViewerContext& context() { return session_->context(); }
  const ViewerContext& context() const { return std::as_const(*session_).context(); }
  Session& session() { return *session_; }
  Twin& twin() { return *twin_; }                   // in lock step
  const Opened& opened() const { return opened_; }  // without its parts

 private:
  void prepare(double seconds);
  void take_requests();
  void let_act(int actor);  // in the context's list
  void show_checkpoint(const std::string& name);
  void watch_run();
  void go_to_start();  // the episode and step of the options
  void train(TrainingRequest request);
  void watch_training();
  void read_training();  // what the run's files say of it
  void tell(std::string notice);
  void note_arrangement();
  void keep_layout();
  void after_frame(double seconds);
  void watch_files(const std::string& what);
  bool files_changed() const;

  Surface& surface_;
  ViewOptions options_;
  Pace pace_;
  Opened opened_;
  std::unique_ptr<Twin> twin_;
  std::unique_ptr<Session> session_;
  std::string watched_;  // what was opened last, or could not be
  std::map<std::filesystem::path, std::filesystem::file_time_type> times_;  // of its files
  Capture capture_;
  TrainingProcess trainer_;
  std::filesystem::path begun_;  // run that the trainer was started for; opened when it has a checkpoint
  LayoutSettings layout_;        // as it is on the disk
  double notice_left_ = 0.0;     // seconds
  double since_watch_ = 0.0;     // seconds
};

}  // namespace reverie::viewer
