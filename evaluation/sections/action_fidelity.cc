// Other actions from the same start: do they make the difference in the dream that they make in physics?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "contract/rng.h"
#include "evaluation/context.h"
#include "evaluation/counterfactuals.h"
#include "evaluation/section.h"
#include "evaluation/sections/starts.h"
#include "evaluation/text.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kHorizons[] = {1, 5, 10, 25, 50, 100};  // control steps, rounded up to decisions
constexpr uint64_t kEffectsDraw = 6;                      // step of Stream::kEvaluation
constexpr double kShown = 32.0;                           // control steps of the sentence, at most
constexpr double kRest = 0.01;                            // sd: what moves less in physics rests

std::vector<int64_t> decisions_measured(const Subject& subject) {
  std::vector<int64_t> out;
  for (const int64_t steps : kHorizons) {
    const int64_t decisions = (steps + subject.action_repeat - 1) / subject.action_repeat;
    if (decisions * subject.action_repeat > subject.task->spec().episode_steps) break;
    if (out.empty() || out.back() != decisions) out.push_back(decisions);
  }
  if (out.empty()) out.push_back(1);
  return out;
}

std::vector<double> finite_ones(std::span<const double> values) {
  std::vector<double> out;
  std::ranges::copy_if(values, std::back_inserter(out), [](double x) { return std::isfinite(x); });
  return out;
}

// The rows of one horizon.
class RowWriter {
 public:
  RowWriter(Findings& findings, int64_t horizon, uint64_t seed)
      : findings_(findings), horizon_(horizon), rng_(seed, 0, contract::Stream::kEvaluation, kEffectsDraw) {}

  // The mean of those that are numbers; no row without any.
  void mean(const char* name, std::span<const double> values, const char* unit) {
    add(name, report::bootstrap_mean(finite_ones(values), [this] { return rng_.next_u64(); }), unit);
  }
  void ratio(const char* name, std::span<const double> above, std::span<const double> below) {
    std::vector<double> a, b;
    for (size_t i = 0; i < above.size(); ++i) {
      if (!std::isfinite(above[i]) || !std::isfinite(below[i])) continue;
      a.push_back(above[i]);
      b.push_back(below[i]);
    }
    add(name, report::ratio_of_means(a, b, [this] { return rng_.next_u64(); }), "");
  }

 private:
  void add(const char* name, const report::Estimate& estimate, const char* unit) {
    if (estimate.n == 0 || !std::isfinite(estimate.mean)) return;
    Row row = estimate_row(name, estimate, unit);
    row.horizon = horizon_;
    findings_.rows.push_back(std::move(row));
  }
  Findings& findings_;
  int64_t horizon_;
  contract::Rng rng_;
};

// How far the dream moves under no action from where physics rests.
void add_rest(Findings& findings, const std::vector<double>& most_in_physics,
              const std::vector<double>& in_dream, uint64_t seed) {
  std::vector<double> moved;
  for (size_t n = 0; n < most_in_physics.size(); ++n)
    if (most_in_physics[n] < kRest && std::isfinite(in_dream[n])) moved.push_back(in_dream[n]);
  if (moved.empty()) {
    findings.missing.push_back(
        fmt::format("noop_at_rest: from none of {} starts physics rests without action.", in_dream.size()));
    return;
  }
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kEffectsDraw);
  findings.rows.push_back(
      estimate_row("noop_at_rest", report::bootstrap_mean(moved, [&rng] { return rng.next_u64(); }), "sd"));
}

void say_what_is_missing(Findings& findings, const ActionEffects& last) {
  const auto unknown = std::ranges::count_if(last.dream, [](double x) { return std::isinf(x); });
  if (unknown > 0)
    findings.missing.push_back(
        fmt::format("action_ratio leaves out {} of {} starts, where the dream is not finite.", unknown,
                    last.dream.size()));
  for (const char* name : {"action_cosine", "action_kendall"})
    if (find_curve(findings, name).n.empty())
      findings.missing.push_back(
          fmt::format("{}: no choice of actions makes a difference in physics.", name));
}

