#include "training/overpromise.h"

#include <fmt/format.h>

#include <cmath>

namespace reverie::training {

std::optional<std::string> OverpromiseWatch::look(const std::map<std::string, double>& row) {
  const auto simulated = row.find("dream/simulated_return"), gap = row.find("dream/overpromise"),
             low = row.find("dream/overpromise_low");
  if (simulated == row.end() || gap == row.end() || low == row.end()) return {};
  const bool is_wide = low->second > kShare * std::abs(simulated->second);  // false for NaN
  in_a_row_ = is_wide ? in_a_row_ + 1 : 0;
  if (in_a_row_ != kInARow) return {};
  return fmt::format(
      "the dream promises {:.4g} where physics pays {:.4g} (95% interval of the difference from {:.3g} up), "
      "the second "
      "evaluation in a row: the policy may be learning what is wrong in the dream",
      simulated->second + gap->second, simulated->second, low->second);
}

}  // namespace reverie::training
