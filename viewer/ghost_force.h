// GhostForce: what nothing in the engine explains of the steps that a twin shows.
// The measure is the evaluation's; this one finds the controls of steps that physics did not take.
#pragma once

#include <memory>
#include <vector>

#include "evaluation/physics_reader.h"
#include "sim/action_controls.h"
#include "viewer/twin_parts.h"

namespace reverie::viewer {

class GhostForce {
 public:
  GhostForce(const std::shared_ptr<const sim::Task>& task, int control_steps);

  // evaluation::PhysicsReader::ghost_force of one step, weights.
  double measure(const TwinParts::Motion& motion);

 private:
  sim::ActionControls controls_;
  evaluation::PhysicsReader reader_;
  double seconds_;             // of a step
  std::vector<double> state_;  // [P]
};

}  // namespace reverie::viewer
