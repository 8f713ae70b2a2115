#include "evaluation/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reverie::evaluation {
namespace {

// "imagined_error" -> "imagined error".
std::string words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

// Counts without decimals.
std::string single_text(double value) {
  return std::isfinite(value) && value == std::round(value) ? fmt::format("{:.0f}", value)
                                                            : number_text(value);
}

std::vector<std::string> curve_names(const Findings& findings) {
  std::vector<std::string> names;
  for (const Row& row : findings.rows)
    if (row.horizon && std::ranges::find(names, row.name) == names.end()) names.push_back(row.name);
  return names;
}

// Every horizon that has a row, in order.
std::vector<double> horizons(const Findings& findings) {
  std::vector<double> all;
  for (const Row& row : findings.rows)
    if (row.horizon) all.push_back(static_cast<double>(*row.horizon));
  std::ranges::sort(all);
  const auto rest = std::ranges::unique(all);
  all.erase(rest.begin(), rest.end());
  return all;
}

// Of `all` [K], in order: the first two, the last not above each round target, the last.
std::vector<double> round_horizons(const std::vector<double>& all) {
  std::vector<double> chosen(all.begin(), all.begin() + std::min<std::ptrdiff_t>(2, std::ssize(all)));
  for (const double target : {5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1000.0}) {
    const auto above = std::ranges::upper_bound(all, target);
    if (above == all.begin() || target > all.back()) continue;
    if (*(above - 1) > chosen.back()) chosen.push_back(*(above - 1));
  }
  if (!all.empty() && all.back() > chosen.back()) chosen.push_back(all.back());
  return chosen;
}

std::string cell(const Curve& curve, double horizon) {
  const auto found = std::ranges::find(curve.horizon, horizon);
  if (found == curve.horizon.end()) return "–";
  const auto k = static_cast<size_t>(found - curve.horizon.begin());
  std::string text = number_text(curve.value[k]);
  if (!curve.low.empty()) text += fmt::format(" ({})", interval_text(curve.low[k], curve.high[k]));
  return text;
}

}  // namespace

std::string number_text(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "–";
  if (size >= 100.0) return fmt::format("{:.0f}", value);
  if (size >= 10.0) return fmt::format("{:.1f}", value);
  if (size == 0.0) return "0";
  if (size >= 0.01) return fmt::format("{:#.3g}", value);
  const int exponent = static_cast<int>(std::floor(std::log10(size)));
  return fmt::format("{:.1f}e{}", value / std::pow(10.0, exponent), exponent);
}

std::string interval_text(double low, double high) {
  if (std::isnan(low) && std::isnan(high)) return "–";
  return fmt::format("{} to {}", number_text(low), number_text(high));
}

TextTable single_table(const Findings& findings) {
  TextTable table;
  for (const Row& row : findings.rows) {
    if (row.horizon) continue;
    table.push_back({words(row.name), single_text(row.value), interval_text(row.low, row.high),
                     std::to_string(row.n), row.unit});
  }
  if (!table.empty()) table.insert(table.begin(), {"measure", "value", "interval", "n", "unit"});
  return table;
}

TextTable curve_table(const Findings& findings, double control_dt) {
  const std::vector<std::string> names = curve_names(findings);
  if (names.empty()) return {};
  TextTable table{{"control steps", "seconds", "n"}};
  std::vector<Curve> curves;
  for (const std::string& name : names) {
    curves.push_back(find_curve(findings, name));
    const std::string unit = curves.back().unit;
    table.front().push_back(words(name) + (unit.empty() ? "" : " (" + unit + ")"));
  }
  for (const double horizon : round_horizons(horizons(findings))) {
    int64_t n = 0;
    for (const Row& row : findings.rows)
      if (row.horizon && static_cast<double>(*row.horizon) == horizon) n = std::max(n, row.n);
    table.push_back(
        {fmt::format("{}", horizon), fmt::format("{:.3g}", horizon * control_dt), std::to_string(n)});
    for (const Curve& curve : curves) table.back().push_back(cell(curve, horizon));
  }
  return table;
}

TextTable check_table(const Findings& findings) {
  TextTable table;
  for (const Check& check : findings.checks)
    table.push_back({check.held ? "ok" : "FAIL", words(check.name), check.found});
  if (!table.empty()) table.insert(table.begin(), {"", "check", "found"});
  return table;
}

std::vector<TextTable> tables(const Findings& findings, double control_dt) {
  std::vector<TextTable> all{single_table(findings), curve_table(findings, control_dt),
                             check_table(findings)};
  std::erase_if(all, [](const TextTable& table) { return table.empty(); });
  return all;
}

std::string aligned(const TextTable& table) {
  std::vector<size_t> widths;
  const auto characters = [](const std::string& text) {  // not bytes: names may hold anything
    return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
  };
  for (const auto& row : table) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], characters(row[c]));
  }
  std::string text;
  for (const auto& row : table) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - characters(row[c]), ' ');
      line += (c == 0 ? row[c] + space : space + row[c]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace reverie::evaluation
