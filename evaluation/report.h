// What an evaluation found, for people and for scripts: RUN/evaluation/{report.json, report.html,
// metrics.csv, *.png}; of a policy that plans RUN/evaluation/think-3/ and the like.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "evaluation/evaluate.h"
#include "report/plot.h"
#include "training/run.h"

namespace reverie::evaluation {

// "simulated return 843 ± 6 over 20 episodes; imagined 851; the dream holds for 34 steps (0.34 s)". The ± is
// half the bootstrap 95% interval.
std::string verdict_line(const EvaluationResult& result);

// "think=3: 11.52 ms a decision, 100% of them planned".
std::string planning_text(const EvaluationResult& result);

// The verdict for scripts: {"run", "simulated_return": {"mean", "low", "high", "n"}, "imagined_return":
// {same}, "valid_horizon_steps", "seconds"}; of a policy that plans also "think" and "planning":
// {"decisions", "planned_share", "milliseconds_per_decision"}.
nlohmann::json result_json(const EvaluationResult& result);

// Everything measured, curves included.
nlohmann::json report_json(const EvaluationResult& result);

// One number a line: metric, horizon_steps (empty where there is none), low, value, high, n.
std::string metrics_csv(const EvaluationResult& result);

report::Plot horizon_plot(
    const Fidelity& fidelity);  // observation error by horizon, all three worlds, log scale
report::Plot horizon_detail_plot(const Fidelity& fidelity,
                                 const std::string& title);  // without the floor, linear
report::Plot reward_plot(const Fidelity& fidelity);          // reward error of one decision by horizon
report::Plot reward_drift_plot(const Fidelity& fidelity);    // sum of reward differences since the start
report::Plot returns_plot(const ReturnComparison& returns);  // imagined over simulated, one dot a start
report::Plot training_plot(std::span<const training::MetricRow> metrics, const ReturnComparison& returns);

// The page: verdict first, then the plots. `metrics` may be empty.
std::string report_html(const EvaluationResult& result, std::span<const training::MetricRow> metrics);

struct ReportFiles {
  std::filesystem::path json, html, csv;
  std::vector<std::filesystem::path> pngs;
};

// Write all of it into `run`/evaluation/ or a folder of it (made when missing, files replaced atomically);
// the training curve comes from `run`/metrics.jsonl when it is there.
ReportFiles write_report(const EvaluationResult& result, const std::filesystem::path& run);

}  // namespace reverie::evaluation
