#include "evaluation/sections/starts.h"

#include <algorithm>

namespace reverie::evaluation {

const HeldOut& disturbed(const Context& context) {
  return context.pushed.missing.empty() ? context.pushed : context.on_policy;
}

std::vector<contract::StartPoint> spread_evenly(std::span<const contract::StartPoint> all, size_t count) {
  std::vector<contract::StartPoint> chosen;
  const size_t taken = std::min(all.size(), count);
  for (size_t i = 0; i < taken; ++i) chosen.push_back(all[i * all.size() / taken]);
  return chosen;
}

}  // namespace reverie::evaluation
