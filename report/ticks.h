// Round positions on an axis, and their text.
#pragma once

#include <string>
#include <vector>

namespace reverie::report {

// Round tick positions (1, 2 or 5 times a power of ten) inside [low, high]: about `count` of them.
std::vector<double> nice_ticks(double low, double high, int count);

// Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them when the range is short.
std::vector<double> log_ticks(double low, double high);

// "0.25", "1500", "20k", "1.5M", "1e-6": as short as the spacing of the ticks allows.
std::string tick_text(double value, double spacing);

}  // namespace reverie::report
