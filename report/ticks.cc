#include "report/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace reverie::report {

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!(high > low) || count < 1) return {};
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double fraction = rough / power;
  const double step = power * (fraction <= 1.5 ? 1.0 : fraction <= 3.5 ? 2.0 : fraction <= 7.5 ? 5.0 : 10.0);
  std::vector<double> ticks;
  const auto first = static_cast<int64_t>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<int64_t>(std::floor(high / step + 1e-9));
  for (int64_t i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  if (!(low > 0.0) || !(high > low)) return {};
  const double decades = std::log10(high / low);
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / 8.0)));
  std::vector<double> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  for (int e = first; e <= last; ++e) {
    for (const double m : {1.0, 2.0, 5.0}) {
      if (m > 1.0 && decades > 2.5) continue;
      if (m == 1.0 && e % stride != 0) continue;
      const double v = m * std::pow(10.0, e);
      if (v >= low * (1.0 - 1e-9) && v <= high * (1.0 + 1e-9)) ticks.push_back(v);
    }
  }
  return ticks;
}

std::string tick_text(double value, double spacing) {
  const double size = std::abs(value);
  if (size < std::abs(spacing) * 1e-6) return "0";
  if (size >= 1e6 || std::abs(spacing) >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1e4 || std::abs(spacing) >= 1e4) return fmt::format("{:.5g}k", value / 1e3);
  if (std::abs(spacing) < 1e-3) {
    const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    return fmt::format("{:.3g}e{}", value / std::pow(10.0, exponent), exponent);
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(std::abs(spacing)) - 1e-9)), 0, 6);
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace reverie::report
