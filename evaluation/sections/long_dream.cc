// The policy left alone in the dream for far longer than an episode: does it stay on the ground?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/context.h"
#include "evaluation/long_run.h"
#include "evaluation/returns.h"
#include "evaluation/section.h"
#include "evaluation/sections/pose_rows.h"
#include "evaluation/text.h"
#include "report/distributions.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr int64_t kWindows = 100;  // in each world, where there are episodes enough to start from

// As many starts as it takes for kWindows windows.
std::vector<contract::StartPoint> starts_of(const Context& context) {
  const int64_t windows = std::max<int64_t>(context.options.long_dream / kWindow, 1);
  std::vector<contract::StartPoint> starts = first_rows(context.on_policy.episodes);
  starts.resize(std::min(starts.size(), static_cast<size_t>((kWindows + windows - 1) / windows)));
  return starts;
}

std::vector<contract::Episode> all_episodes(const Context& context) {
  std::vector<contract::Episode> all = context.on_policy.episodes;
  all.insert(all.end(), context.pushed.episodes.begin(), context.pushed.episodes.end());
  return all;
}

void add_run(Findings& findings, const std::string& prefix, const LongRun& run, uint64_t seed) {
  const int64_t states = run.poses.states;
  const auto add = [&](const char* name, double value, int64_t n, const char* unit) {
    findings.rows.push_back({prefix + name, {}, kNone, value, kNone, n, unit});
  };
  findings.rows.push_back(
      estimate_row(prefix + "return_per_1000", return_estimate(run.window_returns, seed), "return"));
  add("ended", static_cast<double>(run.ended), run.rollouts, "rollouts");
  add("finite", run.poses.share(run.finite), states, "");
  add("in_range", run.poses.share(run.in_range), states, "");
  add_pose_rows(findings, prefix, run.poses);
}

Findings measure(const Context& context) {
  const EvaluationOptions& options = context.options;
  Findings findings;
  if (options.long_dream <= 0) {
    findings.missing.emplace_back("no long dream was asked for (--long-dream STEPS).");
    return findings;
  }
  const contract::EnvSpec& spec = context.subject.task->spec();
  const std::vector<contract::StartPoint> starts = starts_of(context);
  base::ThreadPool pool(options.sim_threads);
  const std::unique_ptr<contract::World> physics =
      sim::make_simulated_world(context.subject.task, pool, {.action_repeat = context.subject.action_repeat});
  PoseReader reader(context.subject.task);
  LongRunOptions long_options{.control_steps = options.long_dream,
                              .range = observation_range(all_episodes(context)),
                              .seed = options.seed,
                              .stop = options.stop};
  const auto run = [&](contract::World& world, double from, double to) {
    long_options.progress = context.progress.between(from, to);
    return long_run(world, starts, *context.subject.policy, spec, reader, long_options);
  };
  const LongRun imagined = run(*context.subject.dream, 0.0, 0.7), simulated = run(*physics, 0.7, 1.0);
  findings.rows = {{"long_dream_steps",
                    {},
                    kNone,
                    static_cast<double>(options.long_dream),
                    kNone,
                    imagined.rollouts,
                    "control steps"}};
  add_run(findings, "long_simulated_", simulated, options.seed);
  add_run(findings, "long_imagined_", imagined, options.seed);
  const double ks = report::ks_distance(simulated.window_returns, imagined.window_returns);
  const auto n = static_cast<int64_t>(simulated.window_returns.size()),
             m = static_cast<int64_t>(imagined.window_returns.size());
  findings.rows.push_back({"long_return_ks", {}, kNone, ks, kNone, std::min(n, m), ""});
  findings.rows.push_back(
      {"long_return_ks_p", {}, kNone, report::ks_p_value(ks, n, m), kNone, std::min(n, m), ""});
  return findings;
}

std::string percent(const Findings& findings, const std::string& row) {
  return fmt::format("{:.1f}%", 100.0 * find_row(findings, row).value);
}

Drawing draw(const Findings& findings, const EvaluationResult& about) {
  const Row steps = find_row(findings, "long_dream_steps");
  const Row imagined = find_row(findings, "long_imagined_return_per_1000"),
            simulated = find_row(findings, "long_simulated_return_per_1000");
  const auto pair = [&](const char* row) {
    return fmt::format("{} ({})", percent(findings, std::string("long_imagined_") + row),
                       percent(findings, std::string("long_simulated_") + row));
  };
  return {
      .sentences =
          {fmt::format(
               "In {} rollouts of {} control steps ({:.0f} s each) in the dream alone, {} of the states are "
               "finite; 1,000 control steps earn {} ({} in physics; Kolmogorov–Smirnov distance {}, p = {}, "
               "of "
               "{} and {} windows).",
               steps.n, steps.value, steps.value * about.control_dt,
               percent(findings, "long_imagined_finite"), number_text(imagined.value),
               number_text(simulated.value), number_text(find_row(findings, "long_return_ks").value),
               number_text(find_row(findings, "long_return_ks_p").value), imagined.n, simulated.n),
           fmt::format(
               "In the dream (in physics) {} of the states are within the range of the recorded "
               "episodes and a tenth more, and {} of the poses are admissible; something is sunk {:g} "
               "cm or more into what cannot move in {}.",
               pair("in_range"), pair("admissible"), 100.0 * kSunk, pair("sunk")),
           "Physics goes on for as long from the same starts, without a reset. Windows of one rollout follow "
           "each "
           "other and are not independent: p is too small rather than too large."},
      .figures = {}};
}

std::string fault(const Findings& findings, const Context&) {
  const std::string imagined = "long_imagined_";
  for (const Row& row : findings.rows) {
    if (!row.name.starts_with(imagined)) continue;
    const double simulated = find_row(findings, "long_simulated_" + row.name.substr(imagined.size())).value;
    if (row.value != simulated && !(std::isnan(row.value) && std::isnan(simulated)))
      return fmt::format("{} is {}, expected {}", row.name, row.value, simulated);
  }
  return "";
}

}  // namespace

Section long_dream_section() {
  return {.name = "long_dream",
          .title = "Left alone for long",
          .measure = measure,
          .draw = draw,
          .fault = fault,
          .needs = {.pushed = true}};
}

}  // namespace reverie::evaluation
