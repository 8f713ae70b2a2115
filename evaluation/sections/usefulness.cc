// What the dream is good for: to plan with, and to learn in.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "contract/rng.h"
#include "evaluation/closed_loop.h"
#include "evaluation/context.h"
#include "evaluation/returns.h"
#include "evaluation/section.h"
#include "evaluation/sections/starts.h"
#include "evaluation/shooting.h"
#include "evaluation/text.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kStarts = 8;  // of the planner at most, one for each kStartsShare of the fidelity curve
constexpr int64_t kStartsShare = 32;
constexpr double kMargin = 0.05;  // of the return with the simulator: a smaller gap is none
constexpr uint64_t kGapDraw = 9;  // step of Stream::kEvaluation

report::Estimate difference(std::span<const double> a, std::span<const double> b, const Context& context) {
  contract::Rng rng(context.options.seed, 0, contract::Stream::kEvaluation, kGapDraw);
  return report::paired_difference(a, b, [&rng] { return rng.next_u64(); });
}

ShootingSettings settings_for(const Context& context) {
  ShootingSettings settings{.seed = context.options.seed};
  const int64_t episode = context.subject.task->spec().episode_steps / context.subject.action_repeat;
  settings.decisions = std::clamp<int64_t>(episode, 1, settings.decisions);
  return settings;
}

void add_planning(Findings& findings, const Context& context, contract::World& physics) {
  const HeldOut& set = disturbed(context);
  if (!set.missing.empty()) {
    findings.missing.push_back("planning_gap: " + set.missing);
    return;
  }
  const Subject& subject = context.subject;
  const contract::EnvSpec& spec = subject.task->spec();
  const ShootingSettings settings = settings_for(context);
  const std::vector<contract::StartPoint> starts = spread_evenly(
      set.rollouts.starts,
      static_cast<size_t>(std::clamp<int64_t>(context.options.starts / kStartsShare, 2, kStarts)));
  base::ThreadPool pool(context.options.sim_threads);
  const std::unique_ptr<contract::World> model =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  const std::vector<double> with_physics = shoot(physics, *model, starts, spec, settings,
                                                 context.options.stop, context.progress.between(0.0, 0.5)),
                            with_dream = shoot(physics, *subject.dream, starts, spec, settings,
                                               context.options.stop, context.progress.between(0.5, 0.9));
  const report::Estimate gap = difference(with_physics, with_dream, context);
  report::Estimate shortfall;
  if (subject.policy != nullptr) {
    const std::vector<double> own =
        closed_loop_returns(physics, starts, *subject.policy, spec, context.options.seed,
                            settings.decisions * subject.action_repeat, context.options.stop);
    shortfall = difference(own, with_physics, context);
    findings.rows.push_back(estimate_row("planner_shortfall", shortfall, "return"));
  }
  const auto n = static_cast<int64_t>(starts.size());
  const PlanningVerdict verdict =
      planning_verdict(gap, shortfall, kMargin * std::abs(report::mean(with_physics)));
  findings.rows.insert(
      findings.rows.begin(),
      {estimate_row("planned_in_physics", return_estimate(with_physics, context.options.seed), "return"),
       estimate_row("planned_in_dream", return_estimate(with_dream, context.options.seed), "return"),
       estimate_row("planning_gap", gap, "return"),
       {"planning_verdict", {}, kNone, static_cast<double>(verdict), kNone, n, verdict_name(verdict)},
       {"planning_steps",
        {},
        kNone,
        static_cast<double>(settings.decisions * subject.action_repeat),
        kNone,
        n,
        "control steps"},
       {"planning_cost",
        {},
        kNone,
        static_cast<double>(n * settings.cost(subject.action_repeat)),
        kNone,
        n,
        "control steps of each model"}});
}

