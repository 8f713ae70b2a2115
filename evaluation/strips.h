// Strips: single episodes in physics and in the dream, kept to be filmed (viewer/film.h).
#pragma once

#include <string>
#include <vector>

#include "contract/episode.h"

namespace reverie::evaluation {

struct Context;

// One episode of the policy in physics, and what it met in the dream from the same start.
struct Strip {
  std::string name;                        // "best", "median", "worst", "over_promised"
  std::string point;                       // ID of its pair in the report: "returns-3"
  double simulated = 0.0, imagined = 0.0;  // returns
  contract::Episode episode;
  int control_steps = 1;                     // a decision
  std::vector<float> positions, velocities;  // [K, nq], [K, nv] in the dream after each decision
  std::vector<double> error;                 // [K] observation error in sd; both worlds go their own way
};

// By simulated return the best, the median and the worst of the undisturbed episodes, and the one whose imagined return is
// most above the simulated one. Empty where the dream tells no positions.
std::vector<Strip> choose_strips(const Context& context);

}  // namespace reverie::evaluation
