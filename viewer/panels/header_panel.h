// The line on top: task, run and checkpoint, episode and time.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void header_panel(ViewerContext& context);

}  // namespace reverie::viewer
