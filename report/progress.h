// Progress of a long job, as a line on a terminal or in a log.
// A terminal gets one line that is redrawn; elsewhere a plain line is written now and then.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace reverie::report {

using ProgressValues = std::vector<std::pair<std::string, double>>;

// The line without decoration: "12500/50000  25%  58.1/s  ETA 10:45  return 812.3". `rate` in steps a second.
std::string progress_text(int64_t step, int64_t total, double rate, const ProgressValues& values);
// Seconds as "0:42", "10:45" or "3:02:11".
std::string duration_text(double seconds);

class Progress {
 public:
  // Counts up to `total` steps. When `is_tty`, one line with a bar is redrawn; otherwise each twentieth of the
  // total writes a line. The lines go to stderr unless `out` is given. `seconds` is a monotonic clock.
  Progress(int64_t total, bool is_tty, std::ostream* out = nullptr, std::function<double()> seconds = {});
  ~Progress();  // finishes
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Tells that `step` steps are done. The first call sets where the rate is counted from, since a resumed job
  // starts in the middle.
  void update(int64_t step, const ProgressValues& values);
  // Draws what is not shown yet and ends the line. Calling it again does nothing.
  void finish();

 private:
  void draw(int64_t step, const ProgressValues& values);

  int64_t total_;
  bool is_tty_;
  std::ostream* out_;
  std::function<double()> seconds_;
  int64_t first_step_ = -1;
  double first_seconds_ = 0.0;
  double last_drawn_ = 0.0;
  int64_t last_twentieth_ = -1;
  std::string line_;  // shown on the terminal now
  bool finished_ = false;
  int64_t last_step_ = 0;
  ProgressValues last_values_;
  bool pending_ = false;  // last_values_ are not drawn yet
};

}  // namespace reverie::report
