#include "sim/mechanics/collisions.h"

#include <algorithm>

namespace reverie::sim {
namespace {

bool is_pair(const mjModel* m, int a, int b) {
  for (int i = 0; i < m->npair; ++i) {
    const int first = m->pair_geom1[i], second = m->pair_geom2[i];
    if ((first == a && second == b) || (first == b && second == a)) return true;
  }
  return false;
}

bool is_excluded(const mjModel* m, int body, int other) {
  const int signature = (std::min(body, other) << 16) + std::max(body, other);
  return std::find(m->exclude_signature, m->exclude_signature + m->nexclude, signature) !=
         m->exclude_signature + m->nexclude;
}

// One is welded to a joint's lower body, the other to its upper one. What touches the world is not left out.
bool are_neighbours(const mjModel* m, int weld, int other) {
  if (weld == 0 || other == 0 || (m->opt.disableflags & mjDSBL_FILTERPARENT) != 0) return false;
  return m->body_weldid[m->body_parentid[weld]] == other || m->body_weldid[m->body_parentid[other]] == weld;
}

}  // namespace

bool can_touch(const mjModel* model, int geom, int other) {
  if ((model->opt.disableflags & (mjDSBL_CONTACT | mjDSBL_CONSTRAINT)) != 0) return false;
  if (is_pair(model, geom, other)) return true;
  const bool bits = (model->geom_contype[geom] & model->geom_conaffinity[other]) != 0 ||
                    (model->geom_contype[other] & model->geom_conaffinity[geom]) != 0;
  if (!bits) return false;
  const int body = model->geom_bodyid[geom], other_body = model->geom_bodyid[other];
  const int weld = model->body_weldid[body], other_weld = model->body_weldid[other_body];
  return weld != other_weld && !are_neighbours(model, weld, other_weld) &&
         !is_excluded(model, body, other_body);
}

bool is_fixed_plane(const mjModel* model, int geom) {
  return model->geom_type[geom] == mjGEOM_PLANE && model->body_weldid[model->geom_bodyid[geom]] == 0;
}

}  // namespace reverie::sim
