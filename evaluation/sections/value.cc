// What the critic expects of states, against what physics went on to pay under the same policy.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "contract/rng.h"
#include "evaluation/context.h"
#include "evaluation/pair_series.h"
#include "evaluation/section.h"
#include "evaluation/sections/returns_by_horizon.h"
#include "evaluation/text.h"
#include "evaluation/value_error.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kValueDraw = 48;                                    // step of Stream::kEvaluation
constexpr int64_t kHorizons[] = {0, 2, 5, 10, 25, 50, 100, 200, 500};  // control steps, to whole decisions
constexpr size_t kFewest = 8;                                          // starts: fewer tell nothing
constexpr int kResamples = 1000;

// Starts of one episode belong together: whole episodes are drawn.
class Rows {
 public:
  Rows(Findings& findings, const ValuePairs& pairs, contract::Rng& rng)
      : findings_(findings), pairs_(pairs), rng_(rng) {
    std::map<const contract::Episode*, std::vector<size_t>> by_episode;
    for (size_t i = 0; i < pairs.from.size(); ++i) by_episode[pairs.from[i]].push_back(i);
    // In the order of the episodes, which does not depend on where they lie in memory.
    for (auto& [episode, cases] : by_episode) episodes_.push_back(std::move(cases));
    std::ranges::sort(episodes_, {}, [](const auto& cases) { return cases.front(); });
  }

  template <typename Statistic>
  void add(const std::string& name, const Statistic& statistic, const char* unit) {
    std::vector<double> promised, realised;
    const auto of = [&](std::span<const size_t> chosen) {
      promised.clear(), realised.clear();
      for (const size_t e : chosen) {
        for (const size_t i : episodes_[e]) {
          promised.push_back(pairs_.promised[i]);
          realised.push_back(pairs_.realised[i]);
        }
      }
      return static_cast<double>(statistic(promised, realised));
    };
    report::Estimate estimate = report::bootstrap(
        episodes_.size(), of, [this] { return rng_.next_u64(); }, kResamples);
    if (!std::isfinite(estimate.mean)) return;
    estimate.n = static_cast<int64_t>(pairs_.promised.size());
    findings_.rows.push_back(estimate_row(name, estimate, unit));
    findings_.rows.back().horizon = pairs_.horizon;
  }

 private:
  Findings& findings_;
  const ValuePairs& pairs_;
  contract::Rng& rng_;
  std::vector<std::vector<size_t>> episodes_;  // cases of each
};

double mean_difference(const std::vector<double>& promised, const std::vector<double>& realised) {
  return report::mean(promised) - report::mean(realised);
}

double mean_absolute_difference(const std::vector<double>& promised, const std::vector<double>& realised) {
  double sum = 0.0;
  for (size_t i = 0; i < promised.size(); ++i) sum += std::abs(promised[i] - realised[i]);
  return sum / static_cast<double>(promised.size());
}

double ratio(const std::vector<double>& promised, const std::vector<double>& realised) {
  const double below = report::mean(realised);
  return below == 0.0 ? kNone : report::mean(promised) / below;
}

double rank_correlation(const std::vector<double>& promised, const std::vector<double>& realised) {
  return report::spearman(promised, realised);
}

std::vector<int64_t> decisions_of(const PairedRollouts& rollouts) {
  std::vector<int64_t> decisions;
  for (const int64_t horizon : kHorizons) {
    const int64_t k = horizon == 0 ? 0 : std::max<int64_t>(1, horizon / rollouts.control_steps);
    if (k <= rollouts.world.decisions && (decisions.empty() || decisions.back() != k)) decisions.push_back(k);
  }
  return decisions;
}

std::string reason_for_none(const Context& context) {
  if (!context.on_policy.missing.empty()) return context.on_policy.missing;
  if (!context.subject.no_value.empty()) return context.subject.no_value + ".";
  return context.subject.value ? "the dream tells no latents." : "there is no critic.";
}

