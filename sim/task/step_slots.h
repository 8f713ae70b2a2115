// StepSlots: a number for each environment of a task, odd while it is within a call that runs the physics.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "sim/step_register.h"

namespace reverie::sim {

// A line of the cache each: environments step on threads of their own.
struct alignas(64) StepSlot {
  explicit StepSlot(uint64_t number) : environment(number) {}
  uint64_t environment;
  std::atomic<uint64_t> calls{0};  // twice the calls that have ended, and 1 within one
};

// From its construction to its end the environment is within a call.
class StepCall {
 public:
  explicit StepCall(StepSlot& slot) : slot_(slot) { add_one(); }
  ~StepCall() { add_one(); }
  StepCall(const StepCall&) = delete;
  StepCall& operator=(const StepCall&) = delete;

 private:
  void add_one() {  // one thread at a time writes it
    slot_.calls.store(slot_.calls.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  StepSlot& slot_;
};

class StepSlots {
 public:
  std::shared_ptr<StepSlot> add();  // of a new environment
  std::vector<RunningStep> running() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<StepSlot>>
      slots_;  // those of environments that are gone leave it before it grows
  uint64_t made_ = 0;
};

}  // namespace reverie::sim
