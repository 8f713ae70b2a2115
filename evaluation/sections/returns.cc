// Imagined against simulated returns: the policy acts for a whole episode from the same start in both worlds.
#include "evaluation/returns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/context.h"
#include "evaluation/pair_series.h"
#include "evaluation/report_point.h"
#include "evaluation/section.h"
#include "evaluation/sections/returns_by_horizon.h"
#include "evaluation/text.h"
#include "evaluation/training_series.h"

namespace reverie::evaluation {
namespace {

Findings measure(const Context& context) {
  const uint64_t seed = context.options.seed;
  const ReturnComparison returns =
      compare_returns(episode_returns(context.on_policy.episodes), context.imagined.returns, seed);
  const auto n = static_cast<int64_t>(returns.simulated.size());
  const auto lost = std::ranges::count_if(returns.imagined, [](double x) { return !std::isfinite(x); });
  Findings findings;
  findings.rows = {estimate_row("simulated_return", returns.simulated_return, "return")};
  if (lost > 0) {
    findings.missing.push_back(
        fmt::format("imagined_return: in {} of {} starts the dream predicts what is not a number.", lost, n));
  } else {
    findings.rows.insert(findings.rows.end(),
                         {estimate_row("imagined_return", returns.imagined_return, "return"),
                          estimate_row("return_bias", returns.bias, "return"),
                          {"return_correlation", {}, kNone, returns.correlation, kNone, n, ""},
                          {"return_rank_correlation", {}, kNone, returns.rank_correlation, kNone, n, ""}});
  }
  if (context.random_returns) {
    findings.rows.push_back(
        estimate_row("random_return", return_estimate(*context.random_returns, seed), "return"));
  } else {
    findings.missing.emplace_back("random_return: no episodes of the random policy were asked for.");
  }
  findings.points = {{"returns", "simulated", "imagined", returns.simulated, returns.imagined, {}}};
  for (const contract::StartPoint& start : first_rows(context.on_policy.episodes))
    findings.points.front().places.push_back(place_of("on_policy", start));
  add_returns_by_horizon(findings, context);
  return findings;
}

std::string bias_sentence(const Row& bias) {
  if (bias.n < 2) return "One episode cannot tell whether imagined returns are biased.";
  const std::string interval = interval_text(bias.low, bias.high);
  if (bias.low <= 0.0 && bias.high >= 0.0)
    return fmt::format(
        "Imagined and simulated returns of the same starts differ by {} on average (95% interval {}): no "
        "bias can be told from {} episodes.",
        number_text(bias.value), interval, bias.n);
  return fmt::format(
      "The dream promises too {}: over the same {} starts its returns are {} {} than those in simulation "
      "(95% interval of the difference {}).",
      bias.value > 0 ? "much" : "little", bias.n, number_text(std::abs(bias.value)),
      bias.value > 0 ? "higher" : "lower", interval);
}

report::Plot returns_plot(const Points& returns) {
  report::Plot plot;
  plot.title = "Promised and paid";
  plot.x_label = "simulated return";
  plot.y_label = "imagined return of the same start";
  plot.width = 460;
  plot.height = 420;
  double low = INFINITY, high = -INFINITY;
  for (const std::vector<double>* values : {&returns.x, &returns.y}) {
    for (const double v : *values) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (low > high) low = high = 0.0;
  // Equal axes, so that the diagonal means what it seems to; never so narrow that noise looks like structure.
  const double room = std::max({0.08 * (high - low), 0.01 * std::abs(high), 0.5});
  plot.x_range = plot.y_range = report::Range{low - room, high + room};
  report::Series diagonal = diagonal_series("kept promise", low - room, high + room);
  diagonal.width = 1.5;
  plot.series = {diagonal, dot_series("one start", returns)};
  return plot;
}

report::Plot training_plot(std::span<const training::MetricRow> metrics, const Findings& findings) {
  report::Plot plot;
  plot.title = "Learning";
  plot.x_label = "environment steps";
  plot.y_label = "return of an episode";
  plot.width = 460;
  plot.height = 420;
  report::Series collected = metric_series(metrics, "train/return", "while exploring", -1);
  collected.width = 1.5;
  report::Series evaluated = metric_series(metrics, "eval/return", "mean actions, simulated", 0);
  evaluated.points = true;
  for (report::Series& series : std::vector{collected, evaluated})
    if (!series.x.empty()) plot.series.push_back(series);
  if (!metrics.empty() && metrics.back().step > 0)
    plot.x_range = report::Range{0.0, static_cast<double>(metrics.back().step)};
  plot.horizontal.push_back({find_row(findings, "simulated_return").value, "this evaluation", 0});
  const Row random = find_row(findings, "random_return");
  if (random.n > 0) plot.horizontal.push_back({random.value, "random policy", 1});
  return plot;
}

Drawing draw(const Findings& findings, const EvaluationResult& about) {
  Drawing drawing;
  if (const Row bias = find_row(findings, "return_bias"); bias.n > 0)
    drawing.sentences = {bias_sentence(bias)};
  const Row random = find_row(findings, "random_return");
  if (random.n > 0)
    drawing.sentences.push_back(fmt::format("A random policy scores {} (95% interval {}) in the same task.",
                                            number_text(random.value),
                                            interval_text(random.low, random.high)));
  FigureRow row{{},
                "Each dot is one start: the policy acts for a whole episode in physics, and again inside "
                "the dream."};
  for (const Points& points : findings.points) row.figures.push_back({"returns.png", returns_plot(points)});
  if (!about.training.empty())
    row.figures.push_back({"training.png", training_plot(about.training, findings)});
  drawing.figures = {row};
  for (std::string& sentence : term_sentences(findings)) drawing.sentences.push_back(std::move(sentence));
  if (report::Plot terms = terms_plot(findings); !terms.series.empty())
    drawing.figures.push_back(
        {{{"", std::move(terms)}},
         "What the reward head pays beyond the task for imagined states, and what the task would pay for "
         "them "
         "beyond those of physics; together they are the difference of the returns. Means over starts."});
  return drawing;
}

// Returns add up in another order in the two worlds, so that rounding is allowed for.
std::string fault(const Findings& findings, const Context& context) {
  // Only a share of the last decision counts when it reaches beyond the end: no exact answer is known.
  if (context.subject.task->spec().episode_steps % context.subject.action_repeat != 0) return "";
  for (const Points& points : findings.points) {
    for (size_t i = 0; i < points.x.size(); ++i) {
      const double allowed = 1e-6 * std::max(1.0, std::abs(points.x[i]));
      if (!(std::abs(points.y[i] - points.x[i]) <= allowed))
        return fmt::format("the imagined return of start {} is {}, expected {}", i, points.y[i], points.x[i]);
    }
  }
  return terms_fault(findings);
}

}  // namespace

Section returns_section() {
  return {.name = "returns",
          .title = "Left to itself",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.imagined = true, .random_returns = true},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
