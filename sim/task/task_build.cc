// Makes a Task of a merged task file: each function reads one section.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "sim/mechanics/mechanics.h"
#include "sim/task/actuators.h"
#include "sim/task/model_override.h"
#include "sim/task/task_impl.h"
#include "sim/task/task_source.h"

namespace reverie::sim {
namespace {

constexpr int kMaxEpisodeSteps = 10000000;
constexpr int kMaxSubsteps = 10000;

bool is_identifier(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// Params, signals and draws share one name space with the functions.
void check_name(const Scope& scope, const std::string& name, const TomlPosition& position) {
  static const std::vector<std::string> kReserved = {"pi", "inf", "true",       "false",   "and",
                                                     "or", "not", "control_dt", "timestep"};
  if (!is_identifier(name))
    fail_at(position, fmt::format("'{}' is no name: use letters, digits and _", name));
  bool taken = is_function(name) || std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
  for (const auto& [other, value] : scope.params) taken = taken || other == name;
  for (const auto& [other, value] : scope.signals) taken = taken || other == name;
  for (const NamedState& draw : scope.draws) taken = taken || draw.name == name;
  if (taken) fail_at(position, fmt::format("the name '{}' is taken", name));
}

void read_params(const TomlNode* section, Scope& scope) {
  if (section == nullptr) return;
  if (section->kind != TomlNode::Kind::kTable) fail_at(section->position, "params: expected a table");
  for (const auto& [name, node] : section->table) {
    check_name(scope, name, node.key_position);
    TomlNode value = node;
    if (node.kind == TomlNode::Kind::kBool)
      value.kind = TomlNode::Kind::kInteger, value.number = node.boolean;
    std::vector<double> values = constant_values(scope, value, "params." + name);
    scope.params.emplace_back(name, std::move(values));
  }
}

void read_signals(const TomlNode* section, Scope& scope) {
  if (section == nullptr) return;
  if (section->kind != TomlNode::Kind::kTable) fail_at(section->position, "signals: expected a table");
  for (const auto& [name, node] : section->table) {
    check_name(scope, name, node.key_position);
    scope.signals.emplace_back(name, node);
  }
}

void read_reward(const TomlNode& section, ProgramBuilder& builder, Task::Impl& task) {
  TableReader reader(section, "reward");
  const TomlNode* expr = reader.get("expr");
  const TomlNode* terms = reader.get("term");
  reader.finish();
  if ((expr == nullptr) == (terms == nullptr))
    fail_at(section.position, "reward: expected either 'expr' or [[reward.term]] entries");
  if (expr != nullptr) {
    task.reward.push_back(
        {"reward", 1.0, builder.compile(*expr, "reward", 1).slots[0], origin_of(*expr, "reward")});
    return;
  }
  if (terms->kind != TomlNode::Kind::kArray || terms->array.empty())
    fail_at(terms->position, "reward.term: expected [[reward.term]] entries");
  for (const TomlNode& node : terms->array) {
    TableReader term(node, "reward.term");
    RewardTerm out;
    out.name = term.need_text("name");
    if (std::ranges::any_of(task.reward, [&](const RewardTerm& other) { return other.name == out.name; }))
      fail_at(node.position, fmt::format("reward.term: the name '{}' is there twice", out.name));
    if (const TomlNode* weight = term.get("weight"))
      out.weight = finite_values(builder.scope(), *weight, "reward.term.weight", 1)[0];
    const TomlNode& formula = term.need("expr");
    out.origin = origin_of(formula, fmt::format("reward term '{}'", out.name));
    out.slot = builder.compile(formula, out.origin.what, 1).slots[0];
    term.finish();
    task.reward.push_back(std::move(out));
  }
}

void read_terminations(const TomlNode* section, ProgramBuilder& builder, Task::Impl& task) {
  if (section == nullptr) return;
  if (section->kind != TomlNode::Kind::kArray)
    fail_at(section->position, "termination: expected [[termination]] entries");
  for (const TomlNode& node : section->array) {
    TableReader reader(node, "termination");
    reader.text("name", "");
    const TomlNode& when = reader.need("when");
    task.terminations.push_back(
        {builder.compile(when, "termination", 1).slots[0], origin_of(when, "termination")});
    reader.finish();
  }
}

// Control period and episode length; the period is a whole number of physics steps.
void read_rates(TableReader& reader, Task::Impl& task) {
  const double timestep = reader.number("timestep", task.model->opt.timestep);
  if (!(timestep > 0.0) || timestep > 10.0)
    fail_at(reader.node().position, "task.timestep: expected seconds above 0");
  task.model->opt.timestep = timestep;
  const TomlNode& node = reader.need("control_dt");
  const double control_dt = reader.number("control_dt", 0.0);
  const double ratio = control_dt / timestep;
  if (!(ratio >= 0.5) || ratio > kMaxSubsteps ||
      std::abs(ratio - std::round(ratio)) > 1e-8 * std::max(1.0, ratio)) {
    const double steps = std::isfinite(ratio) ? std::clamp(std::round(ratio), 1.0, 1.0 * kMaxSubsteps) : 1.0;
    fail_at(node.position,
            fmt::format("task.control_dt: {} is not a whole number (1..{}) of timesteps of {}; {} would do",
                        control_dt, kMaxSubsteps, timestep, toml_number(steps * timestep)));
  }
  task.substeps = static_cast<int>(std::round(ratio));
  task.runge_kutta = task.model->opt.integrator == mjINT_RK4;
  task.spec.control_dt = control_dt;
  task.spec.episode_steps = static_cast<int>(reader.integer("episode_steps", 1000, 1, kMaxEpisodeSteps));
}

// Who drives by which key and how a training learns change neither physics nor goal, in a variant either.
void leave_out_of_hash(TomlNode& tables) {
  std::erase_if(tables.table,
                [](const TomlEntry& entry) { return entry.key == "drive" || entry.key == "training"; });
  for (auto& [key, value] : tables.table) {
    if (key != "variants") continue;
    for (TomlEntry& variant : value.table) leave_out_of_hash(variant.value);
  }
}

void fill_spec(Task::Impl& task, const std::string& id, std::span<const std::string> overrides,
               const TomlNode& root) {
  contract::EnvSpec& spec = task.spec;
  const mjModel* m = task.model.get();
  spec.task = id;
  for (const double low : task.action.low) spec.action_low.push_back(static_cast<float>(low));
  for (const double high : task.action.high) spec.action_high.push_back(static_cast<float>(high));
  spec.action_dim = task.action.size();
  for (const ObservationItem& item : task.observation) {
    if (item.privileged) {
      task.privileged_dim += item.size();
      continue;
    }
    spec.observation.push_back({item.name, spec.observation_dim, item.size()});
    spec.observation_dim += item.size();
  }
  for (const SignalSlots& signal : task.signals) {
    for (size_t i = 0; i < signal.slots.size(); ++i) {
      spec.signals.push_back(signal.slots.size() == 1 ? signal.name : fmt::format("{}[{}]", signal.name, i));
    }
  }
  for (const RewardTerm& term : task.reward) spec.reward_terms.push_back(term.name);
  for (int j = 0; j < m->njnt; ++j) {
    if (m->jnt_type[j] == mjJNT_HINGE && !m->jnt_limited[j]) spec.circular.push_back(m->jnt_qposadr[j]);
  }
  spec.nq = static_cast<int>(m->nq), spec.nv = static_cast<int>(m->nv), spec.na = static_cast<int>(m->na);
  spec.physics_dim = mj_stateSize(m, mjSTATE_INTEGRATION);
  spec.task_dim = task.layout.size;
  spec.has_termination = !task.terminations.empty();
  TomlNode what_counts = root;
  leave_out_of_hash(what_counts);
  std::string content = model_sources(task.model_path, task.model_files) + canonical_toml(what_counts);
  for (const std::string& word : overrides) content += word + "\n";
  spec.hash = base::content_hash(content);
}

// What the engine keeps of sleeping bodies (sensor readings, accelerations) is no part of its state vector, so an
// episode with them could not go on from a stored row.
void keep_awake(Task::Impl& task) {
  if ((task.model->opt.enableflags & mjENBL_SLEEP) == 0) return;
  task.model->opt.enableflags &= ~mjENBL_SLEEP;
  task.warnings.push_back(fmt::format(
      "{}: sleeping (<flag sleep=\"enable\"/>) is switched off: what the engine keeps of sleeping "
      "bodies is no part of a stored state",
      task.model_path.string()));
}

// A step must come to an end: the child that tries a model sees only its first ones.
void bound_solvers(const TaskSource& source, const mjOption& option) {
  constexpr int kMost = 10000;
  const std::pair<const char*, int> numbers[] = {{"iterations", option.iterations},
                                                 {"ls_iterations", option.ls_iterations},
                                                 {"noslip_iterations", option.noslip_iterations},
                                                 {"ccd_iterations", option.ccd_iterations},
                                                 {"sdf_iterations", option.sdf_iterations},
                                                 {"sdf_initpoints", option.sdf_initpoints}};
  for (const auto& [name, value] : numbers) {
    if (value > kMost)
      base::throw_user_error("{}: option {} is {}, at most {}", source.model_path.string(), name, value,
                             kMost);
  }
}

void load_task_model(const TaskSource& source, TableReader& reader, Task::Impl& task) {
  task.model_path = source.model_path;
  const ModelFiles files(source.model_path);
  const SpecPtr spec = parse_mjcf(source.model_path, files);
  if (const TomlNode* section = reader.get("actuator")) add_actuators(*section, spec.get());
  take_warnings();
  task.model = compile_model(spec.get(), source.model_path, files);
  task.model_files = files.opened();
  task.warnings = take_warnings();
  keep_awake(task);
  bound_solvers(source, task.model->opt);
}

void make_reset_model(Task::Impl& task) {
  task.reset_model.reset(mj_copyModel(nullptr, task.model.get()));
  task.reset_model->opt.disableflags |= mjDSBL_ACTUATION;
}

}  // namespace

std::unique_ptr<Task::Impl> build_task(const TaskSource& source, std::span<const std::string> overrides) {
  auto task = std::make_unique<Task::Impl>();
  TableReader reader(source.root, "task");
  for (const char* known : {"id", "model", "extends", "variants"}) reader.get(known);
  if (reader.integer("schema", 0, 0, 1000) != 1)
    fail_at(reader.need("schema").position, "task.schema: this version reads schema 1");
  task->title = reader.text("title", source.id);
  load_task_model(source, reader, *task);
  read_rates(reader, *task);

  Scope scope;
  scope.model = task->model.get();
  scope.control_dt = task->spec.control_dt;
  scope.action_dim = static_cast<int>(task->model->nu);
  scope.layout = &task->layout;
  read_params(reader.get("params"), scope);
  if (const TomlNode* section = reader.get("override"))
    apply_model_overrides(*section, scope, task->model.get());
  make_reset_model(*task);
  const TomlNode* reset = reader.get("reset");
  for (NamedState& draw : collect_draws(reset, scope)) {
    check_name(scope, draw.name, reset->position);
    scope.draws.push_back(std::move(draw));
  }
  task->commands = read_commands(reader.get("command"), scope);
  for (const Command& command : task->commands) {
    scope.commands.push_back({command.name, command.offset, static_cast<int>(command.low.size())});
  }
  read_signals(reader.get("signals"), scope);
  task->action = read_action_map(reader.get("action"), scope);
  task->events = read_events(reader.get("event"), scope);
  task->reset = read_reset(reset, scope);

  ProgramBuilder builder(scope, true);
  for (const auto& [name, node] : scope.signals) {
    const Value& value = builder.signal(name);
    task->signals.push_back(
        {name, value.rows, value.cols, value.slots, origin_of(node, fmt::format("signal '{}'", name))});
  }
  task->observation = read_observation(reader.need("observation"), scope, builder);
  read_reward(reader.need("reward"), builder, *task);
  read_terminations(reader.get("termination"), builder, *task);
  const MechanicsChoices choices = read_mechanics_choices(reader.get("mechanics"), task->model.get());
  task->drive = read_drive(reader.get("drive"), task->model.get());
  task->training = read_training_settings(reader.get("training"));
  reader.finish();
  task->remembered = builder.remembered();
  task->program = builder.take();
  task->workspace = std::max(task->program.slot_count(), reset_workspace(task->reset, task->model.get()));
  fill_spec(*task, source.id, overrides, source.root);
  task->spec.mechanics = std::make_shared<const contract::Mechanics>(make_mechanics(*task, choices));
  return task;
}

}  // namespace reverie::sim
