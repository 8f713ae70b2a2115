// Simulated return over training, with the checkpoint that acts now.
#pragma once

#include "viewer/context.h"

namespace reverie {

void learning_panel(ViewerContext& context);

}  // namespace reverie