void add_lift(Findings& findings, const Context& context, contract::World& physics) {
  const std::vector<double> own = episode_returns(context.on_policy.episodes);
  if (!context.random_returns) {
    findings.missing.emplace_back("lift_over_random: the random policy was not measured.");
  } else if (context.random_returns->size() != own.size()) {
    findings.missing.emplace_back(
        "lift_over_random: episodes diverged, and the starts are no pairs any more.");
  } else {
    findings.rows.push_back(
        estimate_row("lift_over_random", difference(own, *context.random_returns, context), "return"));
  }
  const Subject& subject = context.subject;
  const auto returns_of = [&](contract::Policy& policy) {
    return closed_loop_returns(physics, first_rows(context.on_policy.episodes), policy, subject.task->spec(),
                               context.options.seed, subject.task->spec().episode_steps,
                               context.options.stop);
  };
  if (subject.rival != nullptr) {
    findings.rows.push_back(
        estimate_row("lift_over_rival", difference(own, returns_of(*subject.rival), context), "return"));
  } else {
    findings.missing.emplace_back("lift_over_rival: no other run was given (--against RUN).");
  }
  if (!subject.past_selves) {
    findings.missing.emplace_back("lift_over_first: there are no checkpoints.");
    return;
  }
  const std::vector<PastSelf> past = subject.past_selves();
  if (past.size() < 2) {
    findings.missing.emplace_back("lift_over_first: there is one checkpoint.");
    return;
  }
  findings.rows.push_back(
      estimate_row("lift_over_first", difference(own, returns_of(*past.front().policy), context), "return"));
}

Findings measure(const Context& context) {
  const Subject& subject = context.subject;
  base::ThreadPool pool(context.options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  Findings findings;
  add_planning(findings, context, *physics);
  try {
    add_lift(findings, context, *physics);
  } catch (const base::UserError& error) {  // a checkpoint is gone
    findings.missing.emplace_back(error.what());
  }
  return findings;
}

std::string told(const Row& row) {
  if (row.n == 0) return "– (not measured)";
  return fmt::format("{} (95% interval {})", number_text(row.value), interval_text(row.low, row.high));
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  const auto row = [&](const char* name) { return find_row(findings, name); };
  const ShootingSettings settings;
  Drawing drawing;
  if (const Row verdict = row("planning_verdict"); verdict.n > 0) {
    drawing.sentences = {
        fmt::format("Verdict for planning: {}. The same planner earns {} with the simulator as its model and "
                    "{} with the "
                    "dream; the gap is {}, and the policy earns {} more than the planner with the simulator.",
                    verdict.unit, number_text(row("planned_in_physics").value),
                    number_text(row("planned_in_dream").value), told(row("planning_gap")),
                    told(row("planner_shortfall"))),
        fmt::format("The planner draws {} candidates of {} decisions, {} times a decision, each time around "
                    "the best so far and from "
                    "the plan before; it has neither actor nor critic. It acts for {} control steps from {} "
                    "starts, at a cost "
                    "of {} control steps in each model. Gaps within {:g}% of the return with the simulator "
                    "are none, and whole intervals decide.",
                    settings.candidates, settings.horizon, settings.refinements, row("planning_steps").value,
                    verdict.n, row("planning_cost").value, 100.0 * kMargin)};
  }
  drawing.sentences.push_back(fmt::format(
      "For whole episodes in physics the policy earns {} more than the random policy, {} more than "
      "the run's first checkpoint, and {} more than the policy of the run that it is held against.",
      told(row("lift_over_random")), told(row("lift_over_first")), told(row("lift_over_rival"))));
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  const Row gap = find_row(findings, "planning_gap");
  if (gap.n > 0 && gap.value != 0.0) return fmt::format("planning_gap is {}, expected 0", gap.value);
  return "";
}

}  // namespace

Section usefulness_section() {
  return {.name = "usefulness",
          .title = "What it is good for: planning and learning",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .is_dear = true,
          .needs = {.pushed = true, .random_returns = true},
          .weight = 40.0};
}

}  // namespace reverie::evaluation
