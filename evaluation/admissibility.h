// Admissibility: could the robot be in a pose that a dream shows?
// The engine says how deep bodies are inside each other and which joints are beyond their stops. Physics gives way a
// little as well, so its own shares stand beside a dream's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "evaluation/closed_loop.h"
#include "sim/task/task.h"

namespace reverie::evaluation {

inline constexpr double kPenetrating = 0.01;   // m: deeper is not admissible
inline constexpr double kSunk = 0.03;          // m inside what cannot move
inline constexpr double kBeyondLimits = 0.05;  // m or rad: further beyond a joint's stop is not admissible

struct Pose {
  bool finite = true;           // otherwise nothing below is known
  bool touches_ground = false;  // anything touches what cannot move
  double penetration = 0.0;     // m, deepest of all contacts; 0: none
  double ground_penetration = 0.0;
  double beyond_limit = 0.0;  // m or rad, largest of all joints with limits; 0: none
};

// Puts poses into an mjData of its own. Parts of the state that poses do not tell (mocap bodies, drawn parameters) are
// those of the model.
class PoseReader {
 public:
  explicit PoseReader(std::shared_ptr<const sim::Task> task);
  ~PoseReader();
  PoseReader(const PoseReader&) = delete;
  PoseReader& operator=(const PoseReader&) = delete;

  Pose read(std::span<const float> positions);  // [nq]

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Counts of poses.
struct Admissibility {
  int64_t states = 0;
  int64_t touching_ground = 0, sunk = 0, penetrating = 0, beyond_limits = 0;
  int64_t admissible = 0;  // finite, not penetrating, not beyond limits
  double deepest = 0.0;    // m, penetration

  void add(const Pose& pose);
  double share(int64_t count) const;  // of the states; NaN without any
};

Admissibility read_poses(PoseReader& reader, const Visits& visits, const base::Stop* stop = nullptr);

}  // namespace reverie::evaluation
