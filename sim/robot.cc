#include "sim/robot.h"

#include <cstdint>

namespace reverie::sim {
namespace {

// The bodies that an actuator pulls at.
std::vector<int> bodies_of(const mjModel* m, int actuator) {
  const int* target = m->actuator_trnid + int64_t{2} * actuator;
  switch (m->actuator_trntype[actuator]) {
    case mjTRN_JOINT:
    case mjTRN_JOINTINPARENT:
      return {m->jnt_bodyid[target[0]]};
    case mjTRN_SO3:  // a ball joint, or a site against another one
      return {target[1] < 0 ? m->jnt_bodyid[target[0]] : m->site_bodyid[target[0]]};
    case mjTRN_SITE:
      return {m->site_bodyid[target[0]]};
    case mjTRN_SLIDERCRANK:
      return {m->site_bodyid[target[0]], m->site_bodyid[target[1]]};
    case mjTRN_BODY:
      return {target[0]};
    case mjTRN_TENDON:
      break;
    default:
      return {};
  }
  std::vector<int> out;
  const int first = m->tendon_adr[target[0]];
  for (int w = first; w < first + m->tendon_num[target[0]]; ++w) {
    if (m->wrap_type[w] == mjWRAP_JOINT) out.push_back(m->jnt_bodyid[m->wrap_objid[w]]);
    if (m->wrap_type[w] == mjWRAP_SITE) out.push_back(m->site_bodyid[m->wrap_objid[w]]);
  }
  return out;
}

}  // namespace

std::vector<bool> driven_bodies(const mjModel* model) {
  std::vector<bool> out(static_cast<size_t>(model->nbody));
  for (int i = 0; i < model->nactuator; ++i) {
    for (const int body : bodies_of(model, i)) out[body] = true;
  }
  return out;
}

std::vector<bool> driven_trees(const mjModel* model) {
  std::vector<bool> out(static_cast<size_t>(model->ntree));
  const std::vector<bool> driven = driven_bodies(model);
  for (int body = 0; body < model->nbody; ++body) {
    if (driven[body] && model->body_treeid[body] >= 0) out[model->body_treeid[body]] = true;
  }
  return out;
}

int root_of_tree(const mjModel* model, int tree) {
  for (int body = 1; body < model->nbody; ++body)
    if (model->body_treeid[body] == tree) return body;
  return 0;
}

bool is_floating(const mjModel* model, int tree) {
  const int root = root_of_tree(model, tree);
  return model->body_jntnum[root] > 0 && model->jnt_type[model->body_jntadr[root]] == mjJNT_FREE;
}

}  // namespace reverie::sim
