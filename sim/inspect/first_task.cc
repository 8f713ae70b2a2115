// The text of a first task file, section by section.
#include "sim/inspect/first_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/task/toml_node.h"

namespace reverie::sim {
namespace {

// On one line of a comment.
std::string comment_text(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

// A name inside an expression.
std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string expression(const std::string& text) {
  const bool plain =
      std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\''; });
  return plain ? fmt::format("'{}'", text) : toml_string(text);
}

// One number where all are the same, else one for each.
std::string number_list(const std::vector<double>& values) {
  if (std::ranges::all_of(values, [&](double v) { return v == values.front(); }))
    return toml_number(values.front());
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(fmt::format("{:.4g}", value));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

// Joints that get a servo where the model has no actuators. Names with wildcards would name others, too; a
// joint that follows another one needs none.
std::vector<JointFacts> servo_joints(const ModelFacts& facts) {
  std::vector<JointFacts> out;
  for (const JointFacts& joint : facts.joints) {
    if ((joint.type == "hinge" || joint.type == "slide") && !joint.name.empty() && !joint.follows &&
        joint.name.find_first_of("*?") == std::string::npos)
      out.push_back(joint);
  }
  return out;
}

std::string keyframe_reference(const ModelFacts& facts) {
  const std::string& name = facts.keyframes[static_cast<size_t>(facts.start_key)];
  const bool first = std::ranges::find(facts.keyframes, name) - facts.keyframes.begin() == facts.start_key;
  return name.empty() || !first ? std::to_string(facts.start_key) : toml_string(name);
}

// Servos that answer like a spring of 20 rad/s, slower where the timestep is long, critically damped unless
// so much damping would not be stable with the physics step: what moves is lighter than what is held.
std::string servo_section(const ModelFacts& facts, const FirstTaskSettings& settings) {
  const double rate = std::min(20.0, 0.2 / facts.timestep);
  std::string out =
      "# The model has no actuators: one position servo a joint, from its inertia. Tune kp (N m/rad), kd (N "
      "m s/rad).\n";
  std::vector<double> scale;
  for (const JointFacts& joint : servo_joints(facts)) {
    out += fmt::format("[[actuator]]\ntype = \"position\"\njoints = {}\nkp = {:.3g}\nkd = {:.3g}\n",
                       toml_string(joint.name), joint.inertia * rate * rate,
                       std::min(2.0 * joint.inertia * rate, 0.25 * joint.free_inertia / facts.timestep));
    const double most = joint.limited ? std::min(0.3, 0.5 * (joint.high - joint.low)) : 0.3;
    scale.push_back(settings.controls * most);
  }
  out += "\n# Actions in [-1, 1] move each servo's target around the start, by at most scale (rad or m).\n";
  out += fmt::format("[action]\nmap = \"joint_position\"\nscale = {}\n", number_list(scale));
  if (facts.start_key >= 0) out += fmt::format("default = {}\n", keyframe_reference(facts));
  return out + "\n";
}

std::string action_section(const ModelFacts& facts, const FirstTaskSettings& settings) {
  if (!has_actions(facts))
    return "# Nothing here can be driven: no actuators, no named hinge or slide for one.\n\n";
  if (facts.actuators.empty()) return servo_section(facts, settings);
  std::string out = "# Actions from -1 to 1 cover each actuator's control range.\n";
  const bool known = std::ranges::all_of(facts.actuators, [](const ActuatorFacts& a) { return a.known; });
  if (!known) out += "# Some have none, and nothing tells it: their controls are the actions themselves.\n";
  out += "[action]\nmap = \"ctrlrange\"\n";
  if (settings.controls < 1.0) {
    std::vector<double> low, high;
    for (const ActuatorFacts& a : facts.actuators) {
      low.push_back(std::max(-1.0, a.rest - settings.controls));
      high.push_back(std::min(1.0, a.rest + settings.controls));
    }
    out += fmt::format("# Larger random controls make the state non-finite.\nlow = {}\nhigh = {}\n",
                       number_list(low), number_list(high));
  }
  return out + "\n";
}

// How upright each robot stands that can fall: 1 as at the start, -1 upside down.
std::vector<std::string> upright_terms(const ModelFacts& facts) {
  std::vector<std::string> out;
  for (const RobotFacts& robot : facts.robots) {
    if (!robot.floating || robot.body.empty()) continue;
    const bool down = robot.up.starts_with('-');
    out.push_back(fmt::format("{}xmat({}).{}", down ? "-" : "", quoted(robot.body), robot.up.substr(down)));
  }
  return out;
}

std::string observation_section(const ModelFacts& facts) {
  std::string out = "# What the policy sees, in this order.\n";
  const bool alone = facts.robots.size() == 1 && facts.objects.empty() && facts.robots[0].floating;
  if (alone && facts.joints[0].type == "free" && facts.nq > 2) {
    out += "# World x and y are left out: moving elsewhere must not change what is seen.\n";
    out += "[[observation]]\nname = \"position\"\nexpr = 'qpos()[2:]'\n";
  } else {
    out += "[[observation]]\nname = \"position\"\nexpr = 'qpos()'\n";
  }
  out += "[[observation]]\nname = \"velocity\"\nexpr = 'qvel()'\n";
  if (facts.na > 0) out += "[[observation]]\nname = \"activation\"\nexpr = 'act()'\n";
  if (!facts.sensor_names.empty()) {
    out += comment_text(fmt::format("# Sensors are there too, e.g. expr = {}.",
                                    expression(fmt::format("sensor({})", quoted(facts.sensor_names[0]))))) +
           "\n";
  }
  return out + "\n";
}

std::string reward_section(const ModelFacts& facts) {
  const std::vector<std::string> upright = upright_terms(facts);
  std::string out =
      "# The reward of one control step. Terms are summed with their weights; each is recorded and logged by "
      "its own.\n[[reward.term]]\n";
  if (upright.empty()) {
    out += "name = \"calm\"\nexpr = 'tol(norm(qvel()), margin=1)'\n";
  } else {
    const std::string stands =
        upright.size() == 1 ? upright[0] : fmt::format("mean([{}])", fmt::join(upright, ", "));
    out += fmt::format("name = \"upright\"\nexpr = {}\n", expression(fmt::format("(1 + {}) / 2", stands)));
  }
  if (has_actions(facts)) {
    out += "# In shares of each control range.\n[[reward.term]]\nname = \"effort\"\nweight = -0.01\n";
    out += "expr = 'mean(action()**2)'\n";
  }
  return out + "\n";
}

std::string termination_section(const ModelFacts& facts) {
  const std::vector<std::string> upright = upright_terms(facts);
  const bool hinged = std::ranges::any_of(facts.robots, &RobotFacts::hinged);
  if (upright.empty() || !hinged) return "";
  const std::string worst =
      upright.size() == 1 ? upright[0] : fmt::format("min([{}])", fmt::join(upright, ", "));
  return fmt::format("# End the episode when {} lies on its side.\n[[termination]]\nwhen = {}\n\n",
                     upright.size() == 1 ? "the robot" : "a robot", expression(worst + " < 0"));
}

std::string reset_section(const ModelFacts& facts, const FirstTaskSettings& settings) {
  std::string out = "# Operations run in this order on a fresh state.\n";
  if (facts.start_key >= 0)
    out += fmt::format("[[reset]]\nop = \"keyframe\"\nname = {}\n", keyframe_reference(facts));
  out += settings.noise < 1.0 ? "# A wider start makes the state non-finite.\n"
                              : "# Each joint starts a little off, by its range and inside it.\n";
  out += fmt::format(
      "[[reset]]\nop = \"joint_noise\"\nshare = {}    # of a joint's range\nmost = {}     # rad or m\n",
      toml_number(0.02 * settings.noise), toml_number(0.05 * settings.noise));
  if (settings.noise > 0.0) {
    out += fmt::format("[[reset]]\nop = \"normal\"\nfield = \"qvel\"\nadd = true\nstd = {}\n",
                       toml_number(0.01 * settings.noise));
  }
  return out;
}

// The control period that is nearest to 0.02 s, so that a reader of the text finds a whole number of steps.
std::string rates_section(const ModelFacts& facts, const FirstTaskSettings& settings) {
  const bool own = settings.timestep > 0.0 && settings.timestep < facts.timestep;
  const std::string text = toml_number(own ? settings.timestep : facts.timestep);
  const double step = own ? std::stod(text) : facts.timestep;
  const double count = std::clamp(std::round(facts.suggested_control_dt / step), 1.0, 10000.0);
  std::string out = fmt::format(
      "control_dt = {}    # seconds an action is held; {} physics steps of {:.6g} s\nepisode_steps = 500\n\n",
      toml_number(count * step), static_cast<int>(count), step);
  if (own) {
    out += fmt::format(
        "# With the model's own physics step of {:.6g} s random controls make the state "
        "non-finite.\ntimestep "
        "= {}\n\n",
        facts.timestep, text);
  }
  return out;
}

}  // namespace

FirstTaskSettings suggested_settings(const ModelFacts& facts) {
  FirstTaskSettings out;
  if (facts.suggested_timestep > 0.0 && facts.suggested_timestep < facts.timestep)
    out.timestep = facts.suggested_timestep;
  out.controls = facts.suggested_controls;
  return out;
}

bool has_actions(const ModelFacts& facts) { return !facts.actuators.empty() || !servo_joints(facts).empty(); }

std::string first_task_text(const ModelFacts& facts, const std::string& id,
                            const std::string& model_reference, const FirstTaskSettings& settings) {
  if (facts.nv == 0)
    base::throw_user_error("{}: nothing in this model moves; a task needs joints", facts.path);
  return fmt::format(
             "# A first task on {}. Everything here can be changed without compiling.\nschema = 1\nid = {}\n"
             "model = {}\n",
             comment_text(facts.name), toml_string(id), toml_string(model_reference)) +
         rates_section(facts, settings) + action_section(facts, settings) + observation_section(facts) +
         reward_section(facts) + termination_section(facts) + reset_section(facts, settings);
}

}  // namespace reverie::sim
