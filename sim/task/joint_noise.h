// joint_noise: a reset operation that moves each joint a little.
// A finger of 3 cm and a shoulder of 3 rad cannot share one width, and a start outside a joint's range, or one that
// breaks an equality, is pushed back by the solver at once.
#pragma once

#include <mujoco/mujoco.h>

#include <span>
#include <vector>

#include "contract/rng.h"

namespace reverie::sim {

struct JointNoise {
  std::vector<int> joints;  // hinges and slides that no equality holds
  double share = 0.02;      // of a joint's range, to either side of where it is
  double most = 0.05;       // rad or m, to either side; what a joint without a range takes
};

// `joints` without those that cannot move alone: free and ball joints, and what an equality of the model holds.
std::vector<int> loose_joints(const mjModel* model, std::vector<int> joints);

// Draws each joint uniformly around where it is, inside its range; one that lies outside comes to its nearest
// limit first. A joint that an equality ties to another follows that one, one that another equality holds
// (connect, weld, tendon) stays. `scratch`: nq numbers.
void add_joint_noise(const JointNoise& noise, const mjModel* model, mjData* data, std::span<double> scratch,
                     contract::Rng& rng);

}  // namespace reverie::sim
