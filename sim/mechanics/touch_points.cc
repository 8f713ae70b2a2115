#include "sim/mechanics/touch_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/mechanics/collisions.h"
#include "sim/mechanics/kinematics.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

using contract::TouchPoint;
using Place = std::array<double, 3>;

constexpr double kSamePlace = 1e-9;

// The corners of a box of these half sizes.
std::vector<Place> box_corners(const double* size) {
  std::vector<Place> out(8);
  for (size_t i = 0; i < out.size(); ++i)
    for (size_t k = 0; k < 3; ++k) out[i][k] = (i >> k & 1) != 0 ? size[k] : -size[k];
  return out;
}

// The vertices of a mesh that lie outermost along the axes and the diagonals of the body's frame.
std::vector<Place> outermost_vertices(const mjModel* m, int geom) {
  const int mesh = m->geom_dataid[geom];
  if (mesh < 0) return {};
  constexpr double kUnit[3] = {1.0, 1.0, 1.0};
  std::vector<Place> directions = box_corners(kUnit);
  for (size_t k = 0; k < 3; ++k) {
    for (const double sign : {1.0, -1.0}) {
      Place axis{};
      axis[k] = sign;
      directions.push_back(axis);
    }
  }
  std::vector<Place> out;
  out.reserve(directions.size());
  for (const Place& direction : directions) {
    double local[3], inverse[4];
    mju_negQuat(inverse, m->geom_quat + int64_t{4} * geom);
    mju_rotVecQuat(local, direction.data(), inverse);
    const float* first = m->mesh_vert + int64_t{3} * m->mesh_vertadr[mesh];
    const float* best = first;
    const auto along = [&](const float* v) { return v[0] * local[0] + v[1] * local[1] + v[2] * local[2]; };
    for (int i = 1; i < m->mesh_vertnum[mesh]; ++i)
      if (along(first + int64_t{3} * i) > along(best)) best = first + int64_t{3} * i;
    out.push_back({best[0], best[1], best[2]});
  }
  return out;
}

std::vector<Place> rim_points(const double* size) {
  std::vector<Place> out;
  for (const double z : {-size[1], size[1]})
    for (const double r : {-size[0], size[0]}) out.insert(out.end(), {{r, 0.0, z}, {0.0, r, z}});
  return out;
}

// Centres in the geom's frame.
std::vector<Place> centres(const mjModel* m, int geom) {
  const double* size = m->geom_size + int64_t{3} * geom;
  switch (m->geom_type[geom]) {
    case mjGEOM_SPHERE:
      return {{0.0, 0.0, 0.0}};
    case mjGEOM_CAPSULE:
      return {{0.0, 0.0, -size[1]}, {0.0, 0.0, size[1]}};
    case mjGEOM_BOX:
      return box_corners(size);
    case mjGEOM_CYLINDER:
      return rim_points(size);
    case mjGEOM_ELLIPSOID:
      return {{-size[0], 0.0, 0.0}, {size[0], 0.0, 0.0},  {0.0, -size[1], 0.0},
              {0.0, size[1], 0.0},  {0.0, 0.0, -size[2]}, {0.0, 0.0, size[2]}};
    case mjGEOM_MESH:
      return outermost_vertices(m, geom);
    default:
      return {};
  }
}

bool same_place(const TouchPoint& a, const TouchPoint& b) {
  if (a.body != b.body || a.surface != b.surface) return false;
  for (int k = 0; k < 3; ++k)
    if (std::abs(a.place[k] - b.place[k]) > kSamePlace) return false;
  return true;
}

// Of balls with one centre the largest touches first.
void add_point(const TouchPoint& point, std::vector<TouchPoint>& points) {
  const auto same =
      std::ranges::find_if(points, [&](const TouchPoint& other) { return same_place(point, other); });
  if (same == points.end()) {
    points.push_back(point);
  } else {
    same->radius = std::max(same->radius, point.radius);
  }
}

