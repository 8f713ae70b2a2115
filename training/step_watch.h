// StepWatch: finds a step of the physics that does not come to an end.
// Nothing can break the engine off from outside. Whoever leaves a training alone for a week wants to read which step it was,
// and not to find the machine busy with it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/step_register.h"

namespace reverie::training {

class StepWatch {
 public:
  using Look = std::function<std::vector<sim::RunningStep>()>;
  using OnEndless = std::function<void(const sim::RunningStep& step, double seconds)>;

  // Looks at what runs on a thread of its own. Calls `on_endless` there, once, when one step has been running for
  // `patience` seconds in which this process ran.
  StepWatch(Look look, double patience, OnEndless on_endless);
  ~StepWatch();
  StepWatch(const StepWatch&) = delete;
  StepWatch& operator=(const StepWatch&) = delete;

 private:
  void work();

  Look look_;
  double patience_;
  OnEndless on_endless_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace reverie::training
