#include "evaluation/sweep.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "evaluation/returns.h"
#include "evaluation/run_subject.h"
#include "evaluation/text.h"
#include "policies/actor_policy.h"
#include "report/plot.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

constexpr double kShown = 25.0;  // control steps of the error

const Findings& findings_of(const EvaluationResult& result, std::string_view section) {
  static const Findings none;
  for (const SectionResult& found : result.sections)
    if (found.section.name == section) return found.findings;
  return none;
}

struct Column {
  const char* name;
  Row SweepRow::*row;
};
constexpr Column kColumns[] = {{"simulated_return", &SweepRow::simulated},
                               {"imagined_return", &SweepRow::imagined},
                               {"return_bias", &SweepRow::bias},
                               {"valid_time", &SweepRow::valid_time},
                               {"imagined_error", &SweepRow::error}};

std::string field(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

report::Series series_of(std::span<const SweepRow> rows, Row SweepRow::*which, const char* label,
                         int colour) {
  report::Series series;
  series.name = label;
  series.colour = colour;
  series.points = true;
  for (const SweepRow& row : rows) {
    const Row& cell = row.*which;
    if (cell.n == 0) continue;
    series.x.push_back(static_cast<double>(row.env_steps));
    series.y.push_back(cell.value);
    series.low.push_back(cell.low);
    series.high.push_back(cell.high);
  }
  return series;
}

}  // namespace

std::vector<Section> sweep_sections() { return sections_named("returns,fidelity"); }

SweepRow sweep_row(const EvaluationResult& result, const std::string& name) {
  const Findings &returns = findings_of(result, "returns"), &fidelity = findings_of(result, "fidelity");
  SweepRow row{.name = name,
               .env_steps = result.env_steps,
               .simulated = find_row(returns, "simulated_return"),
               .imagined = find_row(returns, "imagined_return"),
               .bias = find_row(returns, "return_bias"),
               .valid_time = find_row(fidelity, "valid_time"),
               .error = {.name = "imagined_error", .horizon = {}, .unit = "sd"},
               .missing = {}};
  for (const Row& error : fidelity.rows)
    if (error.name == "imagined_error" && error.horizon && static_cast<double>(*error.horizon) <= kShown)
      row.error = error;
  for (const Findings* findings : {&returns, &fidelity})
    row.missing.insert(row.missing.end(), findings->missing.begin(), findings->missing.end());
  return row;
}

std::string sweep_text(std::span<const SweepRow> rows) {
  TextTable table{{"", "steps"}};
  for (const Column& column : kColumns) table.front().emplace_back(column.name);
  for (const SweepRow& row : rows) {
    table.push_back({row.name, std::to_string(row.env_steps)});
    for (const Column& column : kColumns) {
      const Row& cell = row.*column.row;
      table.back().push_back(
          cell.n == 0 ? "–"
                      : fmt::format("{} ({})", number_text(cell.value), interval_text(cell.low, cell.high)));
    }
  }
  std::string text = aligned(table);
  for (const SweepRow& row : rows)
    for (const std::string& missing : row.missing)
      text += fmt::format("{}: not measured: {}\n", row.name, missing);
  return text;
}

std::string sweep_csv(std::span<const SweepRow> rows) {
  std::string text = "name,env_steps";
  for (const Column& column : kColumns) text += fmt::format(",{0}.low,{0},{0}.high,{0}.n", column.name);
  text += "\n";
  for (const SweepRow& row : rows) {
    text += fmt::format("{},{}", row.name, row.env_steps);
    for (const Column& column : kColumns) {
      const Row& cell = row.*column.row;
      text += fmt::format(",{},{},{},{}", field(cell.low), field(cell.value), field(cell.high), cell.n);
    }
    text += "\n";
  }
  return text;
}

nlohmann::json sweep_json(std::span<const SweepRow> rows) {
  nlohmann::json list = nlohmann::json::array();
  for (const SweepRow& row : rows) {
    nlohmann::json object = {{"name", row.name}, {"env_steps", row.env_steps}};
    for (const Column& column : kColumns) {
      const Row& cell = row.*column.row;
      if (cell.n > 0)
        object[column.name] = {{"value", cell.value}, {"low", cell.low}, {"high", cell.high}, {"n", cell.n}};
    }
    if (!row.missing.empty()) object["missing"] = row.missing;
    list.push_back(std::move(object));
  }
  return list;
}

void write_sweep(std::span<const SweepRow> rows, const std::filesystem::path& directory, bool over_steps) {
  std::filesystem::create_directories(directory);
  if (over_steps) {
    report::Plot returns;
    returns.title = "Promised and paid";
    returns.x_label = "environment steps of training";
    returns.y_label = "return of an episode";
    returns.series = {series_of(rows, &SweepRow::simulated, "physics", 1),
                      series_of(rows, &SweepRow::imagined, "dream", 0)};
    report::write_plot_png(directory / "sweep-return.png", returns);
    report::Plot valid;
    valid.title = "How long the dream holds";
    valid.x_label = returns.x_label;
    valid.y_label = "control steps";
    valid.series = {series_of(rows, &SweepRow::valid_time, "", 0)};
    report::write_plot_png(directory / "sweep-valid_time.png", valid);
  }
  base::write_file_atomic(directory / "sweep.csv", sweep_csv(rows));
}

RunRanking rank_runs(std::span<const training::Run> runs, uint64_t seed, const base::Stop* stop) {
  const training::Run& first = runs.front();
  std::vector<Rival> rivals;
  for (const training::Run& run : runs) {
    check_same_task(first, "policy", run);
    rivals.push_back({run.path.filename().string(), policies::observing_actor_policy(run.agent)});
  }
  base::ThreadPool pool(static_cast<int>(first.config.sim_threads));
  const int repeat = first.agent->action_repeat();
  const std::vector<contract::Episode> episodes = record_episodes(first.task, *rivals.front().policy,
                                                                  {.count = kRankingStarts,
                                                                   .seed = seed,
                                                                   .action_repeat = repeat,
                                                                   .policy_name = rivals.front().name,
                                                                   .stop = stop},
                                                                  pool);
  const std::unique_ptr<contract::World> physics = sim::make_simulated_world(first.task, pool,
                                                                             {.action_repeat = repeat}),
                                         dream = first.agent->imagined_world();
  const contract::EnvSpec& spec = first.task->spec();
  RunRanking ranking;
  ranking.returns =
      play_rivals(*physics, *dream, first_rows(episodes), rivals, spec, seed, spec.episode_steps, stop);
  ranking.scores = score_ranking(ranking.returns, seed);
  report::Estimate& spearman = ranking.scores.spearman;
  if (spearman.n < kFewestForInterval)
    spearman.low = spearman.high = std::numeric_limits<double>::quiet_NaN();
  return ranking;
}

}  // namespace reverie::evaluation
