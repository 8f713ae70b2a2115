// Draws a fan into a picture: traces of its key bodies, and poses of its first future.
#pragma once

#include "render/scene_renderer.h"
#include "sim/model.h"
#include "viewer/fan.h"
#include "viewer/twin_view.h"

namespace reverie::viewer {

// Between SceneRenderer::begin() and draw(): a line for each key body of each imagined future, and for each of the first
// simulated one.
void add_traces(render::SceneRenderer& renderer, const Fan& fan);

// Fading poses of the first imagined future. `scratch` is posed.
void add_snapshots(render::SceneRenderer& renderer, const Fan& fan, const TwinView& twin,
                   const mjModel_* model, mjData_* scratch);

// `data` as the first future of `world` is at h.
void pose_at(const Fan& fan, const FanWorld& world, int h, const TwinView& twin, const mjModel_* model,
             mjData_* data);

}  // namespace reverie::viewer
