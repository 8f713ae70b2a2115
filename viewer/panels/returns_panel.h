// Cumulative reward of both worlds over time.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void returns_panel(ViewerContext& context);

}  // namespace reverie::viewer
