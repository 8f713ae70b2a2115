// Overpromise: notices when a dream begins to promise more than physics pays.
// An actor that learns in a dream finds where the dream is wrong in its favour; from then on it gets better there alone.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace reverie::training {

// One evaluation is too little to warn of: ten starts, and early dreams of a run promise too much as a rule.
class OverpromiseWatch {
 public:
  // The figures of an evaluation (metric_values(DreamFigures)); those of others are passed over. The gap is open when the
  // lower end of its interval lies above kShare of what physics pays at kInARow evaluations in a row, and closed
  // at the first where it does not. A line for the user when it opens.
  std::optional<std::string> look(const std::map<std::string, double>& row);

  static constexpr double kShare = 0.1;
  static constexpr int kInARow = 2;

 private:
  int in_a_row_ = 0;
};

}  // namespace reverie::training
