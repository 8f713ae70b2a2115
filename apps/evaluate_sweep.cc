#include "apps/evaluate_sweep.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/settings.h"
#include "base/error.h"
#include "evaluation/run_subject.h"
#include "evaluation/sweep.h"
#include "evaluation/text.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

evaluation::SweepRow row_of(const training::Run& run, const std::string& name, EvaluateJob job) {
  job.sections = evaluation::sweep_sections();
  return evaluation::sweep_row(evaluate_job(run, job), name);
}

std::string ranking_sentence(const evaluation::RunRanking& ranking, const std::string& first) {
  const report::Estimate& spearman = ranking.scores.spearman;
  const size_t policies = ranking.returns.simulated.size();
  if (std::isnan(spearman.mean))
    return fmt::format("How the dream of {} ranks the {} policies is not measured: they earn the same.\n",
                       first, policies);
  return fmt::format(
      "The dream of {} ranks the {} policies as physics does with a rank correlation of {} ({}).\n", first,
      policies, evaluation::number_text(spearman.mean),
      std::isnan(spearman.low)
          ? fmt::format("without an interval, which takes at least {} policies",
                        evaluation::kFewestForInterval)
          : fmt::format("95% interval {}", evaluation::interval_text(spearman.low, spearman.high)));
}

nlohmann::json ranking_json(const evaluation::RunRanking& ranking) {
  const report::Estimate& spearman = ranking.scores.spearman;
  return {{"simulated", ranking.returns.simulated},
          {"imagined", ranking.returns.imagined},
          {"spearman",
           {{"value", spearman.mean}, {"low", spearman.low}, {"high", spearman.high}, {"n", spearman.n}}}};
}

}  // namespace

int sweep_command(Sweep sweep, const Shell& shell) {
  const bool over_checkpoints = sweep.paths.size() == 1;
  std::vector<evaluation::SweepRow> rows;
  std::optional<evaluation::RunRanking> ranking;
  if (over_checkpoints) {
    const fs::path path = sweep.paths.front();
    training::read_run_config(path);
    const std::vector<std::string> names = training::list_checkpoints(path);
    if (names.empty()) base::throw_user_error("{}: there is no checkpoint to evaluate", path.string());
    for (const std::string& name : names)
      rows.push_back(row_of(training::open_run(path, name, sweep.device), name, sweep.job));
    if (sweep.out.empty()) sweep.out = (path / "evaluation" / "sweep").string();
  } else {
    std::vector<training::Run> runs;
    for (const std::string& path : sweep.paths) {
      runs.push_back(training::open_run_at(path, sweep.device));
      evaluation::check_same_task(runs.front(), "run", runs.back());
    }
    for (size_t i = 0; i < runs.size(); ++i) rows.push_back(row_of(runs[i], sweep.paths[i], sweep.job));
    ranking = evaluation::rank_runs(runs, static_cast<uint64_t>(sweep.job.seed), shell.stop);
  }
  if (shell.json) {
    nlohmann::json object = {{"rows", evaluation::sweep_json(rows)}};
    if (ranking) object["ranking_by_first"] = ranking_json(*ranking);
    fmt::print("{}\n", object.dump());
  } else {
    fmt::print("{}", evaluation::sweep_text(rows));
    if (ranking) fmt::print("{}", ranking_sentence(*ranking, sweep.paths.front()));
  }
  std::fflush(stdout);
  if (sweep.out.empty()) return kDone;
  evaluation::write_sweep(rows, sweep.out, over_checkpoints);
  if (!shell.json) fmt::print("table: {}\n", shown(fs::path(sweep.out) / "sweep.csv"));
  return kDone;
}

}  // namespace reverie::apps
