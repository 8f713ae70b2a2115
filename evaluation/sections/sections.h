// The list of an evaluation's sections, in the order of the report.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "evaluation/section.h"

namespace reverie::evaluation {

std::span<const Section> all_sections();

// Those of these names, separated by commas, in the order of the report. Throws UserError with the nearest name.
std::vector<Section> sections_named(std::string_view names);

// All but those that cost more than the rest together.
std::vector<Section> quick_sections();

}  // namespace reverie::evaluation
