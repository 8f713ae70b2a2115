// Progress of a job in named stages, as a line that is never silent for long.
// A terminal gets one line that is redrawn; elsewhere a plain line is written when a stage begins, unless the last one is
// fresh, and every few seconds.
#pragma once

#include <condition_variable>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <string>
#include <thread>

namespace reverie::report {

// "41%  ranking, 60% of it  0:35  ETA 0:50": of all, of the stage, and the seconds so far.
std::string stage_text(const std::string& stage, double of_stage, double of_all, double seconds);

class StageProgress {
 public:
  static constexpr double kPlainSeconds = 5.0;  // between plain lines at most, when somebody ticks
  static constexpr double kShortStage = 1.0;    // seconds after a plain line in which a new stage writes none

  // The lines go to stderr unless `out` is given. `seconds` is a monotonic clock.
  StageProgress(bool is_tty, std::ostream* out = nullptr, std::function<double()> seconds = {});
  ~StageProgress();  // finishes
  StageProgress(const StageProgress&) = delete;
  StageProgress& operator=(const StageProgress&) = delete;

  // Shares are 0..1. Cheap when nothing is due. From any thread, as the other calls.
  void update(const std::string& stage, double of_stage, double of_all);
  void hide();  // clears the line of a terminal until it is told again, so that something else can be written
  void tick();  // tells the last update again when that is due

  // From now on a thread ticks every second, until finish(): work that tells nothing for long is heard of all the same.
  void tick_by_itself();
  void finish();  // clears the line of a terminal; calling it again does nothing

 private:
  void draw(double now);

  bool is_tty_;
  std::ostream* out_;
  std::function<double()> seconds_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  double begun_ = -1.0, last_drawn_ = 0.0;
  std::string stage_;
  double of_stage_ = 0.0, of_all_ = 0.0;
  bool shown_ = false, finished_ = false;
  std::jthread ticker_;  // the last member: it ends before what it uses
};

}  // namespace reverie::report
