// What the dream says of its own uncertainty, against the errors that it makes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/context.h"
#include "evaluation/pair_series.h"
#include "evaluation/section.h"
#include "evaluation/text.h"
#include "evaluation/uncertainty.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kHorizons[] = {2, 5, 10, 25, 50, 100, 200};  // control steps, to whole decisions
constexpr int64_t kShown = 25;                                 // of the pictures and the sentence
constexpr size_t kFewest = 8;                                  // starts of either half: fewer tell nothing
constexpr size_t kBins = 8;                                    // of the reliability diagram, equally full

// The decisions of `kHorizons`, each once, as far as the rollouts go.
std::vector<int64_t> decisions_of(const PairedRollouts& rollouts) {
  std::vector<int64_t> decisions;
  for (const int64_t horizon : kHorizons) {
    const int64_t k = std::max<int64_t>(1, horizon / rollouts.control_steps);
    if (k <= rollouts.truth.decisions && (decisions.empty() || decisions.back() != k)) decisions.push_back(k);
  }
  return decisions;
}

void add_scores(Findings& findings, const UncertainErrors& errors, uint64_t seed) {
  const auto judges = static_cast<size_t>(std::ranges::count(errors.judges, 1));
  if (judges < kFewest || errors.judges.size() - judges < kFewest) {
    findings.missing.push_back(fmt::format(
        "calibration after {} control steps: {} starts convert and {} judge, expected {} of each at least.",
        errors.horizon, errors.judges.size() - judges, judges, kFewest));
    return;
  }
  const UncertaintyScores scores = score_uncertainty(errors, seed);
  const auto add = [&](const char* name, const report::Estimate& estimate) {
    if (!std::isfinite(estimate.mean)) return;
    Row row = estimate_row(name, estimate, "");
    row.horizon = errors.horizon;
    findings.rows.push_back(row);
  };
  add("uncertainty_rank_correlation", scores.rank_correlation);
  add("uncertainty_spread_skill", scores.spread_skill);
  add("uncertainty_calibration_error", scores.calibration);
  add("uncertainty_crps_skill", scores.crps_skill);
  add("uncertainty_sparsification", scores.missed);
}

// Mean expected and mean met error of equally many judges each, from the surest to the least sure.
Points reliability(const UncertainErrors& errors) {
  const ExpectedErrors pairs = expected_errors(errors);
  std::vector<std::pair<double, double>> sorted;
  for (size_t i = 0; i < pairs.met.size(); ++i) sorted.emplace_back(pairs.expected[i], pairs.met[i]);
  std::ranges::stable_sort(sorted, {}, [](const auto& pair) { return pair.first; });
  Points points{"reliability", "expected", "met", {}, {}};
  const size_t bins = std::min(kBins, sorted.size());
  for (size_t b = 0; b < bins; ++b) {
    const size_t begin = b * sorted.size() / bins, end = (b + 1) * sorted.size() / bins;
    double expected = 0.0, met = 0.0;
    for (size_t i = begin; i < end; ++i) {
      expected += sorted[i].first;
      met += sorted[i].second;
    }
    points.x.push_back(expected / static_cast<double>(end - begin));
    points.y.push_back(met / static_cast<double>(end - begin));
  }
  return points;
}

void add_pictures(Findings& findings, const UncertainErrors& errors) {
  if (find_curve(findings, "uncertainty_rank_correlation").value.empty()) return;
  findings.points.push_back(reliability(errors));
  const report::Sparsification curves = report::sparsification(errors.uncertainty, errors.error);
  findings.points.push_back(
      {"removed_by_uncertainty", "removed", "error", curves.removed, curves.by_uncertainty});
  findings.points.push_back({"removed_by_error", "removed", "error", curves.removed, curves.by_error});
}

// The decisions that the pictures show: the last of the horizons up to kShown.
int64_t shown_decisions(const std::vector<int64_t>& decisions, int control_steps) {
  int64_t shown = decisions.front();
  for (const int64_t k : decisions)
    if (k * control_steps <= kShown) shown = k;
  return shown;
}

