// Balls on the bodies of a model that can touch its even surfaces.
// Edges and faces of a shape touch where its balls do, or nearly.
#pragma once

#include <mujoco/mujoco.h>

#include <vector>

#include "contract/mechanics.h"
#include "sim/mechanics/mechanics.h"

namespace reverie::sim {

constexpr int kMostTouchPoints = 32;

// Balls of a shape in its body's frame: a sphere, the two ends of a capsule, the corners of a box, four points of
// each rim of a cylinder, the ends of an ellipsoid's axes, and of a mesh its outermost vertices along fourteen
// directions. None for other shapes. body and surface are not set.
std::vector<contract::TouchPoint> shape_points(const mjModel* model, int geom);

// Writes surfaces and points. Without choices all geoms that can touch count; of more than kMostTouchPoints those
// stay that are nearest to their surface in the reference pose. `reference` is in that pose.
void add_touch_points(const mjModel* model, const mjData* reference, const MechanicsChoices& choices,
                      contract::Mechanics& out);

}  // namespace reverie::sim
