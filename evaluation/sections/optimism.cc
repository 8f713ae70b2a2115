// Action sequences that fail in physics and those that succeed, and what the dream makes of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/context.h"
#include "evaluation/optimism.h"
#include "evaluation/report_point.h"
#include "evaluation/section.h"
#include "evaluation/sections/starts.h"
#include "evaluation/text.h"
#include "report/calibration.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kSteps = 100;  // control steps of a sequence

// A share that has something to be a share of, or why there is none.
void add_share(Findings& findings, const std::string& name, int64_t hits, int64_t n, const char* nothing) {
  if (n > 0) {
    findings.rows.push_back(estimate_row(name, report::share_of(hits, n), ""));
  } else {
    findings.missing.push_back(name + ": " + nothing);
  }
}

Findings measure(const Context& context) {
  const HeldOut& set = disturbed(context);
  if (!set.missing.empty()) return {.rows = {}, .points = {}, .checks = {}, .missing = {set.missing}};
  const Subject& subject = context.subject;
  const contract::EnvSpec& spec = subject.task->spec();
  const std::vector<contract::StartPoint> starts = spread_evenly(set.rollouts.starts, kFewStarts);
  const int64_t decisions =
      std::max<int64_t>(std::min<int64_t>(kSteps, spec.episode_steps) / subject.action_repeat, 1);
  base::ThreadPool pool(context.options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  const auto outcomes = [&](contract::World& world, const Progress& progress) {
    return try_sequences(world, starts, spec, decisions, context.options.seed, context.options.stop,
                         progress);
  };
  const Outcomes simulated = outcomes(*physics, context.progress.between(0.0, 0.7)),
                 imagined = outcomes(*subject.dream, context.progress.between(0.7, 1.0));
  const Optimism found = compare_outcomes(simulated, imagined);
  Findings findings;
  if (found.starts == 0) {
    findings.missing.push_back(fmt::format(
        "none of {} starts has a sequence of {} control steps that survives and earns more than nothing.",
        starts.size(), decisions * subject.action_repeat));
    return findings;
  }
  const int64_t sequences = found.failed + found.succeeded;
  findings.rows = {{"sequence_steps",
                    {},
                    kNone,
                    static_cast<double>(decisions * subject.action_repeat),
                    kNone,
                    sequences,
                    "control steps"},
                   estimate_row("fails_in_physics", report::share_of(found.failed, sequences), "")};
  add_share(findings, "false_success", found.promised, found.failed, "no sequence fails in physics.");
  add_share(findings, "false_failure", found.missed, found.succeeded, "no sequence succeeds in physics.");
  if (found.failed > 0 && found.succeeded > 0)
    findings.rows.push_back(estimate_row(
        "optimism", report::difference_of_shares(found.promised, found.failed, found.missed, found.succeeded),
        ""));
  findings.points = {{"sequences", "simulated", "imagined", found.simulated, found.imagined, {}}};
  const std::string set_name = &set == &context.pushed ? "pushed" : "on_policy";
  for (const size_t start : found.kept)
    for (int64_t s = 0; s < kSequences; ++s)
      findings.points.front().places.push_back(place_of(set_name, starts[start]));
  return findings;
}

std::string percent(double share) { return fmt::format("{:.0f}%", 100.0 * share); }

std::string share_text(const Findings& findings, const std::string& name) {
  const Row row = find_row(findings, name);
  if (row.n == 0) return "not measured, as there is none";
  return fmt::format("{} (95% interval {} to {}, n = {})", percent(row.value), percent(row.low),
                     percent(row.high), row.n);
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  const Row steps = find_row(findings, "sequence_steps");
  Drawing drawing;
  drawing.sentences = {
      fmt::format(
          "Of the action sequences that fail in physics, the share that succeeds in the dream is {}; of "
          "those that succeed in physics, the share that fails in the dream is {}.",
          share_text(findings, "false_success"), share_text(findings, "false_failure")),
      fmt::format(
          "A sequence of {} control steps succeeds when the episode goes on and it earns at least half "
          "of the best of {} sequences from the same start in physics: the start's own actions, those "
          "recorded after two other starts, and random ones.",
          steps.value, kSequences),
      "Intervals are Agresti and Coull's, that of the difference is Agresti and Caffo's; sequences of one "
      "start "
      "count as independent."};
  for (const Points& points : findings.points) {
    report::Plot plot;
    plot.title = "Returns of action sequences";
    plot.x_label = "in physics, share of the start's best";
    plot.y_label = "in the dream";
    plot.width = plot.height = 400;
    report::Series series;
    series.points = true;
    series.line = false;
    for (size_t i = 0; i < points.x.size(); ++i) {
      if (!std::isfinite(points.y[i])) continue;
      series.x.push_back(points.x[i]);
      series.y.push_back(points.y[i]);
    }
    plot.series = {std::move(series)};
    plot.horizontal = {{0.5, "success", -1}};
    plot.vertical = {{0.5, "success", -1}};
    drawing.figures.push_back(
        {{{"", std::move(plot)}}, "Above to the left the dream promises what physics does not pay."});
  }
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  for (const char* name : {"false_success", "false_failure"})
    if (const Row row = find_row(findings, name); row.n > 0 && row.value != 0.0)
      return fmt::format("{} is {}, expected 0", name, row.value);
  return "";
}

}  // namespace

Section optimism_section() {
  return {.name = "optimism",
          .title = "Where physics fails",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true},
          .weight = 8.0};
}

}  // namespace reverie::evaluation
