// The actions that both worlds take, over time.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void actions_panel(ViewerContext& context, const Rect& rect);

}  // namespace reverie::viewer
