#include "viewer/ghost_force.h"

namespace reverie::viewer {

GhostForce::GhostForce(const std::shared_ptr<const sim::Task>& task, int control_steps)
    : controls_(task), reader_(task), seconds_(task->spec().control_dt * control_steps) {}

double GhostForce::measure(const TwinParts::Motion& motion) {
  state_.assign(motion.physics.begin(), motion.physics.end());
  if (!motion.action.empty()) {
    if (!motion.goes_on) controls_.begin(motion.task_state);
    controls_.apply(motion.action, state_);
  }
  return reader_.ghost_force(state_, {motion.from_positions, motion.from_velocities},
                             {motion.to_positions, motion.to_velocities}, seconds_);
}

}  // namespace reverie::viewer
