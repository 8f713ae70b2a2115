// What the policy meets when it acts by itself, in the dream and in physics: observations, contacts, poses.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "contract/rng.h"
#include "evaluation/admissibility.h"
#include "evaluation/context.h"
#include "evaluation/section.h"
#include "evaluation/sections/pose_rows.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kRatioDraw = 3;  // step of Stream::kEvaluation
constexpr int kQuantiles = 100;     // of the observation that differs most, less one

// "height", or "velocity[3]" of a group of several.
std::string observation_name(const contract::EnvSpec& spec, int dimension) {
  for (const contract::ObservationGroup& group : spec.observation) {
    if (dimension < group.offset || dimension >= group.offset + group.size) continue;
    return group.size == 1 ? group.name : fmt::format("{}[{}]", group.name, dimension - group.offset);
  }
  return fmt::format("observation[{}]", dimension);
}

// Mean imagined over mean simulated return. The same starts are drawn for both.
report::Estimate return_ratio(std::span<const double> simulated, std::span<const double> imagined,
                              uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kRatioDraw);
  return report::ratio_of_means(imagined, simulated, [&rng] { return rng.next_u64(); });
}

std::vector<double> evenly_spaced_quantiles(const std::vector<double>& values) {
  std::array<double, kQuantiles + 1> shares{};
  for (int i = 0; i <= kQuantiles; ++i) shares[static_cast<size_t>(i)] = static_cast<double>(i) / kQuantiles;
  return report::quantiles(values, shares);
}

Findings measure(const Context& context) {
  const contract::EnvSpec& spec = context.subject.task->spec();
  const Visits simulated = recorded_visits(context.on_policy.episodes, spec, context.subject.action_repeat);
  const Visits& imagined = context.imagined;
  Findings findings;
  if (simulated.states() == 0 || imagined.states() == 0) {
    findings.missing.emplace_back("no episode lasts a whole decision.");
    return findings;
  }
  const int64_t states = std::min(simulated.states(), imagined.states());
  findings.rows = {estimate_row("return_ratio",
                                return_ratio(simulated.returns, imagined.returns, context.options.seed), "")};
  const ObservationDistances distances = compare_observations(simulated, imagined);
  if (std::isnan(distances.mean)) {
    findings.missing.emplace_back("ks_mean: no observation varies.");
  } else {
    findings.rows.push_back({"ks_mean", {}, kNone, distances.mean, kNone, states, ""});
    findings.rows.push_back({"ks_max", {}, kNone, distances.largest, kNone, states, ""});
    for (int d = 0; d < spec.observation_dim; ++d)
      if (const double ks = distances.ks[static_cast<size_t>(d)]; !std::isnan(ks))
        findings.rows.push_back({"ks_of_" + observation_name(spec, d), {}, kNone, ks, kNone, states, ""});
    const int worst = distances.largest_dimension;
    findings.points = {{observation_name(spec, worst), "simulated", "imagined",
                        evenly_spaced_quantiles(simulated.observation(worst)),
                        evenly_spaced_quantiles(imagined.observation(worst))}};
  }
  PoseReader reader(context.subject.task);
  add_pose_rows(findings, "simulated_", read_poses(reader, simulated, context.options.stop));
  add_pose_rows(findings, "imagined_", read_poses(reader, imagined, context.options.stop));
  return findings;
}

std::string percent(const Findings& findings, const std::string& row) {
  return fmt::format("{:.1f}%", 100.0 * find_row(findings, row).value);
}

std::string pair_of(const Findings& findings, const std::string& what) {
  return fmt::format("{} ({})", percent(findings, "imagined_" + what),
                     percent(findings, "simulated_" + what));
}

// The two distribution functions of the observation that differs most.
report::Plot distribution_plot(const Points& quantiles) {
  report::Plot plot;
  plot.title = "The observation that differs most: " + quantiles.name;
  plot.x_label = quantiles.name;
  plot.y_label = "share of states below";
  plot.width = 460;
  plot.height = 340;
  std::vector<double> shares;
  for (int i = 0; i <= kQuantiles; ++i) shares.push_back(static_cast<double>(i) / kQuantiles);
  const auto line = [&](const char* name, const std::vector<double>& values, int colour) {
    report::Series series;
    series.name = name;
    series.colour = colour;
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) continue;
      series.x.push_back(values[i]);
      series.y.push_back(shares[i]);
    }
    plot.series.push_back(std::move(series));
  };
  line("dream", quantiles.y, 0);
  line("physics", quantiles.x, 1);
  plot.y_range = report::Range{0.0, 1.0};
  return plot;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  const Row ratio = find_row(findings, "return_ratio");
  std::string first = fmt::format(
      "Acting by itself, the policy earns {} times in the dream what it earns in "
      "physics from the same starts",
      number_text(ratio.value));
  if (ratio.n > 1) first += fmt::format(" (95% interval {})", interval_text(ratio.low, ratio.high));
  for (const Points& points : findings.points)
    first += fmt::format(
        "; of what it sees, {} differs most (Kolmogorov–Smirnov distance {}, mean over all {})", points.name,
        number_text(find_row(findings, "ks_max").value), number_text(find_row(findings, "ks_mean").value));
  drawing.sentences = {
      first + ".",
      fmt::format(
          "In the dream (in physics) something touches what cannot move in {} of the states, is sunk "
          "{:g} cm or more into it in {}, and {} of the poses are admissible: nothing is more than {:g} "
          "cm inside another body, no joint more than {:g} rad or m beyond its stop.",
          pair_of(findings, "ground_contact"), 100.0 * kSunk, pair_of(findings, "sunk"),
          pair_of(findings, "admissible"), 100.0 * kPenetrating, kBeyondLimits)};
  for (const Points& points : findings.points)
    drawing.figures.push_back(
        {{{"", distribution_plot(points)}},
         "The states after every decision of all episodes, as distribution functions."});
  return drawing;
}

std::string fault(const Findings& findings, const Context& context) {
  for (const Row& row : findings.rows) {
    if (row.name.starts_with("ks_") && row.value != 0.0)
      return fmt::format("{} is {}, expected 0", row.name, row.value);
    if (row.name.starts_with("imagined_")) {
      const double simulated = find_row(findings, "simulated_" + row.name.substr(9)).value;
      if (row.value != simulated) return fmt::format("{} is {}, expected {}", row.name, row.value, simulated);
    }
  }
  // Only a share of the last decision counts when it reaches beyond the end: no exact answer is known.
  if (context.subject.task->spec().episode_steps % context.subject.action_repeat != 0) return "";
  const double ratio = find_row(findings, "return_ratio").value;
  if (std::isfinite(ratio) && std::abs(ratio - 1.0) > 1e-5)
    return fmt::format("return_ratio is {}, expected 1", ratio);
  return "";
}

}  // namespace

Section closed_loop_section() {
  return {.name = "closed_loop",
          .title = "What the policy meets in either world",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.imagined = true},
          .weight = 2.0};
}

}  // namespace reverie::evaluation
