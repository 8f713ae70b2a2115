// Does an uncertainty follow the error that it speaks of?
// An uncertainty may have any unit: it is first converted into an expected error on cases of its own, then judged on others.
#pragma once

#include <span>
#include <vector>

namespace reverie::report {

// A rising curve through points, for converting an uncertainty into what it has meant.
struct RisingCurve {
  std::vector<double> x, y;  // [m] both rising; equal x are one

  // Linear between the points, level outside; NaN without any.
  double at(double x) const;
};

// The rising curve with the least sum of squares from y at x (pool adjacent violators). Throws std::invalid_argument when
// the sizes differ.
RisingCurve isotonic_fit(std::span<const double> x, std::span<const double> y);

// What remains when the most uncertain cases are removed (Ilg et al. 2018).
struct Sparsification {
  std::vector<double> removed;         // [n] shares 0, 1/n, ..., (n-1)/n
  std::vector<double> by_uncertainty;  // [n] mean error of the rest
  std::vector<double> by_error;        // [n] the same with the worst cases removed: no order is better
  // The area between the two, over that between `by_error` and the mean error: 0 for the best order, about 1 for one that
  // knows nothing. NaN when there are no two different errors.
  double missed = 0.0;
};
// Of equal uncertainties the mean error is removed. Throws std::invalid_argument when the sizes differ.
Sparsification sparsification(std::span<const double> uncertainty, std::span<const double> error);

}  // namespace reverie::report
