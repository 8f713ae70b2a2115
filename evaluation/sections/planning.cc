// What planning inside the model costs.
#include <fmt/format.h>

#include "evaluation/context.h"
#include "evaluation/report.h"
#include "evaluation/section.h"

namespace reverie::evaluation {
namespace {

Findings measure(const Context& context) {
  Findings findings;
  if (!context.subject.planning) {
    findings.missing.emplace_back("planned_share: the policy does not plan.");
    return findings;
  }
  const policies::PlanningStats stats = context.subject.planning();
  findings.rows = {
      {"planned_share", {}, kNone, stats.planned_share(), kNone, stats.decisions, ""},
      {"milliseconds_per_decision", {}, kNone, stats.milliseconds(), kNone, stats.decisions, "ms", true}};
  return findings;
}

Drawing draw(const Findings&, const EvaluationResult& about) {
  return {.sentences = {fmt::format("The policy plans inside the model, {}.", planning_text(about))},
          .figures = {}};
}

}  // namespace

Section planning_section() {
  return {.name = "planning",
          .title = "Planning",
          .measure = measure,
          .draw = draw,
          .needs = {.imagined = true},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
