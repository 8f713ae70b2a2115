// Observation error of the dream over time, in units of the data's standard deviation.
#pragma once

#include "viewer/context.h"

namespace reverie {

void error_panel(ViewerContext& context);

}  // namespace reverie
