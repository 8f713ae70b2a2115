// PhysicsReader: what the engine says of a state that a dream shows.
// Contacts, slip and energy of the state, and the force that nothing in the engine explains.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sim/task/task.h"

namespace reverie::evaluation {

struct PhysicsReading {
  bool finite = true;  // otherwise nothing below is known
  // Pairs of bodies that touch, each once, ascending; 0 is all that cannot move.
  std::vector<std::pair<int, int>> contacts;
  double slip =
      0.0;  // m/s, mean speed along the surface of the points that touch what cannot move; NaN without any
  double energy = 0.0;            // J, potential and kinetic
  double quaternion_error = 0.0;  // largest |length - 1| of all quaternions; NaN where the robot has none
};

// Parts of the state that positions and velocities do not tell are those of the model.
class PhysicsReader {
 public:
  explicit PhysicsReader(std::shared_ptr<const sim::Task> task);
  ~PhysicsReader();
  PhysicsReader(const PhysicsReader&) = delete;
  PhysicsReader& operator=(const PhysicsReader&) = delete;

  PhysicsReading read(std::span<const float> positions, std::span<const float> velocities);

  // Positions [nq] and velocities [nv] of one moment.
  struct Moment {
    std::span<const float> positions, velocities;
  };

  // The ghost force of a motion in units of the weight of all that moves: inverse dynamics half way between two moments
  // `seconds` apart, their mean acceleration given, less what actuators and recorded pushes apply. Of the generalized
  // force that is left, this is the acceleration that it gives to the centre of mass, over gravity. `physics` [P] is
  // the recorded state at the end: controls, activations, pushes and loose references are taken from it. Contacts come
  // and go between two moments, so physics' own motion does not have 0 either. Infinite for what is not finite; NaN where
  // there is no gravity.
  double ghost_force(std::span<const double> physics, const Moment& from, const Moment& to, double seconds);

  // The same where forward dynamics of the recorded state gives the acceleration: 0 within the solver's tolerance.
  double instrument_error(std::span<const double> physics);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::evaluation
