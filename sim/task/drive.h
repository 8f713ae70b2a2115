// Drive: which keys, sticks and mouse moves push which action of a robot.
// A task file's [drive] says it. Without one every action gets a pair of keys, and the first ones a stick.
#pragma once

#include <string>
#include <vector>

struct mjModel_;

namespace reverie::sim {

struct TomlNode;

struct DriveControl {
  std::string name;             // as the help shows it
  std::string more, less;       // keys that push it up and down; empty: none
  std::string stick;            // left_x, left_y, right_x, right_y or triggers of a gamepad; empty: none
  std::string mouse;            // x or y: how far the mouse was dragged; empty: none
  std::vector<double> actions;  // [A] what a full push adds to each action, in halves of its range
};

// `section` is [drive], or nullptr. Throws UserError.
std::vector<DriveControl> read_drive(const TomlNode* section, const mjModel_* model);

}  // namespace reverie::sim
