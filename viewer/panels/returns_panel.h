// Cumulative reward of both worlds over time.
#pragma once

#include "viewer/context.h"

namespace reverie {

void returns_panel(ViewerContext& context);

}  // namespace reverie
