// Small robots, each with one feature of the engine that carries state or runs in stages.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/task/task.h"

namespace reverie::sim {

// The task observes positions, velocities, the last solve's accelerations and every sensor, and starts with a
// random velocity.
struct EngineFeature {
  std::string name;
  std::string model;      // MJCF, without the outermost element
  std::string task = {};  // more of the task file
};

// The name is GoogleTest's.
// NOLINTNEXTLINE(readability-identifier-naming)
inline void PrintTo(const EngineFeature& feature, std::ostream* out) { *out << feature.name; }

const std::vector<EngineFeature>& engine_features();

std::shared_ptr<const Task> load_feature(const EngineFeature& feature);

}  // namespace reverie::sim