double clearance(const mjData* d, const contract::Surface& surface, const TouchPoint& point) {
  double place[3];
  const double* frame = d->xpos + int64_t{3} * point.body;
  mju_mulMatVec3(place, d->xmat + int64_t{9} * point.body, point.place.data());
  double distance = -point.radius;
  for (int k = 0; k < 3; ++k) distance += (place[k] + frame[k] - surface.point[k]) * surface.normal[k];
  return distance;
}

void keep_nearest(const mjData* reference, contract::Mechanics& out) {
  std::vector<TouchPoint>& points = out.points;
  if (points.size() <= static_cast<size_t>(kMostTouchPoints)) return;
  std::vector<double> distances;
  distances.reserve(points.size());
  for (const TouchPoint& point : points)
    distances.push_back(clearance(reference, out.surfaces[static_cast<size_t>(point.surface)], point));
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return distances[i]; });
  order.resize(kMostTouchPoints);
  std::ranges::sort(order);
  std::vector<TouchPoint> kept;
  kept.reserve(order.size());
  for (const size_t i : order) kept.push_back(points[i]);
  points = std::move(kept);
}

void drop_unused_surfaces(contract::Mechanics& out) {
  std::vector<int> place(out.surfaces.size(), -1);
  std::vector<contract::Surface> used;
  for (TouchPoint& point : out.points) {
    int& at = place[static_cast<size_t>(point.surface)];
    if (at < 0) {
      at = static_cast<int>(used.size());
      used.push_back(out.surfaces[static_cast<size_t>(point.surface)]);
    }
    point.surface = at;
  }
  out.surfaces = std::move(used);
}

std::vector<int> moving_geoms(const mjModel* m) {
  std::vector<int> out;
  for (int geom = 0; geom < m->ngeom; ++geom)
    if (follows_positions(m, m->geom_bodyid[geom])) out.push_back(geom);
  return out;
}

}  // namespace

std::vector<TouchPoint> shape_points(const mjModel* model, int geom) {
  const int type = model->geom_type[geom];
  const double* size = model->geom_size + int64_t{3} * geom;
  const double* origin = model->geom_pos + int64_t{3} * geom;
  const bool round = type == mjGEOM_SPHERE || type == mjGEOM_CAPSULE;
  std::vector<TouchPoint> out;
  for (const Place& centre : centres(model, geom)) {
    TouchPoint point;
    point.radius = round ? size[0] : 0.0;
    mju_rotVecQuat(point.place.data(), centre.data(), model->geom_quat + int64_t{4} * geom);
    for (int k = 0; k < 3; ++k) point.place[k] += origin[k];
    out.push_back(point);
  }
  return out;
}

void add_touch_points(const mjModel* model, const mjData* reference, const MechanicsChoices& choices,
                      contract::Mechanics& out) {
  const std::vector<int> geoms = choices.touch ? *choices.touch : moving_geoms(model);
  std::vector<bool> touches(static_cast<size_t>(model->ngeom));
  for (int plane = 0; plane < model->ngeom; ++plane) {
    if (!is_fixed_plane(model, plane)) continue;
    const double* xmat = reference->geom_xmat + int64_t{9} * plane;
    const int surface = static_cast<int>(out.surfaces.size());
    out.surfaces.push_back({triple(reference->geom_xpos + int64_t{3} * plane), {xmat[2], xmat[5], xmat[8]}});
    for (const int geom : geoms) {
      if (!follows_positions(model, model->geom_bodyid[geom]) || !can_touch(model, plane, geom)) continue;
      for (TouchPoint point : shape_points(model, geom)) {
        touches[geom] = true;
        point.body = model->geom_bodyid[geom], point.surface = surface;
        add_point(point, out.points);
      }
    }
  }
  for (const int geom : geoms) {
    if (choices.touch && !touches[geom]) {
      fail_at(choices.touch_position,
              fmt::format("mechanics.touch: geom '{}' cannot touch a plane that stands still",
                          object_name(model, mjOBJ_GEOM, geom)));
    }
  }
  keep_nearest(reference, out);
  drop_unused_surfaces(out);
}

}  // namespace reverie::sim
