// Shapes of a model and where its bodies are in a state, for viewers of others.
// They draw boxes and balls of their own and need no MuJoCo.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reverie::sim {

// One visible geom. Lengths are in m; `size` is MuJoCo's: half lengths, or a radius and a half length.
struct Shape {
  int body = 0;
  std::string kind;               // "plane", "sphere", "capsule", "ellipsoid", "cylinder", "box", "mesh"
  std::array<double, 3> size{};   // of a plane 0 where it has no end
  std::array<double, 3> place{};  // in the body's frame
  std::array<double, 4> turn{};   // likewise, quaternion w, x, y, z
  std::array<float, 4> colour{};  // red, green, blue, opacity, each 0 to 1
  std::vector<float> vertices;    // of a mesh, [V, 3] in the geom's frame
  std::vector<int> faces;         // of a mesh, [F, 3] indices of vertices
};

// What MuJoCo's own viewer shows at first: geoms of groups 0 to 2 that can be seen. Height fields are left out.
std::vector<Shape> list_shapes(const mjModel* model);

// Names of all bodies [B], "body 3" where the model gives none.
std::vector<std::string> body_names(const mjModel* model);

// How large the model is, in m, as it says itself.
double model_extent(const mjModel* model);

// Places and turns of all bodies, [B, 7]: x, y, z, then a quaternion w, x, y, z. `state` [P] is mjSTATE_INTEGRATION;
// `positions` [nq] replace those in it unless they are empty. Throws std::invalid_argument when a length is wrong.
std::vector<double> body_poses(const mjModel* model, mjData* data, std::span<const double> state,
                               std::span<const float> positions);

}  // namespace reverie::sim
