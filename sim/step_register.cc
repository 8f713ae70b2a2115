#include "sim/step_register.h"

#include "sim/task/step_slots.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {

std::shared_ptr<StepSlot> StepSlots::add() {
  const std::scoped_lock lock(mutex_);
  if (slots_.size() == slots_.capacity())
    std::erase_if(slots_, [](const std::weak_ptr<StepSlot>& slot) { return slot.expired(); });
  auto slot = std::make_shared<StepSlot>(made_++);
  slots_.push_back(slot);
  return slot;
}

std::vector<RunningStep> StepSlots::running() const {
  std::vector<RunningStep> out;
  const std::scoped_lock lock(mutex_);
  for (const std::weak_ptr<StepSlot>& one : slots_) {
    const std::shared_ptr<StepSlot> slot = one.lock();
    if (!slot) continue;
    const uint64_t calls = slot->calls.load(std::memory_order_relaxed);
    if (calls % 2 == 1) out.push_back({slot->environment, calls / 2});
  }
  return out;
}

std::vector<RunningStep> running_steps(const Task& task) { return task.impl().steps.running(); }

}  // namespace reverie::sim
