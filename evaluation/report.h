// Writes what an evaluation found, for people and for scripts.
//
// The files are report.json, report.html, report.md, metrics.csv and pictures. All but the verdict is made from the sections' rows and drawings, and
// no section is named here.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "evaluation/evaluate.h"

namespace reverie::evaluation {

// "simulated return 843 ± 6 over 20 episodes; imagined 851; the dream holds for 34 steps (0.34 s)". The ± is
// half the bootstrap 95% interval. Where no horizon could be measured, it says why.
std::string verdict_line(const EvaluationResult& result);

// "think=3: 11.52 ms a decision, 100% of them planned".
std::string planning_text(const EvaluationResult& result);

// The verdict for scripts: {"run", "simulated_return": {"mean", "low", "high", "n"}, "imagined_return":
// {same}, "valid_horizon_steps" (null when not measured), "seconds"}; of a policy that plans also "think" and "planning":
// {"decisions", "planned_share", "milliseconds_per_decision"}.
nlohmann::json result_json(const EvaluationResult& result);

// Everything measured, see docs/formats.md.
nlohmann::json report_json(const EvaluationResult& result);

// One number a line: metric, horizon_steps (empty where there is none), low, value, high, n, task_hash,
// section, unit. A check is a line with the value 1 (held) or 0.
std::string metrics_csv(const EvaluationResult& result);

// For the terminal, a block a section: title, first sentence, tables, what is missing.
std::string sections_text(const EvaluationResult& result);

// The page: verdict first, then the sections.
std::string report_html(const EvaluationResult& result);

// The same in short, for places that show Markdown: without curves, pictures by their names.
std::string report_markdown(const EvaluationResult& result);

struct ReportFiles {
  std::filesystem::path json, html, markdown, csv;
  std::vector<std::filesystem::path> pngs;
};

// Where the report of a run is: `run`/evaluation; of a policy that plans `run`/evaluation/think-3 and the like.
std::filesystem::path report_directory(const EvaluationResult& result, const std::filesystem::path& run);

// Write all of it into `directory` (made when missing, files replaced atomically). Throws UserError when the disk
// refuses, and base::Interrupted between two files when options.stop of the evaluation is asked for.
ReportFiles write_report(const EvaluationResult& result, const std::filesystem::path& directory);

}  // namespace reverie::evaluation
