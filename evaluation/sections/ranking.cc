// Policies of the run, good and bad ones, ranked by the dream and by physics.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/thread_pool.h"
#include "evaluation/context.h"
#include "evaluation/pair_series.h"
#include "evaluation/policy_ranking.h"
#include "evaluation/returns.h"
#include "evaluation/section.h"
#include "evaluation/text.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

// Too few policies have none.
std::string interval_of(const Row& row) {
  if (!std::isfinite(row.low) || !std::isfinite(row.high)) return "";
  return fmt::format(" (95% interval {})", interval_text(row.low, row.high));
}

Findings measure(const Context& context) {
  const Subject& subject = context.subject;
  const contract::EnvSpec& spec = subject.task->spec();
  Findings findings;
  if (!subject.rivals) {
    findings.missing.emplace_back("ranking: there are no other policies to rank.");
    return findings;
  }
  const std::vector<Rival> rivals = subject.rivals();
  std::vector<contract::StartPoint> starts = first_rows(context.on_policy.episodes);
  starts.resize(std::min<size_t>(starts.size(), kRankingStarts));
  base::ThreadPool pool(context.options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  const RivalReturns returns =
      play_rivals(*physics, *subject.dream, starts, rivals, spec, context.options.seed, spec.episode_steps,
                  context.options.stop, context.progress.between(0.0, 0.95));
  for (const double imagined : returns.imagined)
    if (!std::isfinite(imagined)) {
      findings.missing.emplace_back("ranking: a policy's imagined return is not finite.");
      return findings;
    }
  const RankingScores scores = score_ranking(returns, context.options.seed);
  findings.rows = {estimate_row("ranking_pearson", scores.pearson, ""),
                   estimate_row("ranking_spearman", scores.spearman, ""),
                   estimate_row("ranking_kendall", scores.kendall, ""),
                   estimate_row("ranking_mmrv", scores.mmrv, "return"),
                   estimate_row("ranking_regret", scores.regret, "return"),
                   {"ranking_control_steps",
                    {},
                    kNone,
                    static_cast<double>(rivals.size() * starts.size()) * spec.episode_steps,
                    kNone,
                    static_cast<int64_t>(starts.size()),
                    "control steps"}};
  findings.points = {{"policies", "simulated", "imagined", returns.simulated, returns.imagined}};
  return findings;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  const Row spearman = find_row(findings, "ranking_spearman"), regret = find_row(findings, "ranking_regret"),
            mmrv = find_row(findings, "ranking_mmrv"), steps = find_row(findings, "ranking_control_steps");
  Drawing drawing;
  drawing.sentences = {
      fmt::format("The dream ranks {} policies as physics does with a rank correlation of {}{}; taking its "
                  "best for the best loses {} of return{}.",
                  spearman.n, number_text(spearman.value), interval_of(spearman), number_text(regret.value),
                  interval_of(regret)),
      fmt::format("The mean maximum rank violation is {} of return: for every policy the largest difference "
                  "in physics to one "
                  "that the dream puts on the wrong side of it. Checkpoints of the run mix their actions "
                  "with random ones "
                  "to different shares; the random and the zero policy are among them. All act from "
                  "observations, for "
                  "whole episodes from the same {} starts: {} control steps in each world. Intervals are "
                  "over policies.",
                  number_text(mmrv.value), steps.n, steps.value)};
  for (const Points& points : findings.points) {
    report::Plot plot;
    plot.title = "Policies in either world";
    plot.x_label = "simulated return";
    plot.y_label = "imagined return";
    plot.width = 460;
    plot.height = 420;
    const auto [low, high] = std::ranges::minmax(points.x);
    plot.series = {diagonal_series("kept promise", low, high), dot_series("one policy", points)};
    drawing.figures.push_back({{{"ranking.png", plot}}, "Means over the same starts."});
  }
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  for (const Points& points : findings.points)
    for (size_t p = 0; p < points.x.size(); ++p)
      if (points.x[p] != points.y[p])
        return fmt::format("the imagined return of policy {} is {}, expected {}", p, points.y[p],
                           points.x[p]);
  const double spearman = find_row(findings, "ranking_spearman").value;
  if (std::isfinite(spearman) && std::abs(spearman - 1.0) > 1e-12)
    return fmt::format("ranking_spearman is {}, expected 1", spearman);
  return "";
}

}  // namespace

Section ranking_section() {
  return {.name = "ranking",
          .title = "Does it rank policies as physics does",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .is_dear = true,
          .needs = {},
          .weight = 30.0};
}

}  // namespace reverie::evaluation
