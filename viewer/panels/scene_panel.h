// A world as a picture. Dragging turns, moves and zooms the camera of both views.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

// The simulator's robot with the dream laid over it as a ghost.
void physics_panel(ViewerContext& context);
// The imagined state alone.
void dream_panel(ViewerContext& context);

}  // namespace reverie::viewer
