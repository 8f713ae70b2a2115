// Buttons and sliders: time, anchors, who drives, how the ghost looks; and the keys that do the same.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

// Draws into the side panel.
void controls_section(ViewerContext& context);

// MuJoCo simulate's keys: space pause, right arrow step, backspace restart, +/- speed; n next episode, a
// anchor, g ghost, escape camera.
void handle_keys(ViewerContext& context);

}  // namespace reverie::viewer
