// Rows about poses, for the sections that let a policy act by itself.
#pragma once

#include <string>

#include "evaluation/admissibility.h"
#include "evaluation/section.h"

namespace reverie::evaluation {

// <prefix>ground_contact, sunk, penetrating, beyond_limits, admissible: shares of the states; <prefix>deepest: m.
void add_pose_rows(Findings& findings, const std::string& prefix, const Admissibility& poses);

}  // namespace reverie::evaluation
