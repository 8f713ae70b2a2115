#include "sim/task/joint_noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace reverie::sim {
namespace {

constexpr int kTries = 50;

double& position(const mjModel* m, mjData* d, int joint) { return d->qpos[m->jnt_qposadr[joint]]; }

double into_range(const mjModel* m, int joint, double q) {
  const double* range = m->jnt_range + int64_t{2} * joint;
  return m->jnt_limited[joint] ? std::clamp(q, range[0], range[1]) : q;
}

// The joints between a body and the world.
void mark_chain(const mjModel* m, int body, std::vector<bool>& held) {
  for (; body > 0; body = m->body_parentid[body]) {
    for (int k = 0; k < m->body_jntnum[body]; ++k) held[m->body_jntadr[body] + k] = true;
  }
}

void mark_tendon(const mjModel* m, int tendon, std::vector<bool>& held) {
  for (int w = m->tendon_adr[tendon]; w < m->tendon_adr[tendon] + m->tendon_num[tendon]; ++w) {
    if (m->wrap_type[w] == mjWRAP_JOINT) held[m->wrap_objid[w]] = true;
    if (m->wrap_type[w] == mjWRAP_SITE) mark_chain(m, m->site_bodyid[m->wrap_objid[w]], held);
  }
}

// Joints that an active equality ties to something: noise of their own would break it.
std::vector<bool> held_joints(const mjModel* m) {
  std::vector<bool> held(static_cast<size_t>(m->njnt));
  for (int e = 0; e < m->neq; ++e) {
    if (!m->eq_active0[e]) continue;
    const int first = m->eq_obj1id[e], second = m->eq_obj2id[e];
    switch (m->eq_type[e]) {
      case mjEQ_JOINT:
        held[first] = true;
        break;
      case mjEQ_TENDON:
        mark_tendon(m, first, held);
        if (second >= 0) mark_tendon(m, second, held);
        break;
      case mjEQ_CONNECT:
      case mjEQ_WELD:
        for (const int object : {first, second})
          mark_chain(m, m->eq_objtype[e] == mjOBJ_SITE ? m->site_bodyid[object] : object, held);
        break;
      default:
        break;  // flexes have no joints that this could move
    }
  }
  return held;
}

// Where the equality `e` wants its first joint.
double tied_position(const mjModel* m, mjData* d, int e) {
  const int first = m->eq_obj1id[e], second = m->eq_obj2id[e];
  const double* polynomial = m->eq_data + int64_t{mjNEQDATA} * e;
  const double x = second < 0 ? 0.0 : position(m, d, second) - m->qpos0[m->jnt_qposadr[second]];
  double sum = 0.0;
  for (int k = 4; k >= 0; --k) sum = sum * x + polynomial[k];
  return m->qpos0[m->jnt_qposadr[first]] + sum;
}

// Ties may hang on ties: as many rounds as there are equalities. False when a follower left its range.
bool follow_ties(const mjModel* m, mjData* d) {
  bool inside = true, moved = true;
  for (int round = 0; moved && round < m->neq; ++round) {
    moved = false, inside = true;
    for (int e = 0; e < m->neq; ++e) {
      if (m->eq_type[e] != mjEQ_JOINT || !d->eq_active[e]) continue;
      const int joint = m->eq_obj1id[e];
      const double q = tied_position(m, d, e);
      moved |= q != position(m, d, joint);
      position(m, d, joint) = q;
      inside &= std::abs(into_range(m, joint, q) - q) < 1e-9;
    }
  }
  return inside;
}

}  // namespace

std::vector<int> loose_joints(const mjModel* model, std::vector<int> joints) {
  const std::vector<bool> held = held_joints(model);
  std::erase_if(joints, [&](int joint) {
    return held[joint] || (model->jnt_type[joint] != mjJNT_HINGE && model->jnt_type[joint] != mjJNT_SLIDE);
  });
  return joints;
}

void add_joint_noise(const JointNoise& noise, const mjModel* model, mjData* data, std::span<double> scratch,
                     contract::Rng& rng) {
  for (const int joint : noise.joints)
    position(model, data, joint) = into_range(model, joint, position(model, data, joint));
  std::copy(data->qpos, data->qpos + model->nq, scratch.begin());
  for (int attempt = 0; attempt < kTries; ++attempt) {
    for (const int joint : noise.joints) {
      const double* range = model->jnt_range + int64_t{2} * joint;
      const double width =
          model->jnt_limited[joint] ? std::min(noise.most, noise.share * (range[1] - range[0])) : noise.most;
      const double q = scratch[static_cast<size_t>(model->jnt_qposadr[joint])];
      position(model, data, joint) =
          rng.uniform(into_range(model, joint, q - width), into_range(model, joint, q + width));
    }
    if (follow_ties(model, data)) return;
  }
  // The start itself puts a follower outside its range: noise does not help.
  std::copy_n(scratch.begin(), model->nq, data->qpos);
  follow_ties(model, data);
}

}  // namespace reverie::sim
