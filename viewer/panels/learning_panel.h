// Simulated return over training, with the checkpoint that acts now.
#pragma once

#include "viewer/context.h"

namespace reverie::viewer {

void learning_panel(ViewerContext& context);

}  // namespace reverie::viewer
