// Text and JSON of the facts about a task, and the first task file for a model.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/inspect/facts.h"
#include "sim/inspect/inspect.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {
namespace {

std::string shape_text(const SignalSlots& signal) {
  if (signal.slots.size() == 1) return "number";
  return signal.cols == 1 ? fmt::format("[{}]", signal.rows)
                          : fmt::format("[{}, {}]", signal.rows, signal.cols);
}

std::string observation_notes(const ObservationItem& item) {
  std::string out;
  if (!item.noise.empty()) out += item.normal_noise ? ", normal noise" : ", uniform noise";
  if (!item.bias.empty()) out += ", bias";
  if (item.delay_high > 0) out += fmt::format(", delay {}..{}", item.delay_low, item.delay_high);
  if (item.history > 1) out += fmt::format(", history {}", item.history);
  return out;
}

bool has_joint(const ModelFacts& facts, std::string_view type) {
  return std::any_of(facts.joints.begin(), facts.joints.end(),
                     [&](const JointFacts& j) { return j.type == type; });
}

// Servos that answer like a spring of 20 rad/s, slower where the timestep is long, critically damped unless
// so much damping would not be stable with the physics step: what moves is lighter than what is held.
std::string actuator_section(const ModelFacts& facts) {
  if (!facts.actuators.empty()) return "";
  const double rate = std::min(20.0, 0.2 / facts.timestep);
  std::string out;
  for (const JointFacts& joint : facts.joints) {
    if ((joint.type != "hinge" && joint.type != "slide") || joint.name.empty()) continue;
    out += fmt::format("[[actuator]]\ntype = \"position\"\njoints = \"{}\"\nkp = {:.3g}\nkd = {:.3g}\n",
                       joint.name, joint.inertia * rate * rate,
                       std::min(2.0 * joint.inertia * rate, 0.25 * joint.free_inertia / facts.timestep));
  }
  if (out.empty()) return "";
  return fmt::format(
      "# The model has no actuators: one position servo a joint, from its inertia. Tune kp (N m/rad), kd (N "
      "m s/rad).\n{}\n"
      "# Actions in [-1, 1] move each servo's target around the reference pose.\n[action]\n"
      "map = \"joint_position\"\nscale = 0.3\n\n",
      out);
}

std::string action_section(const ModelFacts& facts) {
  if (facts.actuators.empty()) {
    const std::string servos = actuator_section(facts);
    return servos.empty() ? "# Nothing here can be driven: no actuators, no named hinge or slide for one.\n\n"
                          : servos;
  }
  const bool limited = std::all_of(facts.actuators.begin(), facts.actuators.end(),
                                   [](const ActuatorFacts& a) { return a.limited; });
  std::string out =
      limited ? "# Actions from -1 to 1 cover each actuator's control range.\n[action]\nmap = \"ctrlrange\"\n"
              : "# Some actuators have no control range: the policy sends controls in [-1, 1] as they "
                "are.\n[action]\nmap = \"raw\"\nclip = true\n";
  if (facts.suggested_controls < 1.0) {
    out += fmt::format("# Larger random controls make the state non-finite.\nlow = {0:g}\nhigh = {1:g}\n",
                       -facts.suggested_controls, facts.suggested_controls);
  }
  return out + "\n";
}

// The first body that moves freely: a robot that can fall.
std::string floating_body(const ModelFacts& facts) {
  for (const JointFacts& joint : facts.joints) {
    if (joint.type == "free" && !joint.body.empty()) return joint.body;
  }
  return "";
}

std::string reward_section(const ModelFacts& facts) {
  const std::string body = floating_body(facts);
  std::string out =
      "# The reward of one control step. Terms are summed with their weights; each is recorded and logged by "
      "its own.\n";
  if (!body.empty()) {
    out += fmt::format("[[reward.term]]\nname = \"upright\"\nexpr = '(1 + xmat(\"{}\").zz) / 2'\n", body);
  } else {
    out += "[[reward.term]]\nname = \"calm\"\nexpr = 'tol(norm(qvel()), margin=1)'\n";
  }
  const bool acts = !facts.actuators.empty() || !actuator_section(facts).empty();
  if (acts) out += "[[reward.term]]\nname = \"effort\"\nweight = -0.01\nexpr = 'mean(action()**2)'\n";
  return out + "\n";
}

std::string reset_section(const ModelFacts& facts) {
  std::string out = "# Operations run in this order on a fresh state.\n";
  if (!facts.keyframes.empty())
    out += fmt::format("[[reset]]\nop = \"keyframe\"\nname = \"{}\"\n", facts.keyframes[0]);
  std::string names;
  for (const JointFacts& joint : facts.joints) {
    if ((joint.type == "hinge" || joint.type == "slide") && !joint.name.empty())
      names += fmt::format("\"{}\", ", joint.name);
  }
  if (!names.empty()) {
    out += fmt::format("[[reset]]\nop = \"uniform\"\njoints = [{}]\nlow = -0.05\nhigh = 0.05\nadd = true\n",
                       names.substr(0, names.size() - 2));
  }
  return out + "[[reset]]\nop = \"normal\"\nfield = \"qvel\"\nstd = 0.01\n";
}

}  // namespace

