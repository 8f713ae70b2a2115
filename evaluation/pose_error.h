// Pose errors: how far is an imagined robot from the real one, in metres and degrees?
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/task/task.h"

namespace reverie::evaluation {

// Infinite in all parts for a pose with a number that is not finite; NaN where the robot has no such part.
struct PoseError {
  double translation = 0.0;  // m, root mean square over the degrees of freedom that are lengths
  double rotation = 0.0;     // degrees, the same over those that are angles
  double place = 0.0;        // m, mean distance of the key bodies' frames, see below
  double turn = 0.0;         // degrees, mean angle between the key bodies' orientations
};

// Key bodies are those that move while their parent stands still, and those that move with no body on them: roots and
// ends of the robot and of loose objects. Positions on which motion does not depend, such as how far a walker has come
// on an endless floor, are set to the true ones before frames are compared.
class PoseComparison {
 public:
  explicit PoseComparison(std::shared_ptr<const sim::Task> task);
  ~PoseComparison();
  PoseComparison(const PoseComparison&) = delete;
  PoseComparison& operator=(const PoseComparison&) = delete;

  std::vector<std::string> key_bodies() const;

  // The true pose that the following are compared with: positions [nq].
  void set_truth(std::span<const float> positions);
  // Differences of degrees of freedom are those of mj_differentiatePos; an angle without limits counts modulo a turn.
  PoseError compare(std::span<const float> positions);

  // Positions [nq] after `seconds` of constant `velocities` [nv] from `positions` [nq].
  std::vector<float> moved(std::span<const float> positions, std::span<const float> velocities,
                           double seconds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::evaluation
