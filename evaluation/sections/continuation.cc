// Does the dream know when an episode ends? Of tasks that terminate.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/context.h"
#include "evaluation/continuation_error.h"
#include "evaluation/section.h"
#include "evaluation/text.h"
#include "report/calibration.h"

namespace reverie::evaluation {
namespace {

// Of the decisions with this outcome, the share in which the dream says the other.
report::Estimate false_share(const ContinuationPairs& pairs, bool went_on) {
  int64_t wrong = 0, all = 0;
  for (size_t i = 0; i < pairs.goes_on.size(); ++i) {
    if ((pairs.went_on[i] != 0) != went_on) continue;
    ++all;
    wrong += (pairs.goes_on[i] >= 0.5) != went_on ? 1 : 0;
  }
  return report::share_of(wrong, all);
}

Findings measure(const Context& context) {
  Findings findings;
  if (!context.subject.task->spec().has_termination) {
    findings.missing.emplace_back("the task never terminates.");
    return findings;
  }
  const HeldOut& set = context.pushed.missing.empty() ? context.pushed : context.on_policy;
  if (!set.missing.empty()) {
    findings.missing.push_back(set.missing);
    return findings;
  }
  const ContinuationPairs pairs = continuation_pairs(set.rollouts);
  const auto n = static_cast<int64_t>(pairs.goes_on.size());
  const int64_t ends = std::ranges::count(pairs.went_on, uint8_t{0});
  const auto plain = [&](const char* name, double value) {
    findings.rows.push_back({name, {}, kNone, value, kNone, n, ""});
  };
  plain("continuation_brier", brier_score(pairs));
  plain("continuation_ece", report::expected_calibration_error(pairs.goes_on, pairs.went_on));
  if (ends < n) findings.rows.push_back(estimate_row("false_death", false_share(pairs, true), ""));
  if (ends == 0) {
    findings.missing.emplace_back("continuation_auroc, false_survival: no episode ended within the horizon.");
    return findings;
  }
  findings.rows.push_back(estimate_row("false_survival", false_share(pairs, false), ""));
  if (ends < n) plain("continuation_auroc", report::auroc(pairs.goes_on, pairs.went_on));
  return findings;
}

std::string share_text(const Row& row) {
  return fmt::format("{}% (95% interval {}%, n = {})", number_text(100.0 * row.value),
                     interval_text(100.0 * row.low, 100.0 * row.high), row.n);
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  Drawing drawing;
  std::string text = "Under recorded actions of pushed episodes, ";
  const Row survival = find_row(findings, "false_survival"), death = find_row(findings, "false_death");
  if (survival.n > 0)
    text += fmt::format("the dream goes on where physics ended the episode in {}", share_text(survival));
  if (death.n > 0)
    text +=
        fmt::format("{}it ends where physics went on in {}", survival.n > 0 ? "; " : "", share_text(death));
  drawing.sentences = {text + "."};
  return drawing;
}

std::string fault(const Findings& findings, const Context&) {
  for (const Row& row : findings.rows) {
    const double expected = row.name == "continuation_auroc" ? 1.0 : 0.0;
    if (row.value != expected) return fmt::format("{} is {}, expected {}", row.name, row.value, expected);
  }
  return "";
}

}  // namespace

Section continuation_section() { return {"continuation", "When an episode ends", measure, draw, fault}; }

}  // namespace reverie::evaluation
