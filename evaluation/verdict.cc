#include "evaluation/verdict.h"

#include <algorithm>
#include <cmath>

namespace reverie::evaluation {

Verdict verdict_of(const EvaluationResult& result) {
  const auto findings = [&](std::string_view section) {
    const auto found = std::ranges::find(
        result.sections, section, [](const SectionResult& r) -> std::string_view { return r.section.name; });
    return found == result.sections.end() ? Findings{} : found->findings;
  };
  const Findings returns = findings("returns"), fidelity = findings("fidelity"),
                 planning = findings("planning");
  Verdict verdict;
  verdict.simulated = find_row(returns, "simulated_return");
  verdict.imagined = find_row(returns, "imagined_return");
  verdict.random = find_row(returns, "random_return");
  verdict.planned_share = find_row(planning, "planned_share");
  verdict.milliseconds = find_row(planning, "milliseconds_per_decision");
  const Row valid = find_row(fidelity, "valid_horizon");
  if (std::isnan(valid.value)) {
    verdict.no_horizon =
        fidelity.missing.empty() ? "the section fidelity is left out" : fidelity.missing.front();
    return verdict;
  }
  const Curve dream = find_curve(fidelity, "imagined_error");
  verdict.valid_steps = std::llround(valid.value);
  verdict.valid_seconds = valid.value * result.control_dt;
  verdict.valid_to_the_end =
      valid.value > 0.0 && !dream.horizon.empty() && valid.value == dream.horizon.back();
  verdict.starts = valid.n;
  return verdict;
}

}  // namespace reverie::evaluation
