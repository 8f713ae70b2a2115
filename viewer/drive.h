// Drive: how far the user pushes each control of the robot, by keys, sticks and mouse.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

#include "sim/task/drive.h"

namespace reverie::viewer {

struct ViewerContext;

struct Drive {
  std::vector<sim::DriveControl> controls;  // of the task
  std::vector<float> pushes;                // one for each control, in [-1, 1]; empty while nobody drives
  ImVec2 mouse{0, 0};                       // how far the mouse is dragged with Alt held, in [-1, 1], y up
};

// Reads this frame's pushes and puts what they add to the actions into `context.steering`.
void read_pushes(ViewerContext& context);

// Whether a key belongs to the driving now, and to nothing else.
bool drives_with(const ViewerContext& context, ImGuiKey key);

// "D A  left stick": what pushes a control up and down.
std::string inputs_of(const sim::DriveControl& control);

}  // namespace reverie::viewer
