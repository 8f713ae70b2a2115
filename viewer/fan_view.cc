#include "viewer/fan_view.h"

#include "render/pose.h"
#include "viewer/style.h"

namespace reverie::viewer {

namespace {

constexpr int kSnapshots = 4;

void add_trace(render::SceneRenderer& renderer, const Fan& fan, const FanWorld& world, int future, int body,
               std::array<float, 4> colour, float width) {
  std::vector<float> points;
  for (int h = 0; h <= fan.horizon; ++h) {
    const size_t at =
        3 * ((static_cast<size_t>(future) * (static_cast<size_t>(fan.horizon) + 1) + static_cast<size_t>(h)) *
                 static_cast<size_t>(fan.bodies) +
             static_cast<size_t>(body));
    points.insert(points.end(), world.places.begin() + static_cast<std::ptrdiff_t>(at),
                  world.places.begin() + static_cast<std::ptrdiff_t>(at) + 3);
  }
  renderer.add_path(points, colour, width);
}

}  // namespace

void add_traces(render::SceneRenderer& renderer, const Fan& fan) {
  const ImVec4 dream = palette::kDream, physics = palette::kPhysics;
  for (int body = 0; body < fan.bodies; ++body) {
    for (int k = fan.futures - 1; k >= 0; --k)
      add_trace(renderer, fan, fan.imagined, k, body, {dream.x, dream.y, dream.z, k == 0 ? 1.0f : 0.5f},
                k == 0 ? 3.0f : 1.5f);
    add_trace(renderer, fan, fan.simulated, 0, body, {physics.x, physics.y, physics.z, 1.0f}, 3.0f);
  }
}

void pose_at(const Fan& fan, const FanWorld& world, int h, const TwinView& twin, const mjModel_* model,
             mjData_* data) {
  const std::vector<float> still(static_cast<size_t>(twin.spec().nv), 0.0f);
  render::set_pose(model, data, twin.start_physics(), fan.pose(world, 0, h), still);
}

void add_snapshots(render::SceneRenderer& renderer, const Fan& fan, const TwinView& twin,
                   const mjModel_* model, mjData_* scratch) {
  for (int i = 1; i <= kSnapshots; ++i) {
    pose_at(fan, fan.imagined, i * fan.horizon / kSnapshots, twin, model, scratch);
    render::GhostStyle style{.colour = {0.50f, 0.33f, 0.90f, 0.40f - 0.08f * static_cast<float>(i)}};
    renderer.add_ghost(scratch, style);
  }
}

}  // namespace reverie::viewer
