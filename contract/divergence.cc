#include "contract/divergence.h"

#include <fmt/format.h>

namespace reverie::contract {

void Divergence::add(const Episode& episode) {
  ++episodes;
  if (!episode.diverged) return;
  ++diverged;
  if (first.empty()) first = episode.divergence;
}

std::string divergence_text(const Divergence& d) {
  return fmt::format(
      "physics diverged in {} of {} episodes ({:.0f}%){}{} Likely causes: a physics step (timestep) that is "
      "too "
      "long, gains or control ranges that are too strong, bodies that start inside each other",
      d.diverged, d.episodes, 100.0 * static_cast<double>(d.diverged) / static_cast<double>(d.episodes),
      d.first.empty() ? "." : "; the first: ", d.first);
}

}  // namespace reverie::contract
