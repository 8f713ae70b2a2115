// The list of all panels.
#pragma once

#include <vector>

#include "viewer/panel.h"

namespace reverie::viewer {

// The panels in the order in which they are drawn: the side column from top to bottom, rows from left to right.
std::vector<Panel> all_panels();

}  // namespace reverie::viewer
