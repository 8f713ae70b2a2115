// Time between two random happenings of an episode.
#pragma once

#include <string_view>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"

namespace reverie::sim {

struct Interval {
  double low = 0.0, high = 0.0;  // seconds

  // Control steps until the next one, at least 1; one uniform draw.
  double draw_steps(double control_dt, contract::Rng& rng) const;
};

// Reads `key`: n or [low, high] seconds. Throws UserError.
Interval read_interval(TableReader& reader, const Scope& scope, std::string_view key);

}  // namespace reverie::sim
