#include "sim/inspect/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "contract/rng.h"
#include "sim/controls.h"
#include "sim/inspect/facts.h"
#include "sim/model_guard.h"
#include "sim/robot.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {
namespace {

const char* joint_type(int type) {
  switch (type) {
    case mjJNT_FREE:
      return "free";
    case mjJNT_BALL:
      return "ball";
    case mjJNT_SLIDE:
      return "slide";
    default:
      return "hinge";
  }
}

const char* integrator_name(int integrator) {
  switch (integrator) {
    case mjINT_EULER:
      return "Euler";
    case mjINT_RK4:
      return "RK4";
    case mjINT_IMPLICIT:
      return "implicit";
    default:
      return "implicitfast";
  }
}

// An orientation servo turns a ball joint, or a site against another one.
std::string target_of_turn(const mjModel* m, int actuator) {
  const int* ids = m->actuator_trnid + int64_t{2} * actuator;
  if (ids[1] < 0) return "joint " + object_name(m, mjOBJ_JOINT, ids[0]);
  return fmt::format("site {} against {}", object_name(m, mjOBJ_SITE, ids[0]),
                     object_name(m, mjOBJ_SITE, ids[1]));
}

std::string driven_by(const mjModel* m, int actuator) {
  const int target = m->actuator_trnid[int64_t{2} * actuator];
  switch (m->actuator_trntype[actuator]) {
    case mjTRN_JOINT:
    case mjTRN_JOINTINPARENT:
      return "joint " + object_name(m, mjOBJ_JOINT, target);
    case mjTRN_TENDON:
      return "tendon " + object_name(m, mjOBJ_TENDON, target);
    case mjTRN_SITE:
      return "site " + object_name(m, mjOBJ_SITE, target);
    case mjTRN_BODY:
      return "body " + object_name(m, mjOBJ_BODY, target);
    case mjTRN_SO3:
      return target_of_turn(m, actuator);
    default:
      return "slider-crank " + object_name(m, mjOBJ_SITE, target);
  }
}

std::vector<std::string> named(const mjModel* m, int type) {
  std::vector<std::string> out = object_names(m, type);
  std::erase(out, "");
  return out;
}

std::string geom_label(const mjModel* m, int geom) {
  const std::string name = object_name(m, mjOBJ_GEOM, geom);
  return name.empty() ? fmt::format("{} of {}", geom, object_name(m, mjOBJ_BODY, m->geom_bodyid[geom]))
                      : name;
}

void add_initial_contacts(const mjModel* m, mjData* d, ModelFacts& facts) {
  for (int i = 0; i < d->ncon; ++i) {
    const mjContact& contact = d->contact[i];
    if (contact.geom[0] < 0 || contact.geom[1] < 0) continue;
    facts.initial_contacts.push_back(fmt::format("{} - {} ({:.3g} m)", geom_label(m, contact.geom[0]),
                                                 geom_label(m, contact.geom[1]), contact.dist));
  }
}

// Two seconds of free motion, or what 2,000 steps are.
void measure_energy(mjModel* m, mjData* d, ModelFacts& facts) {
  m->opt.enableflags |= mjENBL_ENERGY;
  m->opt.disableflags |= mjDSBL_ACTUATION;
  mj_resetData(m, d);
  mj_forward(m, d);
  facts.energy = d->energy[0] + d->energy[1];
  const int steps = static_cast<int>(std::min(2000.0, std::ceil(2.0 / m->opt.timestep)));
  facts.energy_seconds = steps * m->opt.timestep;
  for (int i = 0; i < steps; ++i) {
    mj_step(m, d);
    for (const int kind : {mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC})
      facts.stable &= d->warning[kind].number == 0;
    if (!facts.stable) return;
    mj_energyPos(m, d);
    mj_energyVel(m, d);
    facts.energy_rise = std::max(facts.energy_rise, d->energy[0] + d->energy[1] - facts.energy);
  }
}

void start(const mjModel* m, mjData* d, int key) {
  if (key < 0) {
    mj_resetData(m, d);
  } else {
    mj_resetDataKeyframe(m, d, key);
  }
}

// Random controls around the start's, each held for 0.02 s: three times four seconds, shorter for large models.
bool survives_controls(mjModel* m, mjData* d, const ModelFacts& facts, double share) {
  const int hold = std::max(1, static_cast<int>(std::round(0.02 / m->opt.timestep)));
  const int steps = static_cast<int>(std::min(4.0 / m->opt.timestep, 100000.0 / static_cast<double>(m->nv)));
  for (int i = 0; i < 3 * steps; ++i) {
    if (i % steps == 0) start(m, d, facts.start_key);
    contract::Rng rng(0, 0, contract::Stream::kPolicy, static_cast<uint64_t>(i));
    for (int64_t k = 0; k < m->nu && i % hold == 0; ++k) {
      const ControlRange range = control_range(m, static_cast<int>(k));
      const double rest = facts.actuators[k].rest;
      const double part = rng.uniform(std::max(-1.0, rest - share), std::min(1.0, rest + share));
      d->ctrl[k] = (range.low + range.high) / 2 + part * (range.high - range.low) / 2;
    }
    mj_step(m, d);
    for (const int kind : {mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC, mjWARN_BADCTRL})
      if (d->warning[kind].number > 0) return false;
  }
  return true;
}

void suggest_rates(mjModel* m, mjData* d, ModelFacts& facts) {
  const double timestep = m->opt.timestep;
  const auto works = [&](double part, double share) {
    m->opt.timestep = timestep * part;
    const bool fine = survives_controls(m, d, facts, share);
    if (fine) facts.suggested_timestep = m->opt.timestep, facts.suggested_controls = share;
    m->opt.timestep = timestep;
    return fine;
  };
  for (const double share : {1.0, 0.1, 0.01}) {  // with less, a policy could do nothing
    for (const double part : {1.0, 0.5, 0.25, 0.125}) {
      if (!works(part, share)) continue;
      if (part < 1.0) works(part / 2, share);  // a margin: longer runs find worse states
      return;
    }
  }
}

void add_bodies(const mjModel* m, ModelFacts& facts) {
  facts.bodies = static_cast<int>(m->nbody);
  facts.body_names = named(m, mjOBJ_BODY);
  for (int body = 1; body < m->nbody; ++body) {
    facts.total_mass += m->body_mass[body];
    if (m->body_mocapid[body] >= 0) facts.mocap_bodies.push_back(object_name(m, mjOBJ_BODY, body));
    if (m->body_mass[body] == 0.0 && m->body_dofnum[body] > 0)
      facts.massless.push_back(object_name(m, mjOBJ_BODY, body));
  }
}

// "home" or "stand", whatever their case, else the first.
int start_key_of(const std::vector<std::string>& names) {
  for (const std::string_view wanted : {"home", "stand"}) {
    for (size_t i = 0; i < names.size(); ++i) {
      const bool same =
          std::ranges::equal(names[i], wanted, [](char a, char b) { return std::tolower(a) == b; });
      if (same) return static_cast<int>(i);
    }
  }
  return names.empty() ? -1 : 0;
}

// Which component of a rotation matrix tells that the body stands as it does now.
std::string up_component(const double* xmat) {
  int best = 2;
  for (const int axis : {1, 0})
    if (std::abs(xmat[6 + axis]) > std::abs(xmat[6 + best]) + 1e-6) best = axis;
  return std::string(xmat[6 + best] < 0.0 ? "-z" : "z") + "xyz"[best];
}

bool can_have_servo(const mjModel* m, int joint) {
  return (m->jnt_type[joint] == mjJNT_HINGE || m->jnt_type[joint] == mjJNT_SLIDE) &&
         !object_name(m, mjOBJ_JOINT, joint).empty();
}

// `d` is at the start.
void add_robots(const mjModel* m, const mjData* d, ModelFacts& facts) {
  std::vector<bool> robot = driven_trees(m);
  for (int j = 0; j < m->njnt && m->nu == 0; ++j)
    if (can_have_servo(m, j)) robot[m->body_treeid[m->jnt_bodyid[j]]] = true;
  for (int tree = 0; tree < m->ntree; ++tree) {
    const int root = root_of_tree(m, tree);
    const std::string name = object_name(m, mjOBJ_BODY, root);
    if (!robot[tree]) {
      facts.objects.push_back(name.empty() ? fmt::format("(body {})", root) : name);
      continue;
    }
    RobotFacts out{name, is_floating(m, tree), false, up_component(d->xmat + int64_t{9} * root)};
    for (int j = 0; j < m->njnt; ++j)
      out.hinged |= m->jnt_type[j] == mjJNT_HINGE && m->body_treeid[m->jnt_bodyid[j]] == tree;
    facts.robots.push_back(std::move(out));
  }
}

void add_outside(const mjModel* m, const mjData* d, const std::string& where, ModelFacts& facts) {
  for (int j = 0; j < m->njnt; ++j) {
    if (!m->jnt_limited[j] || (m->jnt_type[j] != mjJNT_HINGE && m->jnt_type[j] != mjJNT_SLIDE)) continue;
    const double q = d->qpos[m->jnt_qposadr[j]], low = m->jnt_range[2 * j], high = m->jnt_range[2 * j + 1];
    if (q >= low - 1e-6 && q <= high + 1e-6) continue;
    const std::string name = object_name(m, mjOBJ_JOINT, j);
    facts.outside.push_back(fmt::format("{} ({:.4g} in {}, range {})",
                                        name.empty() ? fmt::format("joint {}", j) : name, q, where,
                                        range_text(true, low, high)));
  }
}

// Where a first task begins: its keyframe, its robots, and the joints that it puts outside their range.
void add_start(const mjModel* m, mjData* d, ModelFacts& facts) {
  facts.keyframes = object_names(m, mjOBJ_KEY);
  facts.start_key = start_key_of(facts.keyframes);
  start(m, d, -1);
  add_outside(m, d, "the reference pose", facts);
  start(m, d, facts.start_key);
  if (facts.start_key >= 0) {
    const auto reference = facts.outside.size();
    add_outside(m, d, keyframe_label(facts, facts.start_key), facts);
    facts.start_outside.assign(facts.outside.begin() + static_cast<int64_t>(reference), facts.outside.end());
  } else {
    facts.start_outside = facts.outside;
  }
  mj_kinematics(m, d);
  add_robots(m, d, facts);
  for (int i = 0; i < m->nu; ++i) {
    const ControlRange range = control_range(m, i);
    const double middle = (range.low + range.high) / 2, half = (range.high - range.low) / 2;
    facts.actuators[i].known = range.known;
    facts.actuators[i].rest = std::clamp((d->ctrl[i] - middle) / half, -1.0, 1.0);
  }
  for (int e = 0; e < m->neq; ++e)
    if (m->eq_type[e] == mjEQ_JOINT && m->eq_active0[e]) facts.joints[m->eq_obj1id[e]].follows = true;
}

ModelFacts facts_of(mjModel* m, const std::string& path) {
  ModelFacts facts;
  facts.path = path;
  facts.name = m->names;
  facts.nq = static_cast<int>(m->nq), facts.nv = static_cast<int>(m->nv), facts.na = static_cast<int>(m->na);
  facts.geoms = static_cast<int>(m->ngeom), facts.sensors = static_cast<int>(m->nsensor);
  facts.tendons = static_cast<int>(m->ntendon), facts.equalities = static_cast<int>(m->neq);
  facts.timestep = m->opt.timestep;
  facts.suggested_control_dt = facts.timestep * std::clamp(std::round(0.02 / facts.timestep), 1.0, 10000.0);
  facts.integrator = integrator_name(m->opt.integrator);
  add_bodies(m, facts);
  for (int i = 0; i < m->njnt; ++i) {
    const double* range = m->jnt_range + int64_t{2} * i;
    facts.joints.push_back({object_name(m, mjOBJ_JOINT, i), joint_type(m->jnt_type[i]),
                            object_name(m, mjOBJ_BODY, m->jnt_bodyid[i]), m->jnt_limited[i] != 0, range[0],
                            range[1], m->dof_M0[m->jnt_dofadr[i]],
                            1.0 / std::max(mjMINVAL, m->dof_invweight0[m->jnt_dofadr[i]]), false});
  }
  const std::vector<Control> controls = list_controls(m);
  for (int i = 0; i < m->nu; ++i) {
    const double* range = m->actuator_ctrlrange + int64_t{2} * i;
    facts.actuators.push_back({controls[i].name, driven_by(m, controls[i].actuator),
                               m->actuator_ctrllimited[i] != 0, range[0], range[1], false, 0.0});
  }
  facts.sensor_names = named(m, mjOBJ_SENSOR);
  for (int i = 0; i < m->nsensor; ++i)
    if (!object_name(m, mjOBJ_SENSOR, i).empty()) facts.sensor_sizes.push_back(m->sensor_dim[i]);
  facts.cameras = named(m, mjOBJ_CAMERA);
  const DataPtr data = make_data(m);
  add_start(m, data.get(), facts);
  mj_resetData(m, data.get());
  mj_forward(m, data.get());
  add_initial_contacts(m, data.get(), facts);
  if (m->nv > 0) suggest_rates(m, data.get(), facts);
  measure_energy(m, data.get(), facts);
  return facts;
}

}  // namespace

ModelFacts inspect_model(const std::filesystem::path& mjcf) {
  check_in_child(mjcf, [&] { exercise(load_model(mjcf).get()); });
  take_warnings();
  const ModelPtr model = load_model(mjcf);
  ModelFacts facts = facts_of(model.get(), mjcf.string());
  facts.warnings = take_warnings();
  return facts;
}

}  // namespace reverie::sim
