// Functions that read the simulation: joints, bodies, geoms, sites, sensors, contacts, commands, actions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/expression/expression_table.h"
#include "sim/model.h"

namespace reverie::sim {

std::vector<int> resolve_all(ProgramBuilder& builder, int type, const SyntaxNode& call) {
  std::vector<int> ids;
  for (size_t i = 0; i < call.children.size(); ++i) {
    if (!call.argument_names[i].empty()) {
      throw ExpressionError(call.offset, fmt::format("{}() takes names only", call.text));
    }
    const std::vector<int> part = builder.resolve(type, call.children[i]);
    ids.insert(ids.end(), part.begin(), part.end());
  }
  return ids;
}

std::vector<int> resolve_some(ProgramBuilder& builder, int type, const SyntaxNode& call) {
  if (call.children.empty()) {
    throw ExpressionError(call.offset,
                          fmt::format("{}() needs the name of a {}", call.text, object_type_name(type)));
  }
  return resolve_all(builder, type, call);
}

Value make_value(int rows, int cols, std::vector<int> slots) {
  Value out;
  out.rows = rows, out.cols = cols, out.slots = std::move(slots);
  return out;
}

namespace {

// One row of f.c numbers for each named object of type f.a from source f.b.
Value rows_of(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const std::vector<int> ids = resolve_some(builder, f.a, call);
  std::vector<int> slots;
  for (const int id : ids) {
    for (int k = 0; k < f.c; ++k) slots.push_back(builder.load(static_cast<Source>(f.b), id * f.c + k));
  }
  return make_value(static_cast<int>(ids.size()), f.c, std::move(slots));
}

Value mocap_rows(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const std::vector<int> ids = resolve_some(builder, mjOBJ_BODY, call);
  std::vector<int> slots;
  for (const int id : ids) {
    const int mocap = builder.scope().model->body_mocapid[id];
    if (mocap < 0) {
      throw ExpressionError(call.offset, fmt::format("body '{}' is no mocap body",
                                                     object_name(builder.scope().model, mjOBJ_BODY, id)));
    }
    for (int k = 0; k < f.c; ++k) slots.push_back(builder.load(static_cast<Source>(f.b), mocap * f.c + k));
  }
  return make_value(static_cast<int>(ids.size()), f.c, std::move(slots));
}

// Joint coordinates: f.a 0 for positions, 1 for velocities; f.b the source. Without names: all of them.
Value joint_values(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const mjModel* m = builder.scope().model;
  std::vector<int> slots;
  const auto load = [&](int index) { slots.push_back(builder.load(static_cast<Source>(f.b), index)); };
  if (call.children.empty()) {
    const int count = static_cast<int>(f.a == 0 ? m->nq : m->nv);
    for (int i = 0; i < count; ++i) load(i);
  }
  for (const int id : resolve_all(builder, mjOBJ_JOINT, call)) {
    static constexpr int kWidth[2][4] = {{7, 4, 1, 1}, {6, 3, 1, 1}};
    const int start = f.a == 0 ? m->jnt_qposadr[id] : m->jnt_dofadr[id];
    for (int k = 0; k < kWidth[f.a][m->jnt_type[id]]; ++k) load(start + k);
  }
  if (slots.empty()) throw ExpressionError(call.offset, "the model has no joints");
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

// Lower or upper end (f.a) of the ranges of joints from source f.b.
Value range_values(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  std::vector<int> slots;
  for (const int id : resolve_some(builder, mjOBJ_JOINT, call)) {
    slots.push_back(builder.load(static_cast<Source>(f.b), 2 * id + f.a));
  }
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

Value sensor_values(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const mjModel* m = builder.scope().model;
  const std::vector<int> ids = resolve_some(builder, mjOBJ_SENSOR, call);
  std::vector<int> slots;
  bool same = true;
  for (const int id : ids) {
    same = same && m->sensor_dim[id] == m->sensor_dim[ids[0]];
    for (int k = 0; k < m->sensor_dim[id]; ++k) {
      slots.push_back(builder.load(Source::kSensor, m->sensor_adr[id] + k));
    }
  }
  const int width =
      same && (m->sensor_dim[ids[0]] == 3 || m->sensor_dim[ids[0]] == 4) ? m->sensor_dim[ids[0]] : 1;
  const int rows = static_cast<int>(slots.size()) / width;
  return make_value(rows, width, std::move(slots));
}

Value subtree_linvel(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const std::vector<int> ids = resolve_some(builder, mjOBJ_BODY, call);
  std::vector<int> slots;
  for (const int id : ids) {
    const int out = builder.emit(Op::kSubtreeLinvel, {id}, 3);
    slots.insert(slots.end(), {out, out + 1, out + 2});
  }
  return make_value(static_cast<int>(ids.size()), 3, std::move(slots));
}

// Velocity of objects of mjtObj f.a (mjOBJ_XBODY: the body frame); f.b 0 angular, 3 linear;
// f.c: in the local frame.
Value object_velocity(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const std::vector<int> ids = resolve_some(builder, f.a == mjOBJ_XBODY ? mjOBJ_BODY : f.a, call);
  std::vector<int> slots;
  for (const int id : ids) {
    const int out = builder.emit(Op::kObjectVelocity, {f.a, id, f.c}, 6) + f.b;
    slots.insert(slots.end(), {out, out + 1, out + 2});
  }
  return make_value(static_cast<int>(ids.size()), 3, std::move(slots));
}

// Geoms named by `node`; "body:NAME" means every geom of the matching bodies.
std::vector<uint8_t> geom_members(ProgramBuilder& builder, const SyntaxNode& node) {
  const mjModel* m = builder.scope().model;
  std::vector<uint8_t> members(static_cast<size_t>(m->ngeom), 0);
  if (node.kind == SyntaxNode::Kind::kList) {
    for (const SyntaxNode& item : node.children) {
      const std::vector<uint8_t> part = geom_members(builder, item);
      for (size_t i = 0; i < part.size(); ++i) members[i] |= part[i];
    }
  } else if (node.kind == SyntaxNode::Kind::kString && node.text.starts_with("body:")) {
    SyntaxNode name = node;
    name.text = node.text.substr(5);
    for (const int body : builder.resolve(mjOBJ_BODY, name)) {
      for (int k = 0; k < m->body_geomnum[body]; ++k) members[m->body_geomadr[body] + k] = 1;
    }
  } else if (node.kind == SyntaxNode::Kind::kString && node.text == "*") {
    std::fill(members.begin(), members.end(), 1);
  } else {
    for (const int geom : builder.resolve(mjOBJ_GEOM, node)) members[static_cast<size_t>(geom)] = 1;
  }
  return members;
}

Value contact_value(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const auto args = bind_arguments(call, {"a", "b"}, 2);
  const int a = builder.geom_set(geom_members(builder, *args[0]));
  const int b = builder.geom_set(geom_members(builder, *args[1]));
  return make_value(1, 1, {builder.emit(static_cast<Op>(f.a), {a, b})});
}

Value single(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  bind_arguments(call, {}, 0);
  return make_value(1, 1, {builder.load(static_cast<Source>(f.a), 0)});
}

Value gravity(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  bind_arguments(call, {}, 0);
  std::vector<int> slots;
  slots.reserve(3);
  for (int k = 0; k < 3; ++k) slots.push_back(builder.load(Source::kModelGravity, k));
  return make_value(1, 3, std::move(slots));
}

int keyframe_of(const mjModel* m, const SyntaxNode& node) {
  const bool number = node.kind == SyntaxNode::Kind::kNumber && std::abs(node.number) < 1e9 &&
                      node.number == std::floor(node.number);
  if (!number && node.kind != SyntaxNode::Kind::kString)
    throw ExpressionError(node.offset, "expected the name of a keyframe in quotes, or its number");
  try {
    return number ? find_keyframe(m, static_cast<int64_t>(node.number)) : find_keyframe(m, node.text);
  } catch (const base::UserError& error) {
    throw ExpressionError(node.offset, error.what());
  }
}

Value key_qpos(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const mjModel* m = builder.scope().model;
  const auto args = bind_arguments(call, {"keyframe", "joints"}, 1);
  std::vector<int> slots;
  const int base = keyframe_of(m, *args[0]) * static_cast<int>(m->nq);
  if (args[1] == nullptr) {
    slots.reserve(m->nq);
    for (int i = 0; i < m->nq; ++i) slots.push_back(builder.load(Source::kModelKeyQpos, base + i));
  } else {
    for (const int id : builder.resolve(mjOBJ_JOINT, *args[1])) {
      const int width = m->jnt_type[id] == mjJNT_FREE ? 7 : m->jnt_type[id] == mjJNT_BALL ? 4 : 1;
      for (int k = 0; k < width; ++k) {
        slots.push_back(builder.load(Source::kModelKeyQpos, base + m->jnt_qposadr[id] + k));
      }
    }
  }
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

// The policy's last action (f.a 0) or the one before (1), as sent and clipped, before delay and mapping.
Value action_value(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  bind_arguments(call, {}, 0);
  const Scope& scope = builder.scope();
  int& offset = f.a == 0 ? scope.layout->action : scope.layout->previous_action;
  if (offset < 0) offset = scope.layout->allocate(scope.action_dim);
  std::vector<int> slots;
  slots.reserve(scope.action_dim);
  for (int i = 0; i < scope.action_dim; ++i) slots.push_back(builder.load(Source::kTaskState, offset + i));
  if (slots.empty()) throw ExpressionError(call.offset, "the task has no actions");
  return make_value(scope.action_dim, 1, std::move(slots));
}

Value command_value(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"name"}, 1);
  std::vector<std::string> names;
  for (const NamedState& command : builder.scope().commands) {
    names.push_back(command.name);
    if (args[0]->kind != SyntaxNode::Kind::kString || args[0]->text != command.name) continue;
    std::vector<int> slots;
    slots.reserve(command.size);
    for (int i = 0; i < command.size; ++i)
      slots.push_back(builder.load(Source::kTaskState, command.offset + i));
    return make_value(command.size, 1, std::move(slots));
  }
  throw ExpressionError(args[0]->offset, fmt::format("no command '{}'{}", args[0]->text,
                                                     base::did_you_mean(args[0]->text, names)));
}

int as_int(Source source) { return static_cast<int>(source); }
int as_int(Op op) { return static_cast<int>(op); }

std::vector<Function> joint_functions() {
  return {
      {"time", "time()", "simulated seconds since the reset", single, as_int(Source::kTime)},
      {"ncon", "ncon()", "number of contacts", single, as_int(Source::kNcon)},
      {"gravity", "gravity()", "gravity [3]", gravity},
      {"qpos", "qpos(joint...)", "joint positions; all without names", joint_values, 0,
       as_int(Source::kQpos)},
      {"qvel", "qvel(joint...)", "joint velocities; all without names", joint_values, 1,
       as_int(Source::kQvel)},
      {"qacc", "qacc(joint...)", "joint accelerations of the last solve", joint_values, 1,
       as_int(Source::kQacc)},
      {"qpos0", "qpos0(joint...)", "the model's reference positions", joint_values, 0,
       as_int(Source::kModelQpos0)},
      {"joint_torque", "joint_torque(joint...)", "actuator forces in joint space", joint_values, 1,
       as_int(Source::kQfrcActuator)},
      {"joint_low", "joint_low(joint...)", "lower limits", range_values, 0, as_int(Source::kModelJointRange)},
      {"joint_high", "joint_high(joint...)", "upper limits", range_values, 1,
       as_int(Source::kModelJointRange)},
      {"key_qpos", "key_qpos(keyframe, joints)", "joint positions of a keyframe", key_qpos},
  };
}

std::vector<Function> frame_functions() {
  return {
      {"xpos", "xpos(body...)", "positions of body frames, one row each", rows_of, mjOBJ_BODY,
       as_int(Source::kXpos), 3},
      {"xipos", "xipos(body...)", "positions of body centres of mass", rows_of, mjOBJ_BODY,
       as_int(Source::kXipos), 3},
      {"xquat", "xquat(body...)", "body orientations (w x y z)", rows_of, mjOBJ_BODY, as_int(Source::kXquat),
       4},
      {"xmat", "xmat(body...)", "body rotation matrices; .zx is row z, column x", rows_of, mjOBJ_BODY,
       as_int(Source::kXmat), 9},
      {"geom_xpos", "geom_xpos(geom...)", "geom positions", rows_of, mjOBJ_GEOM, as_int(Source::kGeomXpos),
       3},
      {"geom_xmat", "geom_xmat(geom...)", "geom rotation matrices", rows_of, mjOBJ_GEOM,
       as_int(Source::kGeomXmat), 9},
      {"geom_size", "geom_size(geom...)", "geom sizes", rows_of, mjOBJ_GEOM, as_int(Source::kModelGeomSize),
       3},
      {"site_xpos", "site_xpos(site...)", "site positions", rows_of, mjOBJ_SITE, as_int(Source::kSiteXpos),
       3},
      {"site_xmat", "site_xmat(site...)", "site rotation matrices", rows_of, mjOBJ_SITE,
       as_int(Source::kSiteXmat), 9},
      {"site_size", "site_size(site...)", "site sizes", rows_of, mjOBJ_SITE, as_int(Source::kModelSiteSize),
       3},
      {"body_mass", "body_mass(body...)", "masses", rows_of, mjOBJ_BODY, as_int(Source::kModelBodyMass), 1},
      {"subtree_mass", "subtree_mass(body...)", "masses of subtrees", rows_of, mjOBJ_BODY,
       as_int(Source::kModelSubtreeMass), 1},
      {"subtree_com", "subtree_com(body...)", "centres of mass of subtrees", rows_of, mjOBJ_BODY,
       as_int(Source::kSubtreeCom), 3},
      {"subtree_linvel", "subtree_linvel(body...)", "velocities of subtree centres of mass", subtree_linvel},
      {"mocap_pos", "mocap_pos(body...)", "positions of mocap bodies", mocap_rows, 0,
       as_int(Source::kMocapPos), 3},
      {"mocap_quat", "mocap_quat(body...)", "orientations of mocap bodies", mocap_rows, 0,
       as_int(Source::kMocapQuat), 4},
      {"linvel", "linvel(body...)", "linear velocities of body frames, world axes", object_velocity,
       mjOBJ_XBODY, 3, 0},
      {"angvel", "angvel(body...)", "angular velocities, world axes", object_velocity, mjOBJ_XBODY, 0, 0},
      {"local_linvel", "local_linvel(body...)", "linear velocities in body axes", object_velocity,
       mjOBJ_XBODY, 3, 1},
      {"local_angvel", "local_angvel(body...)", "angular velocities in body axes", object_velocity,
       mjOBJ_XBODY, 0, 1},
      {"site_linvel", "site_linvel(site...)", "linear velocities of sites, world axes", object_velocity,
       mjOBJ_SITE, 3, 0},
      {"site_angvel", "site_angvel(site...)", "angular velocities of sites, world axes", object_velocity,
       mjOBJ_SITE, 0, 0},
      {"sensor", "sensor(name...)", "sensor readings", sensor_values},
      {"contacts", "contacts(a, b)",
       "contacts between two sets of geoms; \"body:NAME\" is all geoms of a body", contact_value,
       as_int(Op::kContactCount)},
      {"contact_force", "contact_force(a, b)", "sum of normal forces of those contacts, last solve",
       contact_value, as_int(Op::kContactForce)},
      {"action", "action()", "the policy's last action", action_value, 0},
      {"previous_action", "previous_action()", "the action before it", action_value, 1},
      {"command", "command(name)", "the current goal of a [[command]]", command_value},
  };
}

}  // namespace

std::vector<Function> state_functions() {
  std::vector<Function> out = joint_functions();
  for (const auto& part : {actuator_functions(), frame_functions()})
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace reverie::sim