Findings measure(const Context& context) {
  const HeldOut& set = context.pushed.missing.empty() ? context.pushed : context.on_policy;
  Findings findings;
  if (!set.missing.empty()) {
    findings.missing.push_back(set.missing);
    return findings;
  }
  const PairedRollouts& rollouts = set.rollouts;
  const double stated = stated_share(rollouts);
  findings.rows = {{"uncertainty_stated", {}, kNone, stated, kNone, rollouts.truth.count, ""}};
  if (stated == 0.0) {
    findings.checks = {{"no_error_where_none_is_expected", set.fidelity.largest_error == 0.0,
                        fmt::format("{} sd, expected 0", set.fidelity.largest_error)}};
    findings.missing.emplace_back("calibration: the world under test says that it is never uncertain.");
    return findings;
  }
  const std::vector<int64_t> decisions = decisions_of(rollouts);
  if (decisions.empty()) {
    findings.missing.emplace_back("calibration: no rollout lasts a whole decision.");
    return findings;
  }
  const int64_t shown = shown_decisions(decisions, rollouts.control_steps);
  for (const int64_t k : decisions) {
    base::check_stop(context.options.stop);
    const UncertainErrors errors = uncertain_errors(rollouts, k);
    add_scores(findings, errors, context.options.seed);
    if (k == shown) add_pictures(findings, errors);
  }
  if (&set == &context.on_policy || !context.on_policy.missing.empty()) {
    findings.missing.emplace_back("uncertainty_auroc: there is only one set of starts.");
    return findings;
  }
  const UncertainErrors pushed = uncertain_errors(rollouts, shown),
                        undisturbed = uncertain_errors(context.on_policy.rollouts, shown);
  if (std::min(pushed.error.size(), undisturbed.error.size()) < kFewest) {
    findings.missing.push_back(
        fmt::format("uncertainty_auroc: {} pushed starts and {} others, expected {} of each.",
                    pushed.error.size(), undisturbed.error.size(), kFewest));
  } else {
    findings.rows.push_back(
        estimate_row("uncertainty_auroc", tell_apart(pushed, undisturbed, context.options.seed), ""));
  }
  return findings;
}

// The row of `name` at the horizon that is shown; without value where there is none.
Row shown_row(const Findings& findings, std::string_view name) {
  Row found;
  for (const Row& row : findings.rows)
    if (row.name == name && row.horizon && (found.n == 0 || *row.horizon <= kShown)) found = row;
  return found;
}

// When the curves have no point up to kShown, their first one.
std::string sentence(const Findings& findings) {
  const Row rank = shown_row(findings, "uncertainty_rank_correlation"),
            skill = shown_row(findings, "uncertainty_crps_skill");
  if (find_row(findings, "uncertainty_stated").value == 0.0)
    return "The dream never says that it is uncertain.";
  if (rank.n == 0) return "There are too few starts to judge what the dream says of its own uncertainty.";
  std::string text = fmt::format(
      "After {} control steps the dream's uncertainty orders {} pushed starts by their error with a rank "
      "correlation of "
      "{} (95% interval {})",
      rank.horizon.value_or(0), rank.n, number_text(rank.value), interval_text(rank.low, rank.high));
  if (skill.n > 0)
    text += fmt::format(
        "; as a forecast of the error it is {}% {} than one that does not look at it (CRPS, 95% interval "
        "{}%)",
        number_text(100.0 * std::abs(skill.value)), skill.value < 0.0 ? "worse" : "better",
        interval_text(100.0 * skill.low, 100.0 * skill.high));
  return text + ".";
}

report::Plot reliability_plot(const Points& points) {
  report::Plot plot;
  plot.title = "Error expected and met";
  plot.x_label = "expected error (standard deviations)";
  plot.y_label = "met error (standard deviations)";
  plot.width = 460;
  plot.height = 340;
  double high = 0.0;
  for (const std::vector<double>* values : {&points.x, &points.y})
    for (const double v : *values) high = std::max(high, v);
  report::Series bins = dot_series("an eighth of the judging starts", points);
  bins.line = true;
  plot.series = {diagonal_series("as expected", 0.0, high), bins};
  return plot;
}

report::Plot sparsification_plot(const Points& ours, const Points& best) {
  report::Plot plot;
  plot.title = "Without the most uncertain";
  plot.x_label = "share of starts removed";
  plot.y_label = "mean error of the rest (standard deviations)";
  plot.width = 460;
  plot.height = 340;
  report::Series by_uncertainty, by_error;
  by_uncertainty.name = "the most uncertain first";
  by_uncertainty.x = ours.x;
  by_uncertainty.y = ours.y;
  by_error.name = "the worst first";
  by_error.x = best.x;
  by_error.y = best.y;
  by_error.colour = 1;
  plot.series = {by_uncertainty, by_error};
  return plot;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  drawing.sentences = {
      sentence(findings),
      "The uncertainty of a decision is the disagreement of the model's heads; it is added up since the "
      "start. It has no "
      "unit: every second episode converts it into an expected error, the other episodes judge."};
  if (findings.points.size() == 3)
    drawing.figures = {{{{"calibration.png", reliability_plot(findings.points[0])},
                         {"", sparsification_plot(findings.points[1], findings.points[2])}},
                        fmt::format("Pushed starts, after at most {} control steps. On the right, an "
                                    "uncertainty that knows nothing would "
                                    "leave the error where it begins.",
                                    kShown)}};
  return drawing;
}

// A world that is never uncertain must be right.
std::string fault(const Findings& findings, const Context&) {
  for (const Check& check : findings.checks)
    if (!check.held) return fmt::format("{}: {}", check.name, check.found);
  return "";
}

}  // namespace

Section calibration_section() {
  return {.name = "calibration",
          .title = "Does it know what it does not know",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true, .on_policy = true},
          .weight = 2.0};
}

}  // namespace reverie::evaluation
