#include "sim/mechanics/ignored.h"

#include <algorithm>
#include <cmath>

#include "sim/mechanics/collisions.h"
#include "sim/mechanics/kinematics.h"

namespace reverie::sim {
namespace {

constexpr double kParallel = 1e-9;
constexpr uint64_t kMoves = 4;
constexpr double kMove = 1.7;   // m
constexpr double kSame = 1e-6;  // of numbers up to 1, and of the size of larger ones: solvers round

bool are_perpendicular(const double* a, const double* direction) {
  return std::abs(mju_dot3(a, direction)) <= kParallel * mju_norm3(a);
}

// Everything above `joint` slides.
bool hangs_on_slides(const mjModel* m, int joint) {
  for (int body = m->jnt_bodyid[joint]; body > 0; body = m->body_parentid[body]) {
    if (m->body_mocapid[body] >= 0) return false;
    for (int j = m->body_jntadr[body]; j < m->body_jntadr[body] + m->body_jntnum[body]; ++j)
      if (j < joint && m->jnt_type[j] != mjJNT_SLIDE) return false;
  }
  return true;
}

bool has_spring(const mjModel* m, int joint) {
  const double* more = m->jnt_stiffnesspoly + int64_t{mjNPOLY} * joint;
  return m->jnt_stiffness[joint] != 0.0 ||
         std::any_of(more, more + mjNPOLY, [](double x) { return x != 0.0; });
}

// A static plane along the direction is all that a carried geom may touch.
bool touches_more(const mjModel* m, const mjData* d, const double* direction,
                  const std::vector<bool>& carried) {
  for (int geom = 0; geom < m->ngeom; ++geom) {
    if (carried[m->geom_bodyid[geom]]) continue;
    const double* xmat = d->geom_xmat + int64_t{9} * geom;
    const double normal[3] = {xmat[2], xmat[5], xmat[8]};
    if (is_fixed_plane(m, geom) && are_perpendicular(normal, direction)) continue;
    for (int other = 0; other < m->ngeom; ++other)
      if (carried[m->geom_bodyid[other]] && can_touch(m, geom, other)) return true;
  }
  return false;
}

// An object list of which some are carried and some are not.
class Sides {
 public:
  Sides(const mjModel* m, const std::vector<bool>& carried) : m_(m), carried_(carried) {}
  void add_body(int body) { (carried_[body] ? inside_ : outside_) = true; }
  void add_site(int site) { add_body(m_->site_bodyid[site]); }
  void add_geom(int geom) { add_body(m_->geom_bodyid[geom]); }
  bool crossed() const { return inside_ && outside_; }

 private:
  const mjModel* m_;
  const std::vector<bool>& carried_;
  bool inside_ = false, outside_ = false;
};

bool is_tied(const mjModel* m, int joint, const std::vector<bool>& carried) {
  for (int e = 0; e < m->neq; ++e) {
    const int first = m->eq_obj1id[e], second = m->eq_obj2id[e];
    if (m->eq_type[e] == mjEQ_JOINT && (first == joint || second == joint)) return true;
    if (m->eq_type[e] != mjEQ_CONNECT && m->eq_type[e] != mjEQ_WELD) continue;
    Sides sides(m, carried);
    for (const int object : {first, second})
      m->eq_objtype[e] == mjOBJ_SITE ? sides.add_site(object) : sides.add_body(object);
    if (sides.crossed()) return true;
  }
  for (int tendon = 0; tendon < m->ntendon; ++tendon) {
    Sides sides(m, carried);
    for (int w = m->tendon_adr[tendon]; w < m->tendon_adr[tendon] + m->tendon_num[tendon]; ++w) {
      const int type = m->wrap_type[w], object = m->wrap_objid[w];
      if (type == mjWRAP_JOINT && object == joint) return true;
      if (type == mjWRAP_SITE) sides.add_site(object);
      if (type == mjWRAP_SPHERE || type == mjWRAP_CYLINDER) sides.add_geom(object);
    }
    if (sides.crossed()) return true;
  }
  return false;
}

// An actuator at the joint itself, or between sites of which only one is carried.
bool is_driven(const mjModel* m, int joint, const std::vector<bool>& carried) {
  for (int i = 0; i < m->nactuator; ++i) {
    const int* target = m->actuator_trnid + int64_t{2} * i;
    Sides sides(m, carried);
    switch (m->actuator_trntype[i]) {
      case mjTRN_JOINT:
      case mjTRN_JOINTINPARENT:
        if (target[0] == joint) return true;
        break;
      case mjTRN_SITE:
      case mjTRN_SLIDERCRANK:
        for (int k = 0; k < 2; ++k)
          if (target[k] >= 0) sides.add_site(target[k]);
        break;
      default:
        break;
    }
    if (sides.crossed()) return true;
  }
  return false;
}

// What a model of the world has to know of a state that was moved by `by`. What prev() remembers goes along.
std::vector<double> outcome(const Task::Impl& task, RandomStates& states, uint64_t index, int qpos,
                            double by) {
  states.draw(2 * index);
  if (!task.remembered.empty()) {
    states.move(qpos, by);
    states.forward();
    states.follow(2 * index + 1);
  }
  states.move(qpos, by);
  states.forward();
  std::vector<double> out;
  const auto add = [&](int slot) { out.push_back(states.slots()[static_cast<size_t>(slot)]); };
  for (const ObservationItem& item : task.observation) std::ranges::for_each(item.slots, add);
  for (const RewardTerm& term : task.reward) add(term.slot);
  for (const Termination& one : task.terminations) add(one.slot);
  return out;
}

}  // namespace

std::vector<Translation> list_translations(const mjModel* model, const mjData* reference) {
  std::vector<Translation> out;
  for (int j = 0; j < model->njnt; ++j) {
    Translation one{j, model->jnt_qposadr[j], model->jnt_bodyid[j], {}};
    if (model->jnt_type[j] == mjJNT_FREE) {
      for (int k = 0; k < 3; ++k) {
        Translation along = one;
        along.qpos += k, along.direction[k] = 1.0;
        out.push_back(along);
      }
    } else if (model->jnt_type[j] == mjJNT_SLIDE && !model->jnt_limited[j] && hangs_on_slides(model, j)) {
      mju_copy3(one.direction, reference->xaxis + int64_t{3} * j);
      out.push_back(one);
    }
  }
  return out;
}

bool is_free(const mjModel* model, const mjData* reference, const Translation& translation) {
  if (model->nflex > 0 || model->nplugin > 0) return false;
  const std::vector<bool> carried = carried_by(model, translation.body);
  return are_perpendicular(model->opt.gravity, translation.direction) &&
         !has_spring(model, translation.joint) &&
         !touches_more(model, reference, translation.direction, carried) &&
         !is_tied(model, translation.joint, carried) && !is_driven(model, translation.joint, carried);
}

bool is_seen(const Task::Impl& task, RandomStates& states, const Translation& translation) {
  for (uint64_t i = 0; i < kMoves; ++i) {
    const std::vector<double> before = outcome(task, states, i, translation.qpos, 0.0);
    const std::vector<double> after = outcome(task, states, i, translation.qpos, kMove);
    for (size_t k = 0; k < before.size(); ++k) {
      const bool same =
          before[k] == after[k] || std::abs(after[k] - before[k]) <= kSame * (1.0 + std::abs(before[k]));
      if (!same) return true;
    }
  }
  return false;
}

}  // namespace reverie::sim
