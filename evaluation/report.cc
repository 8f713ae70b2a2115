#include "evaluation/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace reverie::evaluation {
namespace {

using nlohmann::json;

json estimate_json(const report::Estimate& estimate) {
  return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}, {"n", estimate.n}};
}

json curve_json(const ErrorCurve& curve) {
  return {{"median", curve.median}, {"q25", curve.low}, {"q75", curve.high}};
}

json fidelity_json(const Fidelity& fidelity) {
  json object = {{"control_steps_per_decision", fidelity.control_steps},
                 {"control_dt", fidelity.control_dt},
                 {"threshold", fidelity.threshold},
                 {"starts", fidelity.starts},
                 {"dimensions", fidelity.dimensions},
                 {"valid_horizon_steps", fidelity.valid_horizon_steps},
                 {"valid_to_the_end", fidelity.valid_to_the_end},
                 {"horizon_steps", fidelity.horizon},
                 {"n", fidelity.n},
                 {"imagined", curve_json(fidelity.world)},
                 {"persistence", curve_json(fidelity.persistence)},
                 {"reward_error", fidelity.reward_error},
                 {"reward_drift", fidelity.reward_drift}};
  if (!fidelity.floor.median.empty()) object["chaos_floor"] = curve_json(fidelity.floor);
  return object;
}

std::string csv_line(std::string_view metric, std::string_view horizon, double low, double value, double high,
                     int64_t n, const std::string& hash) {
  return fmt::format("{},{},{},{},{},{},{}\n", metric, horizon, low, value, high, n, hash);
}

std::string csv_line(std::string_view metric, const report::Estimate& estimate, const std::string& hash) {
  return csv_line(metric, "", estimate.low, estimate.mean, estimate.high, estimate.n, hash);
}

// Quartiles of errors, means of rewards; every metric's name begins with `prefix`.
std::string fidelity_csv(const Fidelity& f, const std::string& prefix, const std::string& hash) {
  std::string text;
  for (size_t k = 0; k < f.horizon.size(); ++k) {
    const std::string horizon = std::to_string(f.horizon[k]);
    const auto curve = [&](const char* name, const ErrorCurve& c) {
      if (!c.median.empty())
        text += csv_line(prefix + name, horizon, c.low[k], c.median[k], c.high[k], f.n[k], hash);
    };
    curve("imagined_error", f.world);
    curve("persistence_error", f.persistence);
    curve("chaos_floor_error", f.floor);
    text += fmt::format("{}reward_error,{},,{},,{},{}\n", prefix, horizon, f.reward_error[k], f.n[k], hash);
    text += fmt::format("{}reward_drift,{},,{},,{},{}\n", prefix, horizon, f.reward_drift[k], f.n[k], hash);
  }
  return text;
}

json planning_json(const policies::PlanningStats& planning) {
  return {{"decisions", planning.decisions},
          {"planned_share", planning.planned_share()},
          {"milliseconds_per_decision", planning.milliseconds()}};
}

}  // namespace

std::string planning_text(const EvaluationResult& result) {
  const policies::PlanningStats& p = result.planning;
  return fmt::format("think={}: {:.2f} ms a decision, {:.0f}% of them planned",
                     policies::think_name(result.options.think), p.milliseconds(), 100.0 * p.planned_share());
}

std::string verdict_line(const EvaluationResult& result) {
  const report::Estimate& simulated = result.returns.simulated_return;
  const Fidelity& fidelity = result.fidelity;
  return fmt::format(
      "simulated return {:.0f} ± {:.0f} over {} episodes; imagined {:.0f}; the dream holds for {}{} steps "
      "({:.2f} s){}",
      simulated.mean, (simulated.high - simulated.low) / 2.0, simulated.n,
      result.returns.imagined_return.mean, fidelity.valid_to_the_end ? "at least " : "",
      fidelity.valid_horizon_steps, double(fidelity.valid_horizon_steps) * fidelity.control_dt,
      result.options.think == policies::Think::kActor ? std::string() : "; " + planning_text(result));
}

