// The probe's own error: observations read back from their embeddings, without any dream.
#include <fmt/format.h>

#include "evaluation/context.h"
#include "evaluation/section.h"

namespace reverie::evaluation {
namespace {

Findings measure(const Context& context) {
  Findings findings;
  if (!context.subject.reconstruct) {
    findings.missing.emplace_back("probe_error: the world under test has no probe.");
    return findings;
  }
  const std::vector<double> errors =
      reconstruction_errors(context.on_policy.episodes, context.subject.reconstruct);
  const double qs[] = {0.25, 0.5, 0.75};
  const std::vector<double> q = report::quantiles(errors, qs);
  findings.rows = {{"probe_error", {}, q[0], q[1], q[2], static_cast<int64_t>(errors.size()), "sd"}};
  return findings;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  return {
      .sentences = {fmt::format(
          "A dream is drawn and measured through a probe, as the known start plus the decoded change. "
          "Read back from embeddings of what was seen, without any dream, the probe's own error is {:.3f} "
          "standard deviations (median).",
          find_row(findings, "probe_error").value)},
      .figures = {}};
}

}  // namespace

Section probe_section() {
  return {.name = "probe",
          .title = "What the probe gets wrong",
          .measure = measure,
          .draw = draw,
          .needs = {},
          .weight = 0.1};
}

}  // namespace reverie::evaluation
