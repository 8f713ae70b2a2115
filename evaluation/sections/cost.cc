// What imagining costs beside simulating. Every row is a timing: it belongs to the machine.
#include "evaluation/cost.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "evaluation/context.h"
#include "evaluation/returns.h"
#include "evaluation/text.h"
#include "report/statistics.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr size_t kBatch = 64;           // rollouts stepped together
constexpr int64_t kImaginedSteps = 20;  // timed steps of a batch
constexpr int64_t kSimulatedSteps = 8;
constexpr int64_t kSingleSteps = 50;  // of one rollout, and decisions
constexpr int64_t kShown = 25;        // control steps of the error

// Quartiles around the median.
void add(Findings& findings, const std::string& name, std::vector<double> values, const char* unit) {
  const double shares[] = {0.25, 0.5, 0.75};
  const std::vector<double> q = report::quantiles(values, shares);
  findings.rows.push_back({name, {}, q[0], q[1], q[2], std::ssize(values), unit, true});
}

// Control steps a second of `count` rollouts, of each timed step.
std::vector<double> rates(const std::vector<double>& seconds, size_t count, int control_steps) {
  std::vector<double> out;
  for (const double s : seconds)
    out.push_back(static_cast<double>(count) * control_steps / std::max(s, 1e-9));
  return out;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void add_latency(Findings& findings, const Context& context, contract::World& physics,
                 const contract::StartPoint& start) {
  const Subject& subject = context.subject;
  if (subject.policy == nullptr) {
    findings.missing.emplace_back("decision_latency: there is no policy.");
    return;
  }
  std::vector<double> seconds = decision_seconds(physics, start, *subject.policy, subject.task->spec(),
                                                 context.options.seed, kSingleSteps);
  for (double& s : seconds) s *= 1e3;
  const double shares[] = {0.5, 0.95};
  const std::vector<double> q = report::quantiles(seconds, shares);
  const auto n = static_cast<int64_t>(seconds.size());
  findings.rows.push_back({"decision_latency_p50", {}, kNone, q[0], kNone, n, "ms", true});
  findings.rows.push_back({"decision_latency_p95", {}, kNone, q[1], kNone, n, "ms", true});
}

Findings measure(const Context& context) {
  Findings findings;
  const Subject& subject = context.subject;
  const contract::EnvSpec& spec = subject.task->spec();
  const std::vector<contract::StartPoint> starts = first_rows(context.on_policy.episodes);
  std::vector<contract::StartPoint> batch;
  for (size_t i = 0; i < kBatch; ++i) batch.push_back(starts[i % starts.size()]);
  const std::span one(batch.data(), 1);
  base::ThreadPool pool(context.options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(subject.task, pool, {.action_repeat = subject.action_repeat});
  const int repeat = subject.action_repeat;
  const std::vector<double> dream_batch = step_seconds(*subject.dream, batch, spec, kImaginedSteps),
                            physics_batch = step_seconds(*physics, batch, spec, kSimulatedSteps),
                            dream_single = step_seconds(*subject.dream, one, spec, kSingleSteps),
                            physics_single = step_seconds(*physics, one, spec, kSingleSteps);
  constexpr const char* kRate = "control steps/s";
  add(findings, "imagined_rate_batched", rates(dream_batch, kBatch, repeat), kRate);
  add(findings, "simulated_rate_batched", rates(physics_batch, kBatch, repeat), kRate);
  add(findings, "imagined_rate_single", rates(dream_single, 1, repeat), kRate);
  add(findings, "simulated_rate_single", rates(physics_single, 1, repeat), kRate);
  add_latency(findings, context, *physics, starts.front());
  findings.rows.push_back({"peak_memory", {}, kNone, peak_megabytes(), kNone, 1, "MB", true});
  const HeldOut& set = context.pushed.missing.empty() ? context.pushed : context.on_policy;
  const int64_t k =
      std::min<int64_t>(std::max<int64_t>(kShown / repeat, 1), std::ssize(set.fidelity.world.median) - 1);
  if (!set.missing.empty() || k < 1) {
    findings.missing.push_back("error_per_millisecond: " +
                               (set.missing.empty() ? "there is no decision." : set.missing));
    return findings;
  }
  const double milliseconds = 1e3 * static_cast<double>(k) * report::median(dream_single);
  findings.rows.push_back({"error_per_millisecond",
                           {},
                           kNone,
                           set.fidelity.world.median[static_cast<size_t>(k)] / std::max(milliseconds, 1e-6),
                           kNone,
                           set.fidelity.starts,
                           "sd/ms",
                           true});
  return findings;
}

Drawing draw(const Findings& findings, const EvaluationResult&) {
  const auto value = [&](const char* name) { return find_row(findings, name).value; };
  const auto times = [&](const char* imagined, const char* simulated) {
    return number_text(value(imagined) / value(simulated));
  };
  std::string latency;
  if (find_row(findings, "decision_latency_p95").n > 0)
    latency =
        fmt::format(" A decision takes {} ms (median), {} ms at the 95th percentile.",
                    number_text(value("decision_latency_p50")), number_text(value("decision_latency_p95")));
  return {
      .sentences = {fmt::format(
                        "The dream makes {} control steps a second in a batch of {} ({} times physics) and "
                        "{} alone ({} times).{}",
                        number_text(value("imagined_rate_batched")), kBatch,
                        times("imagined_rate_batched", "simulated_rate_batched"),
                        number_text(value("imagined_rate_single")),
                        times("imagined_rate_single", "simulated_rate_single"), latency),
                    fmt::format(
                        "Medians and quartiles over steps, on this machine with what else runs on it. The "
                        "memory is the largest of the whole process so far. Error per millisecond is the "
                        "median error after at most {} control steps over the time that one rollout takes "
                        "to dream them.",
                        kShown)},
      .figures = {}};
}

}  // namespace

Section cost_section() {
  return {.name = "cost",
          .title = "What it costs",
          .measure = measure,
          .draw = draw,
          .needs = {.pushed = true},
          .weight = 1.0};
}

}  // namespace reverie::evaluation
