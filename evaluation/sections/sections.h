// The list of an evaluation's sections, in the order of the report.
#pragma once

#include <span>

#include "evaluation/section.h"

namespace reverie::evaluation {

std::span<const Section> all_sections();

}  // namespace reverie::evaluation
