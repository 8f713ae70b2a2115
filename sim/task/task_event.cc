#include "sim/task/task_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

struct FieldInfo {
  const char* name;
  int type;   // mjtObj that `names` refers to; mjOBJ_UNKNOWN: none
  int width;  // numbers per object
  bool derived;
  double* mjModel::*array;
};

const std::vector<FieldInfo>& field_table() {
  static const std::vector<FieldInfo> table = {
      {"body_mass", mjOBJ_BODY, 1, true, &mjModel::body_mass},
      {"body_inertia", mjOBJ_BODY, 3, true, &mjModel::body_inertia},
      {"body_pos", mjOBJ_BODY, 3, true, &mjModel::body_pos},
      {"body_ipos", mjOBJ_BODY, 3, true, &mjModel::body_ipos},
      {"geom_friction", mjOBJ_GEOM, 3, false, &mjModel::geom_friction},
      {"geom_size", mjOBJ_GEOM, 3, true, &mjModel::geom_size},
      {"geom_pos", mjOBJ_GEOM, 3, true, &mjModel::geom_pos},
      {"site_pos", mjOBJ_SITE, 3, true, &mjModel::site_pos},
      {"site_size", mjOBJ_SITE, 3, false, &mjModel::site_size},
      {"dof_damping", mjOBJ_JOINT, 1, false, &mjModel::dof_damping},
      {"dof_frictionloss", mjOBJ_JOINT, 1, false, &mjModel::dof_frictionloss},
      {"dof_armature", mjOBJ_JOINT, 1, true, &mjModel::dof_armature},
      {"joint_stiffness", mjOBJ_JOINT, 1, false, &mjModel::jnt_stiffness},
      {"joint_range", mjOBJ_JOINT, 2, false, &mjModel::jnt_range},
      {"qpos0", mjOBJ_JOINT, 1, true, &mjModel::qpos0},
      {"qpos_spring", mjOBJ_JOINT, 1, true, &mjModel::qpos_spring},
      {"actuator_gear", mjOBJ_ACTUATOR, 6, true, &mjModel::actuator_gear},
      {"actuator_gainprm", mjOBJ_ACTUATOR, mjNGAIN, false, &mjModel::actuator_gainprm},
      {"actuator_biasprm", mjOBJ_ACTUATOR, mjNBIAS, false, &mjModel::actuator_biasprm},
      {"actuator_forcerange", mjOBJ_ACTUATOR, 2, false, &mjModel::actuator_forcerange},
      {"gravity", mjOBJ_UNKNOWN, 3, false, nullptr},
  };
  return table;
}

const FieldInfo* find_field(const std::string& name) {
  for (const FieldInfo& info : field_table()) {
    if (name == info.name) return &info;
  }
  return nullptr;
}

// First element and number of elements of object `id`: joints own dofs or positions, everything else `width`
// numbers.
std::pair<int, int> object_span(const mjModel* m, const FieldInfo& info, int id) {
  const std::string name = info.name;
  if (name.starts_with("dof_")) {
    const int last = id + 1 < m->njnt ? m->jnt_dofadr[id + 1] : static_cast<int>(m->nv);
    return {m->jnt_dofadr[id], last - m->jnt_dofadr[id]};
  }
  if (name.starts_with("qpos")) {
    const int last = id + 1 < m->njnt ? m->jnt_qposadr[id + 1] : static_cast<int>(m->nq);
    return {m->jnt_qposadr[id], last - m->jnt_qposadr[id]};
  }
  return {id * info.width, info.width};
}

std::vector<int> named_objects(TableReader& reader, const FieldInfo& info, const mjModel* model) {
  std::vector<int> ids;
  reader.need("names");
  for (const std::string& pattern : reader.texts("names")) {
    if (pattern == "*" && info.type != mjOBJ_BODY) {  // nameless objects too
      for (int i = 0; i < object_count(model, info.type); ++i) ids.push_back(i);
      continue;
    }
    try {
      const std::vector<int> part = match_names(model, info.type, pattern);
      ids.insert(ids.end(), part.begin(), part.end());
    } catch (const base::UserError& error) {
      fail_at(reader.node().find("names")->position, fmt::format("{}: {}", reader.what(), error.what()));
    }
  }
  return ids;
}

std::pair<double, double> read_interval(TableReader& reader, const Scope& scope, std::string_view key) {
  const TomlNode& node = reader.need(key);
  const std::vector<double> values = constant_values(scope, node, reader.what());
  if (values.size() > 2 || !(values.front() >= 0.0) || !(values.back() >= values.front()) ||
      values.back() > 1e6) {
    fail_at(node.position, fmt::format("{}.{}: expected seconds, n or [low, high]", reader.what(), key));
  }
  return {values.front(), values.back()};
}

double steps_in(double seconds, double control_dt) { return std::max(1.0, std::round(seconds / control_dt)); }

Change read_change(TableReader& reader, const char* fallback) {
  static const std::vector<std::string> kModes = {"set", "scale", "add"};
  const std::string mode = reader.choice("mode", fallback, kModes);
  return static_cast<Change>(std::find(kModes.begin(), kModes.end(), mode) - kModes.begin());
}

