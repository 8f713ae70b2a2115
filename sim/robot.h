// Which parts of a model are robots: what its actuators move.
// The first free joint of a scene may belong to a cube that the arm shall grasp.
#pragma once

#include <mujoco/mujoco.h>

#include <vector>

namespace reverie::sim {

// Of each body whether an actuator pulls at it: through a joint, a tendon, a site, a slider-crank or adhesion.
std::vector<bool> driven_bodies(const mjModel* model);

// Of each kinematic tree (mjModel.ntree) whether an actuator pulls at one of its bodies.
std::vector<bool> driven_trees(const mjModel* model);

// The body that a tree hangs on.
int root_of_tree(const mjModel* model, int tree);

// Whether that body moves freely.
bool is_floating(const mjModel* model, int tree);

}  // namespace reverie::sim
