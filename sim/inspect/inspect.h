// Facts about a model or a task, and a first task file for a bare MJCF.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/task/task.h"

namespace reverie::sim {

struct ActuatorFacts {       // one for each control: an actuator with several has several
  std::string name, drives;  // "servo" or "servo.vel"; name and kind of what it drives, e.g. "joint knee"
  bool limited = false;
  double low = 0.0, high = 0.0;  // control range
  bool known = false;            // limited, or the range follows from its kind (control_range)
  double rest = 0.0;             // the control at the start, in shares of the range: -1 low, 1 high
};

struct JointFacts {
  std::string name, type, body;
  bool limited = false;
  double low = 0.0, high = 0.0;  // rad or m
  // Inertia that a hinge or slide feels in the reference pose, kg m^2 or kg: with all other joints locked, and
  // with all free.
  double inertia = 0.0, free_inertia = 0.0;
  bool follows = false;  // an equality ties it to another joint or to a value
};

// A kinematic tree that actuators drive, or could.
struct RobotFacts {
  std::string body;       // its root
  bool floating = false;  // on a free joint
  bool hinged = false;    // it has hinges: it can fall over
  std::string up;         // the component of the root's xmat that points up at the start, e.g. "zz" or "-zy"
};

struct ModelFacts {
  std::string path, name;
  int nq = 0, nv = 0, na = 0, bodies = 0, geoms = 0, sensors = 0, tendons = 0, equalities = 0;
  double total_mass = 0.0, timestep = 0.0, suggested_control_dt = 0.0;
  std::string integrator;
  std::vector<JointFacts> joints;
  std::vector<ActuatorFacts> actuators;
  std::vector<RobotFacts> robots;
  std::vector<std::string> objects;    // roots of what moves and is no robot
  std::vector<std::string> keyframes;  // "" for those without a name
  int start_key = -1;                  // where a first task begins: "home", "stand" or 0; -1 without any
  // Joints that the reference pose or the start keyframe puts outside their range; those at the start.
  std::vector<std::string> outside, start_outside;
  std::vector<int> sensor_sizes;  // numbers of each of sensor_names
  std::vector<std::string> body_names, sensor_names, cameras, mocap_bodies;
  std::vector<std::string> massless;          // moving bodies without mass of their own
  std::vector<std::string> initial_contacts;  // "geom a - geom b (-0.003 m)" in the reference pose
  // Some seconds without control from the reference pose: total energy at the start, and how far it ever rose
  // above it. A passive model must not gain energy; `stable` is false when the state became non-finite.
  double energy = 0.0, energy_rise = 0.0, energy_seconds = 0.0;
  bool stable = true;
  // The longest of 1, 1/2, 1/4, 1/8 of the model's timestep with which random controls of full range leave
  // the state finite (half of it where it is not 1); when none does, of smaller shares of the range. 0:
  // nothing helps.
  double suggested_timestep = 0.0, suggested_controls = 1.0;
  std::vector<std::string> warnings;  // MuJoCo's
};

// "key 'home'", or "key 0" for one without a name.
std::string keyframe_label(const ModelFacts& facts, int key);

// Throws UserError with MuJoCo's text when the MJCF does not load.
ModelFacts inspect_model(const std::filesystem::path& mjcf);
std::string to_text(const ModelFacts& facts);
nlohmann::json to_json(const ModelFacts& facts);

// A task: sizes, rates, observation layout, signals with their shapes, reward terms, the model's facts.
std::string describe_task(const Task& task);
nlohmann::json task_to_json(const Task& task);

}  // namespace reverie::sim