double changed(Change change, double base, double value) {
  return change == Change::kSet ? value : change == Change::kScale ? base * value : base + value;
}

Randomization read_randomization(TableReader& reader, const Scope& scope, const std::string& on) {
  Randomization out;
  out.field = read_model_field(reader, scope.model);
  out.change = read_change(reader, "scale");
  const int count = static_cast<int>(out.field.addresses.size());
  for (const char* key : {"low", "high"}) {
    const TomlNode& node = reader.need(key);
    std::vector<double> values = constant_values(scope, node, reader.what());
    if (values.size() != 1 && static_cast<int>(values.size()) != count) {
      fail_at(node.position, fmt::format("{}.{}: expected 1 or {} numbers", reader.what(), key, count));
    }
    values.resize(static_cast<size_t>(count), values[0]);
    (std::string_view(key) == "low" ? out.low : out.high) = std::move(values);
  }
  out.shared = reader.boolean("shared", false);
  out.startup = on == "startup";
  out.state_size = out.shared ? 1 : count;
  out.state_offset = scope.layout->allocate(out.state_size);
  return out;
}

// The first x, y translation of the model's root: a free joint, or slides along x (and y).
Push read_push(TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  Push out;
  out.dof = -1;
  const std::string joint = reader.text("joint", "");
  for (int i = 0; i < m->njnt; ++i) {
    const bool wanted = joint.empty() || object_name(m, mjOBJ_JOINT, i) == joint;
    if (wanted && m->jnt_type[i] == mjJNT_FREE && out.dof < 0) out.dof = m->jnt_dofadr[i];
  }
  if (out.dof < 0) fail_at(reader.node().position, "push: the model has no such free joint");
  std::tie(out.interval_low, out.interval_high) = read_interval(reader, scope, "interval");
  const std::vector<double> speed = constant_values(scope, reader.need("speed"), "push.speed");
  out.low = speed.front(), out.high = speed.back();
  if (speed.size() > 2 || !(out.low <= out.high))
    fail_at(reader.node().position, "push.speed: expected n or [low, high]");
  out.timer = scope.layout->allocate(1);
  return out;
}

void draw_command(const Command& command, double control_dt, contract::Rng& rng,
                  std::span<double> task_state) {
  const bool zero = rng.uniform() < command.zero_probability;
  for (size_t i = 0; i < command.low.size(); ++i) {
    const double value = rng.uniform(command.low[i], command.high[i]);
    task_state[command.offset + i] = zero ? 0.0 : value;
  }
  if (command.timer >= 0) {
    task_state[command.timer] =
        steps_in(rng.uniform(command.interval_low, command.interval_high), control_dt);
  }
}

}  // namespace

double* model_array(mjModel* model, const std::string& field) {
  return field == "gravity" ? model->opt.gravity : model->*(find_field(field)->array);
}

ModelField read_model_field(TableReader& reader, const mjModel* model) {
  std::vector<std::string> known;
  for (const FieldInfo& info : field_table()) known.emplace_back(info.name);
  ModelField out;
  out.name = reader.choice("field", "", known);
  const FieldInfo& info = *find_field(out.name);
  out.derived = info.derived;
  std::vector<std::pair<int, int>> spans;
  if (info.type == mjOBJ_UNKNOWN) {
    spans.emplace_back(0, info.width);
  } else {
    for (const int id : named_objects(reader, info, model)) {
      spans.push_back(object_span(model, info, id));
      if (out.name == "body_mass") out.inertia.push_back(id);
    }
  }
  const int64_t index = reader.integer("index", -1, 0, 100);
  for (const auto& [start, width] : spans) {
    for (int k = 0; k < width; ++k) {
      if (index < 0 || k == index) out.addresses.push_back(start + k);
    }
  }
  if (out.addresses.empty()) fail_at(reader.node().position, reader.what() + ": index outside the field");
  return out;
}

void apply_model_overrides(const TomlNode& section, const Scope& scope, mjModel* model) {
  if (section.kind != TomlNode::Kind::kArray)
    fail_at(section.position, "override: expected [[override]] entries");
  bool derived = false;
  for (const TomlNode& node : section.array) {
    TableReader reader(node, "override");
    const ModelField field = read_model_field(reader, model);
    const Change change = read_change(reader, "set");
    const TomlNode& value_node = reader.need("value");
    std::vector<double> values = constant_values(scope, value_node, "override.value");
    if (values.size() != 1 && values.size() != field.addresses.size()) {
      fail_at(value_node.position,
              fmt::format("override.value: expected 1 or {} numbers", field.addresses.size()));
    }
    reader.finish();
    double* array = model_array(model, field.name);
    for (size_t i = 0; i < field.addresses.size(); ++i) {
      double& target = array[field.addresses[i]];
      target = changed(change, target, values[values.size() == 1 ? 0 : i]);
    }
    derived = derived || field.derived;
  }
  if (derived) mj_setConst(model, make_data(model).get());
}

