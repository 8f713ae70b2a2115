// Stored state: puts a state of physics into an mjData, with all that follows from it.
#pragma once

#include <span>

struct mjModel_;
struct mjData_;

namespace reverie::viewer {

// `state` [P] is one of mjSTATE_INTEGRATION; one of another size is left alone. `positions` [nq] and `velocities` [nv] are put
// over it where there are any. Nothing is thrown when physics is about to end: then there is nothing to show of it.
void forward(const mjModel_* model, mjData_* data, std::span<const double> state,
             std::span<const float> positions = {}, std::span<const float> velocities = {});

}  // namespace reverie::viewer
