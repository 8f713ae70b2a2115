// Sweeps: a row a checkpoint, or a row a run, of what short evaluations found.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "evaluation/evaluate.h"
#include "evaluation/policy_ranking.h"

namespace reverie::evaluation {

// The sections that a sweep asks: returns and fidelity.
std::vector<Section> sweep_sections();

// Rows of one evaluation; without value where they were not measured.
struct SweepRow {
  std::string name;  // of the run or the checkpoint
  int64_t env_steps = 0;
  Row simulated, imagined, bias;  // "return"
  Row valid_time;                 // control steps
  Row error;                      // median error after at most 25 control steps, in sd
  std::vector<std::string> missing;
};
SweepRow sweep_row(const EvaluationResult& result, const std::string& name);

std::string sweep_text(std::span<const SweepRow> rows);
// name, env_steps, and low, value and high of every row.
std::string sweep_csv(std::span<const SweepRow> rows);
nlohmann::json sweep_json(std::span<const SweepRow> rows);

// Writes sweep.csv and, over the steps of checkpoints, sweep-return.png and sweep-valid_time.png into `directory`, which
// is made when it is missing.
void write_sweep(std::span<const SweepRow> rows, const std::filesystem::path& directory, bool over_steps);

// Whether the dream of runs[0] ranks the policies of all runs as physics does, on the same kRankingStarts starts. Throws
// UserError when a run is of another task or has other decisions. Fewer runs than kFewestForInterval have no interval of the
// rank correlation (NaN): two are in the same order or in the other one.
inline constexpr int64_t kFewestForInterval = 5;
struct RunRanking {
  RivalReturns returns;
  RankingScores scores;
};
RunRanking rank_runs(std::span<const training::Run> runs, uint64_t seed, const base::Stop* stop = nullptr);

}  // namespace reverie::evaluation
