#include "sim/task/model_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sim/expression/expression_builder.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr Named<Change> kChanges[] = {
    {"set", Change::kSet}, {"scale", Change::kScale}, {"add", Change::kAdd}};

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

// First element and number of elements of object `id`: joints own dofs or positions, everything
// else `width` numbers.
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
  // One gear for each force that an actuator gives: three where it turns a body.
  if (name == "actuator_gear")
    return {m->actuator_outadr[id] * info.width, m->actuator_outnum[id] * info.width};
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

}  // namespace

Change read_change(TableReader& reader, const char* fallback) {
  return reader.choice("mode", fallback, kChanges);
}

double changed(Change change, double base, double value) {
  return change == Change::kSet ? value : change == Change::kScale ? base * value : base + value;
}

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

}  // namespace reverie::sim
