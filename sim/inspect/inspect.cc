#include "sim/inspect/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "sim/model_guard.h"
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
    default:
      return "slider-crank";
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

// Random controls, each held for 0.02 s: three times four seconds, shorter for large models.
bool survives_controls(mjModel* m, mjData* d, double share) {
  const int hold = std::max(1, static_cast<int>(std::round(0.02 / m->opt.timestep)));
  const int steps = static_cast<int>(std::min(4.0 / m->opt.timestep, 100000.0 / static_cast<double>(m->nv)));
  for (int i = 0; i < 3 * steps; ++i) {
    if (i % steps == 0) {
      mj_resetData(m, d);
      if (m->nkey > 0) mj_resetDataKeyframe(m, d, 0);
    }
    contract::Rng rng(0, 0, contract::Stream::kPolicy, static_cast<uint64_t>(i));
    for (int64_t k = 0; k < m->nu && i % hold == 0; ++k) {
      const bool limited = m->actuator_ctrllimited[k] != 0;
      const double low = limited ? m->actuator_ctrlrange[2 * k] : -1.0,
                   high = limited ? m->actuator_ctrlrange[2 * k + 1] : 1.0;
      d->ctrl[k] = (low + high) / 2 + share * (rng.uniform() - 0.5) * (high - low);
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
    const bool fine = survives_controls(m, d, share);
    if (fine) facts.suggested_timestep = m->opt.timestep, facts.suggested_controls = share;
    m->opt.timestep = timestep;
    return fine;
  };
  for (const double share : {1.0, 0.1, 0.01, 0.001, 0.0001}) {
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

ModelFacts facts_of(mjModel* m, const std::string& path) {
  ModelFacts facts;
  facts.path = path;
  facts.name = m->names;
  facts.nq = static_cast<int>(m->nq), facts.nv = static_cast<int>(m->nv), facts.na = static_cast<int>(m->na);
  facts.geoms = static_cast<int>(m->ngeom), facts.sensors = static_cast<int>(m->nsensor);
  facts.tendons = static_cast<int>(m->ntendon), facts.equalities = static_cast<int>(m->neq);
  facts.timestep = m->opt.timestep;
  facts.suggested_control_dt = facts.timestep * std::max(1.0, std::round(0.02 / facts.timestep));
  facts.integrator = integrator_name(m->opt.integrator);
  add_bodies(m, facts);
  for (int i = 0; i < m->njnt; ++i) {
    const double* range = m->jnt_range + int64_t{2} * i;
    facts.joints.push_back({object_name(m, mjOBJ_JOINT, i), joint_type(m->jnt_type[i]),
                            object_name(m, mjOBJ_BODY, m->jnt_bodyid[i]), m->jnt_limited[i] != 0, range[0],
                            range[1], m->dof_M0[m->jnt_dofadr[i]],
                            1.0 / std::max(mjMINVAL, m->dof_invweight0[m->jnt_dofadr[i]])});
  }
  for (int i = 0; i < m->nu; ++i) {
    const double* range = m->actuator_ctrlrange + int64_t{2} * i;
    facts.actuators.push_back({object_name(m, mjOBJ_ACTUATOR, i), driven_by(m, i),
                               m->actuator_ctrllimited[i] != 0, range[0], range[1]});
  }
  facts.sensor_names = named(m, mjOBJ_SENSOR);
  facts.keyframes = named(m, mjOBJ_KEY);
  facts.cameras = named(m, mjOBJ_CAMERA);
  const DataPtr data = make_data(m);
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
