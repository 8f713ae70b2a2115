// Pose drag: moves a robot that stands still so that a point of it follows the mouse.
// A body on a free joint moves as it does in MuJoCo's own viewer; the joints of an arm or a leg bend instead.
#pragma once

#include <mujoco/mjvisualize.h>

struct mjModel_;
struct mjData_;

namespace reverie::viewer {

// Moves the body that `mouse` has selected to where the mouse is: mjPERT_TRANSLATE moves the point that is held, any
// other bit of `mouse.active` turns the body.
//  - A body on a free joint and a mocap body go there as they are.
//  - Else the joints between the body and its root are moved by damped least squares, each within its range. The base of
//    a robot, which nothing drives, stays where it is unless it is the body that is held.
// What cannot be reached is approached. Positions in `data` follow (mj_kinematics, mj_comPos); velocities stay.
void drag_pose(const mjModel_* model, mjData_* data, const mjvPerturb& mouse);

}  // namespace reverie::viewer
