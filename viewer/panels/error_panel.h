// Observation error of the dream over time, in units of the data's standard deviation.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void error_panel(ViewerContext& context);

}  // namespace reverie::viewer
