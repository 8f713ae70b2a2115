// Stopwatch: seconds between laps, of the clock or of the processor.
// What of a frame is the viewer's own work is told apart from what OpenGL takes.
#pragma once

#include <ctime>
#include <utility>

namespace reverie::viewer {

inline double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Seconds since the last lap: of the clock, or of the processor for this thread, which other work on the machine leaves as
// they are.
template <clockid_t Clock>
class Stopwatch {
 public:
  double lap() {
    const double now = seconds_of(Clock);
    return now - std::exchange(last_, now);
  }

 private:
  double last_ = seconds_of(Clock);
};

using ClockWatch = Stopwatch<CLOCK_MONOTONIC>;
using ProcessorWatch = Stopwatch<CLOCK_THREAD_CPUTIME_ID>;

}  // namespace reverie::viewer