namespace {

std::string observation_lines(const Task::Impl& t) {
  std::string out = "  observation\n";
  for (const ObservationItem& item : t.observation) {
    out += fmt::format("    {:<24} [{}]{}{}\n", item.name, item.size(), item.privileged ? ", privileged" : "",
                       observation_notes(item));
  }
  return out;
}

nlohmann::json observation_list(const Task::Impl& t) {
  nlohmann::json out = nlohmann::json::array();
  for (const ObservationItem& item : t.observation)
    out.push_back({{"name", item.name}, {"size", item.size()}, {"privileged", item.privileged}});
  return out;
}

std::string action_lines(const Task::Impl& t) {
  std::string out = "  actions\n";
  for (int i = 0; i < t.spec.action_dim; ++i) {
    out += fmt::format("    {:<24} {}\n", object_name(t.model.get(), mjOBJ_ACTUATOR, i),
                       range_text(true, t.spec.action_low[i], t.spec.action_high[i]));
  }
  return out;
}

std::string signal_lines(const Task::Impl& t) {
  std::string out = t.signals.empty() ? "" : "  signals\n";
  for (const SignalSlots& signal : t.signals)
    out += fmt::format("    {:<24} {}\n", signal.name, shape_text(signal));
  return out;
}

nlohmann::json signal_list(const Task::Impl& t) {
  nlohmann::json out = nlohmann::json::array();
  for (const SignalSlots& signal : t.signals)
    out.push_back({{"name", signal.name}, {"shape", {signal.rows, signal.cols}}});
  return out;
}

std::string reward_lines(const Task::Impl& t) {
  std::string out = "  reward terms\n";
  for (const RewardTerm& term : t.reward)
    out += fmt::format("    {:<24} weight {:.4g}\n", term.name, term.weight);
  return out;
}

nlohmann::json reward_list(const Task::Impl& t) {
  nlohmann::json out = nlohmann::json::array();
  for (const RewardTerm& term : t.reward) out.push_back({{"name", term.name}, {"weight", term.weight}});
  return out;
}

// Every fact once, with its JSON key, in the order of the text.
std::vector<Fact> facts_table(const Task& task) {
  const Task::Impl& t = task.impl();
  const contract::EnvSpec& spec = t.spec;
  return {
      {"task", spec.task, fmt::format("{}: {}\n", spec.task, t.title)},
      {"title", t.title, line("model", t.model_path.filename().string())},
      {"hash", spec.hash, line("hash", spec.hash)},
      {"control_dt", spec.control_dt,
       line("rates", fmt::format("control_dt {:.6g} s = {} physics steps; {} control steps an episode",
                                 spec.control_dt, t.substeps, spec.episode_steps))},
      {"physics_steps", t.substeps, ""},
      {"episode_steps", spec.episode_steps, ""},
      {"observation_dim", spec.observation_dim,
       line("sizes",
            fmt::format("observation {}, action {}, nq {}, nv {}, na {}, task state {}", spec.observation_dim,
                        spec.action_dim, spec.nq, spec.nv, spec.na, spec.task_dim))},
      {"action_dim", spec.action_dim, ""},
      {"nq", spec.nq, ""},
      {"nv", spec.nv, ""},
      {"na", spec.na, ""},
      {"task_dim", spec.task_dim, ""},
      {"observation", observation_list(t), observation_lines(t)},
      {"action_low", spec.action_low, action_lines(t)},
      {"action_high", spec.action_high, ""},
      {"signals", signal_list(t), signal_lines(t)},
      {"reward", reward_list(t), reward_lines(t)},
      {"terminations", t.terminations.size(), line("terminations", std::to_string(t.terminations.size()))},
      {"warnings", t.warnings, warning_lines(t.warnings)},
  };
}

}  // namespace

std::string describe_task(const Task& task) { return text_of(facts_table(task)); }
nlohmann::json task_to_json(const Task& task) { return json_of(facts_table(task)); }

std::string suggest_task_file(const ModelFacts& facts, const std::string& id,
                              const std::string& model_reference) {
  if (facts.nv == 0)
    base::throw_user_error("{}: nothing in this model moves; a task needs joints", facts.path);
  std::string out = fmt::format(
      "# A first task on {}. Everything here can be changed without compiling.\nschema = 1\nid = "
      "\"{}\"\nmodel = \"{}\"\n",
      facts.name, id, model_reference);
  out += fmt::format(
      "control_dt = {:.6g}    # seconds an action is held; a whole number of physics steps of {:.6g} "
      "s\nepisode_steps = 500\n\n",
      facts.suggested_control_dt, facts.timestep);
  if (facts.suggested_timestep > 0.0 && facts.suggested_timestep < facts.timestep) {
    out += fmt::format(
        "# With the model's own physics step of {:.6g} s random controls make the state "
        "non-finite.\ntimestep = "
        "{:.6g}\n\n",
        facts.timestep, facts.suggested_timestep);
  }
  out += action_section(facts);
  const bool floating = !facts.joints.empty() && facts.joints[0].type == "free";
  out += "# What the policy sees, in this order.\n";
  if (floating) {
    if (facts.nq > 2) out += "# World x and y are left out: moving elsewhere must not change what is seen.\n";
    out += "[[observation]]\nname = \"position\"\nexpr = 'qpos()[2:]'\n";
  } else {
    out += "[[observation]]\nname = \"position\"\nexpr = 'qpos()'\n";
  }
  out += "[[observation]]\nname = \"velocity\"\nexpr = 'qvel()'\n";
  if (facts.na > 0) out += "[[observation]]\nname = \"activation\"\nexpr = 'act()'\n";
  if (!facts.sensor_names.empty()) {
    out += fmt::format("# Sensors are there too, e.g. expr = 'sensor(\"{}\")'.\n", facts.sensor_names[0]);
  }
  out += fmt::format("\n{}", reward_section(facts));
  const std::string body = floating_body(facts);
  if (!body.empty() && has_joint(facts, "hinge")) {
    out += fmt::format(
        "# End the episode when the robot lies on its side.\n[[termination]]\nwhen = 'xmat(\"{}\").zz < "
        "0'\n\n",
        body);
  }
  return out + reset_section(facts);
}

}  // namespace reverie::sim
