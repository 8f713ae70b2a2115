#include "sim/task/interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reverie::sim {

Interval read_interval(TableReader& reader, const Scope& scope, std::string_view key) {
  const TomlNode& node = reader.need(key);
  const std::vector<double> values = constant_values(scope, node, reader.what());
  if (values.size() > 2 || !(values.front() >= 0.0) || !(values.back() >= values.front()) ||
      values.back() > 1e6) {
    fail_at(node.position, fmt::format("{}.{}: expected seconds, n or [low, high]", reader.what(), key));
  }
  return {values.front(), values.back()};
}

double Interval::draw_steps(double control_dt, contract::Rng& rng) const {
  return std::max(1.0, std::round(rng.uniform(low, high) / control_dt));
}

}  // namespace reverie::sim
