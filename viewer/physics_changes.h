// PhysicsChanges: how physics was made to differ from the model while a dream is not told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sim/model.h"

namespace reverie::viewer {

struct PhysicsChanges {
  double mass = 1.0, friction = 1.0, gravity = 1.0;  // factors: of all moving bodies, of all geoms
  double wind = 0.0;                                 // m/s along x

  bool operator==(const PhysicsChanges&) const = default;
};

// What the user did to physics after a step.
struct PhysicsEvent {
  int64_t step = 0;
  PhysicsChanges changes = {};  // in force from here on
  double push = 0.0;            // m/s along x that the robot's centre of mass was given; 0: none
  int pulled = 0;               // body that the mouse began to pull; 0: none
  size_t anchors = 0;           // anchors of the branch before it
};

// "mass x 1.5", "push 2 m/s", "pull at torso", ...: what `event` did after `before`. `bodies` names those of the model.
std::string tell(const PhysicsEvent& event, const PhysicsChanges& before,
                 std::span<const std::string> bodies = {});

// A copy of `model` with the changes. Wind acts through a medium: where the model has none, it gets air.
sim::ModelPtr changed_model(const mjModel_* model, const PhysicsChanges& changes);

}  // namespace reverie::viewer
