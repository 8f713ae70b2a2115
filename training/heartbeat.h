// Heartbeat: what a training does now, for those who watch it from outside.
// A thread of its own writes RUN/heartbeat.json, so that a training which waits is seen to wait, and for what. Nothing
// that is learned depends on it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace reverie::training {

class Heartbeat {
 public:
  static constexpr double kSeconds = 5.0;  // between two files
  static constexpr double kStalled =
      600.0;  // seconds without a step after which on_warning is told, once a stall

  // `total` steps are to be made. `on_warning` may be empty and is called by the thread.
  Heartbeat(std::filesystem::path run, int64_t total, std::function<void(const std::string&)> on_warning,
            double seconds = kSeconds, double stalled = kStalled);
  ~Heartbeat();  // a last file, whose phase is "ended"
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // What is done from now on: "read", "collect", "update", "evaluate" or "write"; a text that stays where it is.
  void enter(const char* phase);
  // How far the training is. The first call is where its rate counts from. Time in which the whole process was stopped
  // (SIGSTOP) counts neither for the rate nor as waiting.
  void reach(int64_t step, int64_t updates);
  int64_t step() const { return step_; }  // as reached; -1 before

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  void leave_out(Clock::time_point before, Clock::time_point now);
  void write(const char* phase) const;
  void warn_of_stall();

  std::filesystem::path run_;
  std::string run_id_;
  int64_t total_;
  std::function<void(const std::string&)> on_warning_;
  double seconds_, stalled_;
  Clock::time_point started_ = Clock::now();
  std::atomic<const char*> phase_{"read"};
  std::atomic<Clock::time_point> entered_{started_}, stepped_{started_}, first_at_{started_};
  std::atomic<int64_t> step_{-1}, first_step_{-1}, updates_{0};
  bool warned_ = false;

  std::mutex mutex_;
  std::condition_variable ended_;
  bool ends_ = false;
  std::thread thread_;
};

// What RUN/heartbeat.json says.
struct Beat {
  int64_t pid = 0;
  std::string phase;           // as in Heartbeat::enter, or "ended"
  double phase_seconds = 0.0;  // since it was entered
  double idle_seconds = 0.0;   // since the last step
  int64_t step = 0, total = 0, updates = 0;
  double steps_per_second = 0.0;  // of this process
  double memory_mb = 0.0;         // resident
  double age_seconds = 0.0;       // of the file; 0 when the clock was set back since
};

// Throws UserError when there is none or it is damaged.
Beat read_heartbeat(const std::filesystem::path& run);

}  // namespace reverie::training
