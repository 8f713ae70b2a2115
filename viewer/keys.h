// Key: a pose of a model that is kept by a name, as MuJoCo's keyframes are.
// Both worlds can be put there; a key of the user can be copied as a line of the model's file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/model.h"

namespace reverie::viewer {

struct Key {
  std::string name;
  std::vector<double> qpos, qvel, act, ctrl, mocap_pos, mocap_quat;  // as in a model's <key>
};

std::vector<Key> keys_of(const mjModel_* model);

// What a state [P] of physics is as a key.
Key key_at(const mjModel_* model, std::span<const double> physics, std::string name);

// The state [P] that a key makes of `physics`: its time and all that a key does not have stay.
std::vector<double> state_at(const mjModel_* model, const Key& key, std::span<const double> physics);

// <key name="..." qpos="..."/>; what is zero everywhere is left out, but for positions.
std::string to_xml(const Key& key);

}  // namespace reverie::viewer
