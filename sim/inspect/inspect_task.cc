// Text and JSON of the facts about a task.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "contract/mechanics.h"
#include "sim/controls.h"
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
  const std::vector<Control> controls = list_controls(t.model.get());
  for (int i = 0; i < t.spec.action_dim; ++i) {
    out += fmt::format("    {:<24} {}\n", controls[i].name,
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

// "x", or "root[0]" for a number of a joint with several.
std::string position_name(const contract::Mechanics& mechanics, int qpos) {
  const contract::MechanicalJoint* owner = &mechanics.joints.front();
  for (const contract::MechanicalJoint& joint : mechanics.joints)
    if (joint.qpos <= qpos) owner = &joint;
  const std::string name =
      owner->name.empty() ? fmt::format("joint {}", owner - mechanics.joints.data()) : owner->name;
  const bool single =
      owner->type == contract::JointType::kSlide || owner->type == contract::JointType::kHinge;
  return single ? name : fmt::format("{}[{}]", name, qpos - owner->qpos);
}

std::vector<std::string> ignored_names(const contract::Mechanics& mechanics) {
  std::vector<std::string> out;
  out.reserve(mechanics.ignored.size());
  for (const int qpos : mechanics.ignored) out.push_back(position_name(mechanics, qpos));
  return out;
}

int64_t limited_joints(const contract::Mechanics& mechanics) {
  return std::ranges::count(mechanics.joints, true, &contract::MechanicalJoint::limited);
}

// How many numbers of the observation come from a quantity of this kind.
int64_t shown(const contract::Mechanics& mechanics, contract::ObservationSource::Kind kind) {
  return std::ranges::count(mechanics.observation, kind, &contract::ObservationSource::kind);
}

constexpr Named<contract::ObservationSource::Kind> kSourceKinds[] = {
    {"position", contract::ObservationSource::Kind::kPosition},
    {"cosine", contract::ObservationSource::Kind::kCosine},
    {"sine", contract::ObservationSource::Kind::kSine},
    {"velocity", contract::ObservationSource::Kind::kVelocity},
    {"body_place", contract::ObservationSource::Kind::kBodyPlace},
    {"body_rotation", contract::ObservationSource::Kind::kBodyRotation},
    {"other", contract::ObservationSource::Kind::kOther},
};

std::string mechanics_lines(const contract::Mechanics& mechanics) {
  const std::vector<std::string> ignored = ignored_names(mechanics);
  const auto other = shown(mechanics, contract::ObservationSource::Kind::kOther);
  const auto all = static_cast<int64_t>(mechanics.observation.size());
  return line("mechanics",
              fmt::format("bodies {}, limited joints {} of {}, touch points {} on planes {}, ignored: {}",
                          mechanics.bodies.size() - 1, limited_joints(mechanics), mechanics.joints.size(),
                          mechanics.points.size(), mechanics.surfaces.size(),
                          ignored.empty() ? "nothing" : fmt::format("{}", fmt::join(ignored, ", ")))) +
         line("",
              fmt::format("{} of {} observed numbers follow from positions or velocities", all - other, all));
}

nlohmann::json mechanics_facts(const contract::Mechanics& mechanics) {
  nlohmann::json sources = nlohmann::json::object();
  for (const auto& [name, kind] : kSourceKinds) sources[name] = shown(mechanics, kind);
  return {{"bodies", mechanics.bodies.size() - 1},       {"joints", mechanics.joints.size()},
          {"limited_joints", limited_joints(mechanics)}, {"touch_points", mechanics.points.size()},
          {"planes", mechanics.surfaces.size()},         {"ignored", ignored_names(mechanics)},
          {"observation_sources", std::move(sources)}};
}

// "learner.imagination_horizon=1" of each.
std::vector<std::string> training_words(const Task::Impl& t) {
  std::vector<std::string> out;
  out.reserve(t.training.size());
  for (const TrainingSetting& setting : t.training) out.push_back(setting.word);
  return out;
}

// Every fact once, with its JSON key, in the order of the text.
std::vector<Fact> facts_table(const Task& task) {
  const Task::Impl& t = task.impl();
  const contract::EnvSpec& spec = t.spec;
  const std::vector<std::string> training = training_words(t);
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
      {"mechanics", mechanics_facts(*spec.mechanics), mechanics_lines(*spec.mechanics)},
      {"training", training,
       training.empty() ? "" : line("training", fmt::format("{}", fmt::join(training, " ")))},
      {"warnings", t.warnings, warning_lines(t.warnings)},
  };
}

}  // namespace

std::string describe_task(const Task& task) { return text_of(facts_table(task)); }
nlohmann::json task_to_json(const Task& task) { return json_of(facts_table(task)); }

}  // namespace reverie::sim
