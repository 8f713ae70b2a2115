#include "sim/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr int kLastGroup = 2;

const char* kind_of(int type) {
  switch (type) {
    case mjGEOM_PLANE:
      return "plane";
    case mjGEOM_SPHERE:
      return "sphere";
    case mjGEOM_CAPSULE:
      return "capsule";
    case mjGEOM_ELLIPSOID:
      return "ellipsoid";
    case mjGEOM_CYLINDER:
      return "cylinder";
    case mjGEOM_BOX:
      return "box";
    case mjGEOM_MESH:
      return "mesh";
    default:
      return nullptr;
  }
}

// A material's colour stands for that of a geom which has none of its own.
std::array<float, 4> colour_of(const mjModel* m, int64_t geom) {
  constexpr std::array<float, 4> kNone = {0.5F, 0.5F, 0.5F, 1.0F};
  const auto read = [](const float* from) {
    return std::array<float, 4>{from[0], from[1], from[2], from[3]};
  };
  const std::array<float, 4> own = read(m->geom_rgba + 4 * geom);
  const int64_t material = m->geom_matid[geom];
  return material >= 0 && own == kNone ? read(m->mat_rgba + 4 * material) : own;
}

void add_mesh(const mjModel* m, int64_t mesh, Shape& shape) {
  const float* const vertices = m->mesh_vert + 3 * static_cast<ptrdiff_t>(m->mesh_vertadr[mesh]);
  const int* const faces = m->mesh_face + 3 * static_cast<ptrdiff_t>(m->mesh_faceadr[mesh]);
  shape.vertices.assign(vertices, vertices + 3 * static_cast<ptrdiff_t>(m->mesh_vertnum[mesh]));
  shape.faces.assign(faces, faces + 3 * static_cast<ptrdiff_t>(m->mesh_facenum[mesh]));
}

}  // namespace

std::vector<Shape> list_shapes(const mjModel* m) {
  std::vector<Shape> shapes;
  for (int64_t i = 0; i < m->ngeom; ++i) {
    const char* const kind = kind_of(m->geom_type[i]);
    Shape shape;
    shape.body = m->geom_bodyid[i];
    shape.colour = colour_of(m, i);
    if (kind == nullptr || m->geom_group[i] > kLastGroup || shape.colour[3] <= 0.0F) continue;
    shape.kind = kind;
    std::copy_n(m->geom_size + 3 * i, 3, shape.size.begin());
    std::copy_n(m->geom_pos + 3 * i, 3, shape.place.begin());
    std::copy_n(m->geom_quat + 4 * i, 4, shape.turn.begin());
    if (m->geom_type[i] == mjGEOM_MESH) add_mesh(m, m->geom_dataid[i], shape);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

std::vector<std::string> body_names(const mjModel* m) {
  std::vector<std::string> names = object_names(m, mjOBJ_BODY);
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i].empty()) names[i] = fmt::format("body {}", i);
  return names;
}

double model_extent(const mjModel* m) { return m->stat.extent; }

std::vector<double> body_poses(const mjModel* m, mjData* data, std::span<const double> state,
                               std::span<const float> positions) {
  const auto wanted = static_cast<size_t>(mj_stateSize(m, mjSTATE_INTEGRATION));
  if (state.size() != wanted || (!positions.empty() && positions.size() != static_cast<size_t>(m->nq)))
    throw std::invalid_argument(fmt::format("body_poses: expected {} and {} numbers, found {} and {}", wanted,
                                            m->nq, state.size(), positions.size()));
  mj_setState(m, data, state.data(), mjSTATE_INTEGRATION);
  std::ranges::copy(positions, data->qpos);
  mj_normalizeQuat(m, data->qpos);
  mj_kinematics(m, data);
  std::vector<double> poses;
  for (int64_t body = 0; body < m->nbody; ++body) {
    poses.insert(poses.end(), data->xpos + 3 * body, data->xpos + 3 * body + 3);
    poses.insert(poses.end(), data->xquat + 4 * body, data->xquat + 4 * body + 4);
  }
  return poses;
}

}  // namespace reverie::sim
