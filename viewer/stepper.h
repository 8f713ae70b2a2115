// Stepper: lets a twin advance, beside the thread that draws it or in step with it.
// Commands go in and views come out; neither side ever waits for the other.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <thread>

#include "viewer/command_queue.h"
#include "viewer/playback.h"
#include "viewer/triple_buffer.h"
#include "viewer/twin_view.h"

namespace reverie::viewer {

enum class Pace {
  kLockStep,  // steps are taken in advance(): the same calls give the same values
  kRealTime,  // a thread of its own steps by the clock
};

class Stepper {
 public:
  // Carried out between two steps, by the thread that steps.
  using Command = std::function<void(Twin& twin, Playback& playback)>;

  // `twin` must outlive the stepper, and is the stepper's alone while that lives.
  Stepper(Twin& twin, const Playback& playback, Pace pace);
  ~Stepper();
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  // Commands are carried out in the order of their requests.
  void request(Command command);

  // Lock step: carry out what was requested and let `seconds` pass. Real time: nothing, the thread does that.
  void advance(double seconds);

  // `view` becomes the newest one; false when it is. Throws what a step or a command has thrown.
  bool update(TwinView& view);

 private:
  void run();        // the thread
  bool carry_out();  // whether there was anything
  void publish();
  int step(double seconds);
  void measure(double time);

  Twin& twin_;
  Playback playback_;
  CommandQueue<Command> commands_;
  TripleBuffer<TwinView> views_;
  int64_t steps_ = 0, steps_then_ = 0;  // taken so far, and when the last second began
  double busy_seconds_ = 0, second_began_ = 0, steps_per_second_ = 0;
  std::exception_ptr failure_;  // written before failed_, read after it
  std::atomic<bool> failed_{false}, ended_{false};
  std::thread thread_;  // last: it uses all of the others
};

}  // namespace reverie::viewer
