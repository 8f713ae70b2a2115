#include "viewer/training_glance.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "training/metrics.h"
#include "training/overpromise.h"
#include "training/run_directory.h"

namespace reverie::viewer {

namespace {

namespace fs = std::filesystem;

// The value, or NaN where the row has none.
double value_of(const training::MetricRow& row, const char* name) {
  const auto found = row.values.find(name);
  return found == row.values.end() ? std::nan("") : found->second;
}

void add_point(GlanceCurve& curve, const training::MetricRow& row, const char* name, double half_band = -1) {
  const double value = value_of(row, name);
  if (!std::isfinite(value)) return;
  curve.steps.push_back(static_cast<double>(row.step));
  curve.values.push_back(value);
  if (half_band < 0) return;
  curve.low.push_back(value - half_band);
  curve.high.push_back(value + half_band);
}

// Keeps the last finite value.
template <typename T>
void note(T& kept, const training::MetricRow& row, const char* name) {
  const double value = value_of(row, name);
  if (std::isfinite(value)) kept = static_cast<T>(value);
}

void read_scorecard(const fs::path& report, TrainingGlance& glance) {
  if (!fs::exists(report)) return;
  try {
    const auto json = nlohmann::json::parse(base::read_file(report));
    for (const auto& test : json.value("scorecard", nlohmann::json::array()))
      glance.scorecard.push_back({test.at("test"), test.at("support"), test.at("sentence")});
    glance.use = json.value("use", "");
  } catch (const nlohmann::json::exception&) {  // a report of another version says nothing here
    glance.scorecard.clear();
  }
}

int64_t count_shards(const fs::path& episodes) {
  std::error_code none;
  int64_t count = 0;
  for (const auto& entry : fs::directory_iterator(episodes, none))
    count += entry.path().filename().string().starts_with("shard-") ? 1 : 0;
  return count;
}

}  // namespace

TrainingGlance read_glance(const fs::path& run) {
  training::TrainConfig config = training::read_run_config(run);
  TrainingGlance glance;
  glance.total = training::total_steps(config);
  training::OverpromiseWatch watch;
  bool wide = false;
  for (const training::MetricRow& row : training::read_metrics(run)) {
    const double spread = value_of(row, "eval/return_std");
    add_point(glance.simulated, row, "eval/return", std::isfinite(spread) ? spread : 0.0);
    add_point(glance.collected, row, "train/return");
    add_point(glance.promised, row, "dream/return");
    add_point(glance.paid, row, "dream/simulated_return");
    const auto said = watch.look(row.values);
    const double low = value_of(row, "dream/overpromise_low"), paid = value_of(row, "dream/simulated_return");
    if (std::isfinite(paid)) wide = low > training::OverpromiseWatch::kShare * std::abs(paid);
    if (said) glance.warning = *said;
    note(glance.episodes, row, "train/episodes");
    note(glance.diverged, row, "train/diverged_episodes");
    note(glance.updates_per_second, row, "time/updates_per_second");
    note(glance.steps_per_second, row, "time/env_steps_per_second");
    glance.step = row.step;
  }
  if (!wide) glance.warning.clear();
  glance.shards = count_shards(run / "episodes");
  glance.replay_steps = training::has_fixed_data(config) ? 0 : std::min(glance.step, config.replay_steps);
  read_scorecard(run / "evaluation/report.json", glance);
  return glance;
}

}  // namespace reverie::viewer