Findings measure(const Context& context) {
  const HeldOut& set = disturbed(context);
  if (!set.missing.empty()) return {.rows = {}, .points = {}, .checks = {}, .missing = {set.missing}};
  const Subject& subject = context.subject;
  const EvaluationOptions& options = context.options;
  const std::vector<int64_t> horizons = decisions_measured(subject);
  base::ThreadPool pool(options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  const Alternatives alternatives = make_alternatives(
      *physics, spread_evenly(set.rollouts.starts, kFewStarts), subject.planning ? nullptr : subject.policy,
      subject.task->spec(), horizons.back(), options.seed, options.stop, context.progress.between(0.0, 0.1));
  const Rollouts truth = play_alternatives(*physics, alternatives, options.stop,
                                           context.progress.between(0.1, 0.7)),
                 dream = play_alternatives(*subject.dream, alternatives, options.stop,
                                           context.progress.between(0.7, 0.95));
  const std::vector<double>& spread = set.rollouts.spread;
  Findings findings;
  findings.rows.push_back({"action_sequences",
                           {},
                           kNone,
                           static_cast<double>(alternatives.count()),
                           kNone,
                           std::ssize(alternatives.starts),
                           ""});
  ActionEffects effects;
  std::vector<double> most(alternatives.starts.size(), 0.0), in_dream;
  for (const int64_t k : horizons) {
    RowWriter rows(findings, k * subject.action_repeat, options.seed);
    effects = compare_effects(alternatives, truth, dream, spread, k);
    rows.ratio("action_ratio", effects.dream, effects.physics);
    rows.mean("action_cosine", effects.cosine, "");
    rows.mean("action_kendall", effects.kendall, "");
    rows.mean("action_spearman", effects.spearman, "");
    rows.mean("action_regret", effects.regret, "return");
    const std::vector<double> in_physics = moved_under(alternatives, truth, "zero", spread, k);
    in_dream = moved_under(alternatives, dream, "zero", spread, k);
    rows.mean("noop_moved_physics", in_physics, "sd");
    rows.mean("noop_moved_dream", in_dream, "sd");
    for (size_t n = 0; n < most.size(); ++n) most[n] = std::max(most[n], in_physics[n]);
  }
  add_rest(findings, most, in_dream, options.seed);
  say_what_is_missing(findings, effects);
  return findings;
}

// The last point up to kShown control steps, or the first.
std::string shown(const Findings& findings, const char* name) {
  const Curve curve = find_curve(findings, name);
  if (curve.value.empty()) return "not measured";
  size_t i = 0;
  while (i + 1 < curve.value.size() && curve.horizon[i + 1] <= kShown) ++i;
  return fmt::format("{} (95% interval {})", number_text(curve.value[i]),
                     curve.low.empty() ? "–" : interval_text(curve.low[i], curve.high[i]));
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  const Row sequences = find_row(findings, "action_sequences");
  Drawing drawing;
  drawing.sentences = {fmt::format("After about 25 control steps other actions make {} times the difference "
                                   "in the dream that they make in "
                                   "physics; the two differences have a cosine of {}, and the orders of "
                                   "returns a Kendall's tau of {}.",
                                   shown(findings, "action_ratio"), shown(findings, "action_cosine"),
                                   shown(findings, "action_kendall")),
                       fmt::format("{} sequences are played from each of {} starts in both worlds: the "
                                   "recorded actions, the policy's where "
                                   "it does not plan, none, random ones, and the recorded ones with one "
                                   "actuator moved by half of its range in the first {} "
                                   "decisions. Differences are from the outcome of the recorded actions, in "
                                   "held-out sd; a perfect model "
                                   "has ratio, cosine and tau 1 and regret 0. Intervals are over starts.",
                                   sequences.value, sequences.n, kBumpDecisions)};
  const CurveLine agreement[] = {{"action_cosine", "cosine of the differences", 0},
                                 {"action_kendall", "Kendall's tau of returns", 1}};
  const CurveLine sizes[] = {{"action_ratio", "difference in the dream over that in physics", 0}};
  const CurveLine rest[] = {{"noop_moved_dream", "dream", 0}, {"noop_moved_physics", "physics", 2}};
  drawing.figures = {
      {{{"", plot_by_horizon(findings, agreement, "Other actions: agreement", "")},
        {"", plot_by_horizon(findings, sizes, "Other actions: size", "ratio")},
        {"", plot_by_horizon(findings, rest, "No action", "moved (sd)")}},
       "1 is perfect in the first two; without action the dream should move as far as physics."}};
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  for (const Row& row : findings.rows) {
    if (row.name == "action_sequences" || row.name.starts_with("noop")) continue;
    const double expected = row.name == "action_regret" ? 0.0 : 1.0;
    if (!(std::abs(row.value - expected) <= 1e-9))
      return fmt::format("{} after {} control steps is {}, expected {}", row.name, row.horizon.value_or(0),
                         row.value, expected);
  }
  const Curve physics = find_curve(findings, "noop_moved_physics"),
              dream = find_curve(findings, "noop_moved_dream");
  if (physics.value != dream.value) return "without action the dream moves otherwise than physics";
  return "";
}

}  // namespace

Section action_fidelity_section() {
  return {.name = "action_fidelity",
          .title = "Other actions from the same start",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true},
          .weight = 8.0};
}

}  // namespace reverie::evaluation
