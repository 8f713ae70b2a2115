#include "training/incumbent.h"

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "report/statistics.h"

namespace reverie::training {

bool beats(std::span<const double> challenger, const Incumbent& incumbent, uint64_t seed, int64_t step) {
  if (challenger.empty() || !std::ranges::all_of(challenger, [](double r) { return std::isfinite(r); }))
    return false;
  if (incumbent.returns.empty()) return true;
  const size_t n = std::min(challenger.size(), incumbent.returns.size());
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, static_cast<uint64_t>(step));
  const report::Estimate difference = report::paired_difference(
      challenger.first(n), std::span(incumbent.returns).first(n), [&rng] { return rng.next_u64(); });
  return difference.low > 0.0;
}

bool is_more_faithful(const MostFaithful& challenger, const MostFaithful& holder) {
  if (!std::isfinite(challenger.valid_steps)) return false;
  if (challenger.valid_steps != holder.valid_steps) return challenger.valid_steps > holder.valid_steps;
  return challenger.error_2 < holder.error_2 ||
         (std::isnan(holder.error_2) && !std::isnan(challenger.error_2));
}

}  // namespace reverie::training
