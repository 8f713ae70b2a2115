// Text and JSON of the facts about a model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/inspect/facts.h"
#include "sim/inspect/inspect.h"

namespace reverie::sim {
namespace {

std::string listed(const std::vector<std::string>& names, size_t limit = 40) {
  if (names.empty()) return "none";
  if (names.size() <= limit) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{}, ... ({} in all)",
                     fmt::join(names.begin(), names.begin() + static_cast<long>(limit), ", "), names.size());
}

// "touch", "gyro[3]"
std::vector<std::string> sized_sensors(const ModelFacts& f) {
  std::vector<std::string> out = f.sensor_names;
  for (size_t i = 0; i < out.size(); ++i)
    if (f.sensor_sizes[i] != 1) out[i] += fmt::format("[{}]", f.sensor_sizes[i]);
  return out;
}

std::string joint_lines(const ModelFacts& f) {
  std::string out = "  joints\n";
  for (const JointFacts& j : f.joints) {
    out += fmt::format("    {:<24} {:<6} {}\n", j.name.empty() ? "(" + j.body + ")" : j.name, j.type,
                       range_text(j.limited, j.low, j.high));
  }
  return out;
}

nlohmann::json joint_list(const ModelFacts& f) {
  nlohmann::json out = nlohmann::json::array();
  for (const JointFacts& j : f.joints) {
    out.push_back({{"name", j.name},
                   {"type", j.type},
                   {"body", j.body},
                   {"limited", j.limited},
                   {"range", {j.low, j.high}}});
  }
  return out;
}

std::string actuator_lines(const ModelFacts& f) {
  std::string out = f.actuators.empty() ? "  actuators     none: a task file can add them ([[actuator]])\n"
                                        : "  actuators\n";
  for (const ActuatorFacts& a : f.actuators)
    out += fmt::format("    {:<24} {:<24} {}\n", a.name, a.drives, range_text(a.limited, a.low, a.high));
  return out;
}

nlohmann::json actuator_list(const ModelFacts& f) {
  nlohmann::json out = nlohmann::json::array();
  for (const ActuatorFacts& a : f.actuators) {
    out.push_back(
        {{"name", a.name}, {"drives", a.drives}, {"limited", a.limited}, {"range", {a.low, a.high}}});
  }
  return out;
}

// Keyframes and robots are lists of things that may have no name.
std::vector<std::string> keyframe_list(const ModelFacts& f) {
  std::vector<std::string> out;
  for (size_t i = 0; i < f.keyframes.size(); ++i)
    out.push_back(f.keyframes[i].empty() ? fmt::format("{} (no name)", i) : f.keyframes[i]);
  return out;
}

std::vector<std::string> robot_list(const ModelFacts& f) {
  std::vector<std::string> out;
  for (const RobotFacts& robot : f.robots) {
    out.push_back(fmt::format("{} ({})", robot.body.empty() ? "a body without a name" : robot.body,
                              robot.floating ? "floating" : "fixed"));
  }
  return out;
}

std::string energy_line(const ModelFacts& f) {
  if (!f.stable) return line("energy", "the passive model becomes non-finite");
  return line("energy", fmt::format("{:.6g} J; rises by {:.3g} J at most in {:.3g} s without control",
                                    f.energy, f.energy_rise, f.energy_seconds));
}

std::string controls_line(const ModelFacts& f) {
  if (f.suggested_timestep == 0.0 && f.nv > 0)
    return line("controls", "random controls make the state non-finite, however small");
  if (f.suggested_timestep >= f.timestep && f.suggested_controls >= 1.0) return "";
  return line("controls", fmt::format("random controls need a timestep of {:.6g} s and {:g} of their range",
                                      f.suggested_timestep, f.suggested_controls));
}

// Every fact once, with its JSON key, in the order of the text.
std::vector<Fact> facts_table(const ModelFacts& f) {
  return {
      {"path", f.path, f.path + "\n"},
      {"model", f.name, line("model", f.name)},
      {"nq", f.nq,
       line("sizes", fmt::format("nq {}, nv {}, nu {}, na {}; {} bodies, {} geoms, {} sensors, {} tendons, "
                                 "{} equalities",
                                 f.nq, f.nv, f.actuators.size(), f.na, f.bodies, f.geoms, f.sensors,
                                 f.tendons, f.equalities))},
      {"nv", f.nv, ""},
      {"nu", f.actuators.size(), ""},
      {"na", f.na, ""},
      {"geoms", f.geoms, ""},
      {"mass", f.total_mass, line("mass", fmt::format("{:.6g} kg", f.total_mass))},
      {"timestep", f.timestep,
       line("timestep", fmt::format("{:.6g} s ({}); suggested control_dt {:.6g} s", f.timestep, f.integrator,
                                    f.suggested_control_dt))},
      {"integrator", f.integrator, ""},
      {"suggested_control_dt", f.suggested_control_dt, ""},
      {"joints", joint_list(f), joint_lines(f)},
      {"actuators", actuator_list(f), actuator_lines(f)},
      {"bodies", f.body_names, line("bodies", listed(f.body_names))},
      {"sensors", f.sensor_names, line("sensors", listed(sized_sensors(f)))},
      {"sensor_sizes", f.sensor_sizes, ""},
      {"keyframes", f.keyframes, line("keyframes", listed(keyframe_list(f)))},
      {"outside", f.outside, f.outside.empty() ? "" : line("outside", listed(f.outside, 10))},
      {"robots", robot_list(f), line("robots", listed(robot_list(f), 10))},
      {"objects", f.objects, line("objects", listed(f.objects, 10))},
      {"cameras", f.cameras, line("cameras", listed(f.cameras))},
      {"mocap_bodies", f.mocap_bodies, line("mocap bodies", listed(f.mocap_bodies))},
      {"massless", f.massless, line("massless", listed(f.massless))},
      {"initial_contacts", f.initial_contacts, line("touching", listed(f.initial_contacts, 10))},
      {"energy", f.energy, energy_line(f)},
      {"energy_seconds", f.energy_seconds, ""},
      {"energy_rise", f.energy_rise, ""},
      {"stable", f.stable, ""},
      {"suggested_timestep", f.suggested_timestep, controls_line(f)},
      {"suggested_controls", f.suggested_controls, ""},
      {"warnings", f.warnings, warning_lines(f.warnings)},
  };
}

}  // namespace

std::string keyframe_label(const ModelFacts& f, int key) {
  const std::string& name = f.keyframes[static_cast<size_t>(key)];
  return name.empty() ? fmt::format("key {}", key) : fmt::format("key '{}'", name);
}

std::string to_text(const ModelFacts& f) { return text_of(facts_table(f)); }
nlohmann::json to_json(const ModelFacts& f) { return json_of(facts_table(f)); }

}  // namespace reverie::sim