json result_json(const EvaluationResult& result) {
  json object = {{"run", result.run},
                 {"simulated_return", estimate_json(result.returns.simulated_return)},
                 {"imagined_return", estimate_json(result.returns.imagined_return)},
                 {"valid_horizon_steps", result.fidelity.valid_horizon_steps},
                 {"seconds", result.seconds}};
  if (result.options.think == policies::Think::kActor) return object;
  object["think"] = policies::think_name(result.options.think);
  object["planning"] = planning_json(result.planning);
  return object;
}

json report_json(const EvaluationResult& result) {
  const ReturnComparison& returns = result.returns;
  json object = result_json(result);
  object["schema"] = 1;
  object["think"] = policies::think_name(result.options.think);
  object["planning"] = planning_json(result.planning);
  object["verdict"] = verdict_line(result);
  object["task"] = result.task;
  object["task_hash"] = result.task_hash;
  object["checkpoint"] = result.checkpoint;
  object["env_steps"] = result.env_steps;
  object["seed"] = result.options.seed;
  object["episodes"] = result.options.episodes;
  object["diverged_episodes"] = result.diverged;
  object["valid_horizon_seconds"] = double(result.fidelity.valid_horizon_steps) * result.fidelity.control_dt;
  object["return_bias"] = estimate_json(returns.bias);
  object["return_correlation"] = returns.correlation;
  object["return_rank_correlation"] = returns.rank_correlation;
  if (returns.random_return) object["random_return"] = estimate_json(*returns.random_return);
  object["returns"] = {{"simulated", returns.simulated}, {"imagined", returns.imagined}};
  object["fidelity"] = fidelity_json(result.fidelity);
  object["fidelity_on_policy"] = fidelity_json(result.fidelity_on_policy);
  if (result.probe_error) object["probe_error"] = *result.probe_error;
  return object;
}

std::string metrics_csv(const EvaluationResult& result) {
  const ReturnComparison& returns = result.returns;
  const std::string& hash = result.task_hash;
  std::string text = "metric,horizon_steps,low,value,high,n,task_hash\n";
  text += csv_line("simulated_return", returns.simulated_return, hash);
  text += csv_line("imagined_return", returns.imagined_return, hash);
  text += csv_line("return_bias", returns.bias, hash);
  if (returns.random_return) text += csv_line("random_return", *returns.random_return, hash);
  return text + fidelity_csv(result.fidelity, "", hash) +
         fidelity_csv(result.fidelity_on_policy, "on_policy_", hash);
}

ReportFiles write_report(const EvaluationResult& result, const std::filesystem::path& run) {
  std::filesystem::path directory = run / "evaluation";
  if (result.options.think != policies::Think::kActor)
    directory /= "think-" + policies::think_name(result.options.think);
  std::filesystem::create_directories(directory);
  std::vector<training::MetricRow> metrics;
  if (std::filesystem::exists(run / "metrics.jsonl")) metrics = training::read_metrics(run);

  ReportFiles files{.json = directory / "report.json",
                    .html = directory / "report.html",
                    .csv = directory / "metrics.csv",
                    .pngs = {}};
  const auto png = [&](const char* name, const report::Plot& plot) {
    files.pngs.push_back(directory / name);
    report::write_plot_png(files.pngs.back(), plot);
  };
  png("horizon.png", horizon_plot(result.fidelity));
  png("reward.png", reward_plot(result.fidelity));
  png("returns.png", returns_plot(result.returns));
  if (!metrics.empty()) png("training.png", training_plot(metrics, result.returns));
  base::write_file_atomic(files.csv, metrics_csv(result));
  base::write_file_atomic(files.html, report_html(result, metrics));
  // Last: who finds report.json finds the rest.
  base::write_file_atomic(files.json, report_json(result).dump(2) + "\n");
  return files;
}

}  // namespace reverie::evaluation
