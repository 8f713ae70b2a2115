// Shows a world as a picture that fills its panel.
// Dragging on it turns, moves and zooms the camera of all views.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

// `name` and `detail` stand on a plate in the upper left corner, beside a dot in `colour`.
void show_world(ViewerContext& context, const Rect& rect, const SceneView& view, const char* name,
                const char* detail, ImVec4 colour);

}  // namespace reverie::viewer