std::vector<Command> read_commands(const TomlNode* section, const Scope& scope) {
  std::vector<Command> out;
  if (section == nullptr) return out;
  if (section->kind != TomlNode::Kind::kArray)
    fail_at(section->position, "command: expected [[command]] entries");
  for (const TomlNode& node : section->array) {
    TableReader reader(node, "command");
    Command command;
    command.name = reader.need_text("name");
    command.low = constant_values(scope, reader.need("low"), "command.low");
    command.high = constant_values(scope, reader.need("high"), "command.high");
    if (command.low.size() != command.high.size())
      fail_at(node.position, "command: low and high differ in size");
    command.zero_probability = reader.number("zero_probability", 0.0);
    if (reader.get("resample") != nullptr) {
      std::tie(command.interval_low, command.interval_high) = read_interval(reader, scope, "resample");
    }
    reader.finish();
    command.offset = scope.layout->allocate(static_cast<int>(command.low.size()));
    if (command.interval_high > 0.0) command.timer = scope.layout->allocate(1);
    out.push_back(std::move(command));
  }
  return out;
}

void read_events(const TomlNode* section, const Scope& scope, Events& events) {
  if (section == nullptr) return;
  if (section->kind != TomlNode::Kind::kArray)
    fail_at(section->position, "event: expected [[event]] entries");
  for (const TomlNode& node : section->array) {
    TableReader reader(node, "event");
    const std::string op = reader.choice("op", "", {"randomize", "push"});
    const bool push = op == "push";
    const std::string on = push ? reader.choice("on", "interval", {"interval"})
                                : reader.choice("on", "reset", {"startup", "reset"});
    if (push) {
      events.pushes.push_back(read_push(reader, scope));
    } else {
      events.randomizations.push_back(read_randomization(reader, scope, on));
    }
    reader.finish();
  }
}

void draw_randomization(const Events& events, uint64_t seed, contract::Rng& episode_rng,
                        std::span<double> task_state) {
  contract::Rng startup_rng(seed, 0, contract::Stream::kEvent, UINT32_MAX);
  for (const Randomization& r : events.randomizations) {
    contract::Rng& rng = r.startup ? startup_rng : episode_rng;
    for (int i = 0; i < r.state_size; ++i) task_state[r.state_offset + i] = rng.uniform(r.low[i], r.high[i]);
  }
}

void apply_randomization(const Events& events, const mjModel* base, mjModel* model, mjData* scratch,
                         std::span<const double> task_state) {
  const auto base_array = [&](const std::string& name) {
    return model_array(const_cast<mjModel*>(base), name);
  };
  bool derived = false;
  for (const Randomization& r :
       events.randomizations) {  // back to the start: entries may touch the same numbers
    double* to = model_array(model, r.field.name);
    const double* from = base_array(r.field.name);
    for (const int address : r.field.addresses) to[address] = from[address];
    for (const int64_t body : r.field.inertia)
      std::copy_n(base->body_inertia + 3 * body, 3, model->body_inertia + 3 * body);
    derived = derived || r.field.derived;
  }
  for (const Randomization& r : events.randomizations) {
    double* to = model_array(model, r.field.name);
    for (size_t i = 0; i < r.field.addresses.size(); ++i) {
      const double value = task_state[r.state_offset + (r.shared ? 0 : static_cast<int>(i))];
      to[r.field.addresses[i]] = changed(r.change, to[r.field.addresses[i]], value);
      if (r.change == Change::kScale && i < r.field.inertia.size()) {
        for (int k = 0; k < 3; ++k) model->body_inertia[3 * r.field.inertia[i] + k] *= value;
      }
    }
  }
  if (derived) mj_setConst(model, scratch);
}

void start_events(const Events& events, double control_dt, contract::Rng& rng, std::span<double> task_state) {
  for (const Push& push : events.pushes) {
    task_state[push.timer] = steps_in(rng.uniform(push.interval_low, push.interval_high), control_dt);
  }
  for (const Command& command : events.commands) draw_command(command, control_dt, rng, task_state);
}

void step_pushes(const Events& events, double control_dt, mjData* data, contract::Rng& rng,
                 std::span<double> task_state) {
  for (const Push& push : events.pushes) {
    if (--task_state[push.timer] > 0.0) continue;
    const double angle = rng.uniform(-mjPI, mjPI), speed = rng.uniform(push.low, push.high);
    data->qvel[push.dof] += speed * std::cos(angle);
    data->qvel[push.dof + 1] += speed * std::sin(angle);
    task_state[push.timer] = steps_in(rng.uniform(push.interval_low, push.interval_high), control_dt);
  }
}

bool step_commands(const Events& events, double control_dt, contract::Rng& rng,
                   std::span<double> task_state) {
  bool any = false;
  for (const Command& command : events.commands) {
    if (command.timer < 0 || --task_state[command.timer] > 0.0) continue;
    draw_command(command, control_dt, rng, task_state);
    any = true;
  }
  return any;
}

}  // namespace reverie::sim
