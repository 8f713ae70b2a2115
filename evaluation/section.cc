#include "evaluation/section.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "evaluation/context.h"

namespace reverie::evaluation {

Needs needs_of(std::span<const Section> sections) {
  Needs needs;
  for (const Section& section : sections) needs = needs | section.needs;
  return needs;
}

std::vector<SectionResult> measure_sections(std::span<const Section> sections, const Context& context) {
  std::vector<SectionResult> results;
  for (const Section& section : sections) {
    base::check_stop(context.options.stop);
    context.progress.begin(section.name, section.weight);
    SectionResult result{section, {}};
    try {
      result.findings = section.measure(context);
    } catch (const base::UserError& error) {
      result.findings.missing.emplace_back(error.what());
    }
    results.push_back(std::move(result));
  }
  return results;
}

Row estimate_row(std::string name, const report::Estimate& estimate, std::string unit) {
  return {.name = std::move(name),
          .horizon = {},
          .low = estimate.low,
          .value = estimate.mean,
          .high = estimate.high,
          .n = estimate.n,
          .unit = std::move(unit)};
}

Row find_row(const Findings& findings, std::string_view name) {
  const auto found = std::ranges::find_if(
      findings.rows, [&](const Row& row) { return row.name == name && !row.horizon.has_value(); });
  return found == findings.rows.end() ? Row{.name = std::string(name), .horizon = {}, .unit = {}} : *found;
}

Curve find_curve(const Findings& findings, std::string_view name) {
  Curve curve;
  bool interval = false;
  for (const Row& row : findings.rows) {
    if (row.name != name || !row.horizon) continue;
    curve.horizon.push_back(static_cast<double>(*row.horizon));
    curve.low.push_back(row.low);
    curve.value.push_back(row.value);
    curve.high.push_back(row.high);
    curve.n.push_back(row.n);
    curve.unit = row.unit;
    interval = interval || !std::isnan(row.low) || !std::isnan(row.high);
  }
  if (!interval) curve.low = curve.high = {};
  return curve;
}

report::Plot plot_by_horizon(const Findings& findings, std::span<const CurveLine> lines, std::string title,
                             std::string y_label) {
  report::Plot plot;
  plot.title = std::move(title);
  plot.x_label = "horizon (control steps)";
  plot.y_label = std::move(y_label);
  plot.width = 460;
  plot.height = 340;
  for (const CurveLine& line : lines) {
    Curve curve = find_curve(findings, line.row);
    if (curve.value.empty()) continue;
    report::Series series;
    series.name = line.label;
    series.x = std::move(curve.horizon);
    series.y = std::move(curve.value);
    series.low = std::move(curve.low);
    series.high = std::move(curve.high);
    series.colour = line.colour;
    plot.series.push_back(std::move(series));
  }
  return plot;
}

}  // namespace reverie::evaluation
