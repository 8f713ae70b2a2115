// Lines and dots of a plot that holds one number against another.
#pragma once

#include <string>

#include "evaluation/section.h"

namespace reverie::evaluation {

// The grey dashed line on which both numbers are equal, from `low` to `high`.
report::Series diagonal_series(std::string name, double low, double high);

// One dot a pair.
report::Series dot_series(std::string name, const Points& points);

}  // namespace reverie::evaluation
