#include "evaluation/report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/files.h"
#include "evaluation/scorecard.h"
#include "evaluation/text.h"
#include "evaluation/verdict.h"

namespace reverie::evaluation {
namespace {

using nlohmann::json;

json estimate_json(const Row& row) {
  return {{"mean", row.value}, {"low", row.low}, {"high", row.high}, {"n", row.n}};
}

json planning_json(const Verdict& verdict) {
  return {{"decisions", verdict.planned_share.n},
          {"planned_share", verdict.planned_share.value},
          {"milliseconds_per_decision", verdict.milliseconds.value}};
}

json row_json(const Row& row) {
  json object = {{"name", row.name}, {"value", row.value}, {"n", row.n}};
  if (row.horizon) object["horizon_steps"] = *row.horizon;
  if (!std::isnan(row.low) || !std::isnan(row.high)) {
    object["low"] = row.low;
    object["high"] = row.high;
  }
  if (!row.unit.empty()) object["unit"] = row.unit;
  return object;
}

json section_json(const SectionResult& result) {
  const Findings& findings = result.findings;
  json object = {{"title", result.section.title}, {"rows", json::array()}};
  for (const Row& row : findings.rows) object[row.is_timing ? "timings" : "rows"].push_back(row_json(row));
  for (const Points& points : findings.points) {
    json& pairs = object["points"][points.name];
    pairs = {{points.x_name, points.x}, {points.y_name, points.y}};
    for (size_t i = 0; i < points.places.size(); ++i) {
      const PointPlace& place = points.places[i];
      pairs["starts"].push_back({{"id", fmt::format("{}-{}", points.name, i)},
                                 {"set", place.set},
                                 {"episode", place.episode},
                                 {"step", place.step},
                                 {"state", place.state}});
    }
  }
  for (const Check& check : findings.checks)
    object["checks"].push_back({{"name", check.name}, {"held", check.held}, {"found", check.found}});
  if (!findings.missing.empty()) object["missing"] = findings.missing;
  return object;
}

std::string horizon_text(const Verdict& verdict) {
  if (!verdict.no_horizon.empty())
    return fmt::format("how long the dream holds is not measured: {}", verdict.no_horizon);
  return fmt::format("the dream holds for {}{} steps ({:.2f} s)", verdict.valid_to_the_end ? "at least " : "",
                     verdict.valid_steps, verdict.valid_seconds);
}

// Empty where there is no number.
std::string field(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string csv_line(const Row& row, const SectionResult& result, const std::string& hash) {
  return fmt::format("{},{},{},{},{},{},{},{},{}\n", row.name,
                     row.horizon ? std::to_string(*row.horizon) : "", field(row.low), row.value,
                     field(row.high), row.n, hash, result.section.name, row.unit);
}

}  // namespace

std::string planning_text(const EvaluationResult& result) {
  const Verdict verdict = verdict_of(result);
  if (std::isnan(verdict.milliseconds.value)) {
    return fmt::format("think={}: planning is not measured: the section planning is left out",
                       policies::think_name(result.options.think));
  }
  return fmt::format("think={}: {:.2f} ms a decision, {:.0f}% of them planned",
                     policies::think_name(result.options.think), verdict.milliseconds.value,
                     100.0 * verdict.planned_share.value);
}

std::string verdict_line(const EvaluationResult& result) {
  const Verdict verdict = verdict_of(result);
  const Row& simulated = verdict.simulated;
  const std::string returns =
      simulated.n == 0 ? "returns are not measured: the section returns is left out"
                       : fmt::format("simulated return {:.0f} ± {:.0f} over {} episodes; imagined {}",
                                     simulated.value, (simulated.high - simulated.low) / 2.0, simulated.n,
                                     verdict.imagined.n == 0 ? "not measured"
                                                             : fmt::format("{:.0f}", verdict.imagined.value));
  return fmt::format(
      "{}; {}{}", returns, horizon_text(verdict),
      result.options.think == policies::Think::kActor ? std::string() : "; " + planning_text(result));
}

json result_json(const EvaluationResult& result) {
  const Verdict verdict = verdict_of(result);
  json object = {{"run", result.run},
                 {"simulated_return", estimate_json(verdict.simulated)},
                 {"imagined_return", estimate_json(verdict.imagined)},
                 {"valid_horizon_steps", nullptr},
                 {"seconds", result.seconds}};
  if (verdict.no_horizon.empty()) object["valid_horizon_steps"] = verdict.valid_steps;
  if (result.options.think == policies::Think::kActor) return object;
  object["think"] = policies::think_name(result.options.think);
  object["planning"] = planning_json(verdict);
  return object;
}

json report_json(const EvaluationResult& result) {
  json object = result_json(result);
  object["schema"] = 2;
  object["think"] = policies::think_name(result.options.think);
  object["verdict"] = verdict_line(result);
  object["task"] = result.task;
  object["task_hash"] = result.task_hash;
  object["checkpoint"] = result.checkpoint;
  object["env_steps"] = result.env_steps;
  object["weights_hash"] = result.weights_hash;
  object["command"] = result.command;
  for (const DecisionTest& test : scorecard(result))
    object["scorecard"].push_back(
        {{"test", test.name}, {"support", support_name(test.support)}, {"sentence", test.sentence}});
  object["use"] = use_sentence(result);
  object["seed"] = result.options.seed;
  object["episodes"] = result.options.episodes;
  if (!result.acting.empty()) object["acting"] = result.acting;
  object["diverged_episodes"] = result.divergence.diverged;
  object["control_dt"] = result.control_dt;
  object["control_steps_per_decision"] = result.control_steps;
  object["sections"] = json::object();
  for (const SectionResult& section : result.sections)
    object["sections"][section.section.name] = section_json(section);
  for (size_t i = 0; i < result.films.size(); ++i)
    object["films"].push_back({{"file", result.films[i]}, {"point", result.strips[i].point}});
  for (const GateOutcome& gate : result.gates)
    object["gates"].push_back({{"gate", gate.gate}, {"value", gate.value}, {"held", gate.held}});
  return object;
}

std::string metrics_csv(const EvaluationResult& result) {
  std::string text = "metric,horizon_steps,low,value,high,n,task_hash,section,unit\n";
  for (const SectionResult& section : result.sections) {
    for (const Row& row : section.findings.rows) text += csv_line(row, section, result.task_hash);
    for (const Check& check : section.findings.checks) {
      const Row row{check.name, {}, kNone, check.held ? 1.0 : 0.0, kNone, 1, "held"};
      text += csv_line(row, section, result.task_hash);
    }
  }
  return text;
}

std::string sections_text(const EvaluationResult& result) {
  std::string text;
  for (const SectionResult& section : result.sections) {
    const Findings& findings = section.findings;
    text += section.section.title + "\n";
    if (!findings.rows.empty()) {
      const Drawing drawing = section.section.draw(findings, result);
      if (!drawing.sentences.empty()) text += drawing.sentences.front() + "\n";
    }
    for (const TextTable& table : tables(findings, result.control_dt)) text += aligned(table);
    for (const std::string& missing : findings.missing) text += "Not measured: " + missing + "\n";
    text += "\n";
  }
  return text;
}

std::filesystem::path report_directory(const EvaluationResult& result, const std::filesystem::path& run) {
  std::filesystem::path directory = run / "evaluation";
  if (result.options.think != policies::Think::kActor)
    directory /= "think-" + policies::think_name(result.options.think);
  return directory;
}

namespace {

// What report_json says, with the checksums of the other files and its own.
std::string sealed_report(const EvaluationResult& result, const ReportFiles& files) {
  json object = report_json(result);
  std::vector<std::filesystem::path> others = files.pngs;
  others.insert(others.end(), {files.csv, files.html, files.markdown});
  for (const std::filesystem::path& path : others)
    object["files"][path.filename().string()] = base::file_checksum(path);
  object[base::kSealKey] = base::kOpenSeal;
  std::string text = object.dump(2) + "\n";
  base::seal(text);
  return text;
}

}  // namespace

ReportFiles write_report(const EvaluationResult& result, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  ReportFiles files{.json = directory / "report.json",
                    .html = directory / "report.html",
                    .markdown = directory / "report.md",
                    .csv = directory / "metrics.csv",
                    .pngs = {}};
  for (const SectionResult& section : result.sections) {
    if (section.findings.rows.empty()) continue;
    for (const FigureRow& row : section.section.draw(section.findings, result).figures) {
      for (const Figure& figure : row.figures) {
        if (figure.file.empty()) continue;
        base::check_stop(result.options.stop);
        files.pngs.push_back(directory / figure.file);
        report::write_plot_png(files.pngs.back(), figure.plot);
      }
    }
  }
  base::write_file_atomic(files.csv, metrics_csv(result));
  base::write_file_atomic(files.html, report_html(result));
  base::write_file_atomic(files.markdown, report_markdown(result));
  // It is written last: a reader that finds report.json finds the rest.
  base::write_file_atomic(files.json, sealed_report(result, files));
  return files;
}

}  // namespace reverie::evaluation
