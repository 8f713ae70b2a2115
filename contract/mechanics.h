// Mechanics: how a robot's bodies move with its joints, in plain buffers.
// A learned model computes bodies, clearances and limits from it. Lengths are in m, angles in rad.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace reverie::contract {

enum class JointType { kFree, kBall, kSlide, kHinge };

struct MechanicalJoint {
  std::string name;
  JointType type = JointType::kHinge;
  int body = 0;
  int qpos = 0, qvel = 0;         // its first entries
  std::array<double, 3> axis{};   // slide and hinge: unit vector in the body's frame
  std::array<double, 3> place{};  // a point of the axis in the body's frame
  double reference = 0.0;         // slide and hinge: the position in which the bodies stand as the model says
  bool limited = false;           // slide and hinge
  double low = 0.0, high = 0.0;   // the positions allowed, when limited
};

struct MechanicalBody {
  std::string name;
  int parent = 0;                                         // below its own index; that of the world is itself
  std::array<double, 3> position{};                       // in the parent's frame
  std::array<double, 4> orientation{1.0, 0.0, 0.0, 0.0};  // unit quaternion w, x, y, z
  int first_joint = 0, joints = 0;  // its joints follow each other, in the order of motion
};

// An even surface that does not move. What is at distance 0 touches it; the distance below is negative.
struct Surface {
  std::array<double, 3> point{}, normal{};  // of length 1
};

// A ball fixed to a body that can touch a surface. Its clearance is the centre's distance less the radius.
struct TouchPoint {
  int body = 0, surface = 0;
  std::array<double, 3> place{};  // in the body's frame
  double radius = 0.0;
};

// Where a number of the observation comes from: offset + scale * the named quantity.
struct ObservationSource {
  enum class Kind {
    kOther,         // not a function of a single quantity below
    kPosition,      // qpos[index]
    kCosine,        // of qpos[index]
    kSine,          // likewise
    kVelocity,      // qvel[index]
    kBodyPlace,     // coordinate index % 3 of the frame of body index / 3
    kBodyRotation,  // entry index % 9 of the row-major rotation matrix of body index / 9
  };
  Kind kind = Kind::kOther;
  int index = 0;
  double scale = 1.0, offset = 0.0;
};

struct Mechanics {
  std::vector<MechanicalBody> bodies;  // the first is the world
  std::vector<MechanicalJoint> joints;
  std::vector<Surface> surfaces;
  std::vector<TouchPoint> points;
  std::vector<int> ignored;                    // qpos indices on which motion does not depend, ascending
  std::vector<ObservationSource> observation;  // [O]
};

}  // namespace reverie::contract