Findings measure(const Context& context) {
  Findings findings;
  const PairedRollouts& rollouts = context.on_policy.rollouts;
  if (!context.on_policy.missing.empty() || rollouts.world.values.empty()) {
    findings.missing.push_back(reason_for_none(context));
    return findings;
  }
  contract::Rng rng(context.options.seed, 0, contract::Stream::kEvaluation, kValueDraw);
  for (const int64_t k : decisions_of(rollouts)) {
    base::check_stop(context.options.stop);
    const ValuePairs pairs = value_pairs(rollouts, k, context.subject.discount, kUnseenShare);
    if (pairs.promised.size() < kFewest) {
      findings.missing.push_back(
          fmt::format("value after {} control steps: the record of {} starts goes on for long enough "
                      "(discount {:g} a decision), expected {} at least.",
                      pairs.horizon, pairs.promised.size(), context.subject.discount, kFewest));
      continue;
    }
    Rows rows(findings, pairs, rng);
    rows.add("value_error", mean_absolute_difference, "return");
    rows.add("value_bias", mean_difference, "return");
    rows.add("value_ratio", ratio, "");
    rows.add("value_rank_correlation", rank_correlation, "");
    if (k == 0) findings.points = {{"values", "realised", "promised", pairs.realised, pairs.promised}};
  }
  return findings;
}

report::Plot values_plot(const Points& values) {
  report::Plot plot;
  plot.title = "Expected and paid";
  plot.x_label = "discounted return in physics from the same state";
  plot.y_label = "value";
  plot.width = 460;
  plot.height = 340;
  double low = INFINITY, high = -INFINITY;
  for (const std::vector<double>* side : {&values.x, &values.y}) {
    for (const double v : *side) {
      if (!std::isfinite(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  }
  if (low > high) low = high = 0.0;
  plot.series = {diagonal_series("as paid", low, high), dot_series("one start", values)};
  return plot;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  const Curve bias = find_curve(findings, "value_bias"), ratio = find_curve(findings, "value_ratio"),
              rank = find_curve(findings, "value_rank_correlation");
  if (bias.value.empty()) return drawing;
  std::string first = fmt::format(
      "At {} the critic expects {} {} than physics goes on to pay",
      bias.horizon.front() == 0.0 ? std::string("states of physics")
                                  : fmt::format("states {:.0f} control steps on", bias.horizon.front()),
      number_text(std::abs(bias.value.front())), bias.value.front() < 0.0 ? "less" : "more");
  if (!bias.low.empty())
    first += fmt::format(" (discounted; 95% interval of the difference {})",
                         interval_text(bias.low.front(), bias.high.front()));
  if (!ratio.value.empty()) first += fmt::format(", {} times as much", number_text(ratio.value.front()));
  if (!rank.value.empty())
    first += fmt::format("; it orders {} starts with a rank correlation of {}", rank.n.front(),
                         number_text(rank.value.front()));
  drawing.sentences = {first + "."};
  const CurveLine lines[] = {{"value_bias", "expected less paid", 0}, {"value_error", "without sign", 1}};
  report::Plot plot = plot_by_horizon(findings, lines, "Value of imagined states", "discounted return");
  plot.horizontal.push_back({0.0, "", -1});
  FigureRow figures{{{"", std::move(plot)}},
                    fmt::format("The dream is led by recorded actions of the policy itself. Starts whose "
                                "record ends too early to hold {:g}% of a discounted return are left out.",
                                100.0 * (1.0 - kUnseenShare))};
  for (const Points& points : findings.points) figures.figures.push_back({"", values_plot(points)});
  drawing.figures = {figures};
  return drawing;
}

}  // namespace

Section value_section() {
  return {.name = "value",
          .title = "What the critic expects",
          .measure = measure,
          .draw = draw,
          .needs = {.on_policy = true},
          .weight = 0.5};
}

}  // namespace reverie::evaluation
