// The valid-prediction-time clock, and the numbers of this moment. Draws into the side panel.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void clock_section(ViewerContext& context);

}  // namespace reverie::viewer
