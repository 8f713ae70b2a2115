#include "apps/train_job.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <optional>

#include "apps/settings.h"
#include "evaluation/dream_figures.h"
#include "report/progress.h"
#include "training/run_directory.h"

namespace reverie::apps {
namespace {

// What the progress line shows of a metrics row, under which short name.
report::ProgressValues shown_values(const std::map<std::string, double>& row) {
  constexpr std::pair<const char*, const char*> kShown[] = {
      {"eval/return", "return"},     {"dream/valid_steps", "dream"}, {"dream/overpromise", "overpromise"},
      {"train/return", "collected"}, {"model/loss", "model"},        {"critic/loss", "critic"}};
  report::ProgressValues values;
  for (const auto& [key, name] : kShown) {
    const auto found = row.find(key);
    if (found != row.end() && std::isfinite(found->second)) values.emplace_back(name, found->second);
  }
  return values;
}

training::TrainResult with_progress(
    const std::filesystem::path& run, const Shell& shell, const char* what,
    const std::function<training::TrainResult(const training::TrainHooks&)>& job) {
  std::optional<report::Progress> progress;
  std::map<std::string, double> row;     // the metrics just written
  std::map<std::string, double> latest;  // an evaluation's return stays on the line until the next one
  bool logging = false;
  training::TrainHooks hooks{.on_progress = {}, .stop = shell.stop};
  hooks.measure_dream = [](const training::DreamQuestion& question) {
    return evaluation::measure_dream(question);
  };
  hooks.on_warning = [](const std::string& line) { spdlog::warn("{}", line); };
  hooks.on_note = [](const std::string& line) { spdlog::info("{}", line); };
  hooks.on_endless = [](const std::string& line) {
    spdlog::error("{}", line);
    spdlog::default_logger()->flush();
    std::_Exit(kInternalError);  // the engine holds a thread that nothing can join
  };
  hooks.sinks = {[&](const training::MetricRow& written) {
    row = written.values;
    for (const auto& [name, value] : row) latest[name] = value;
  }};
  hooks.on_progress = [&](const training::TrainProgress& now) {
    if (!logging) {  // not earlier: a wrong configuration leaves no directory and says only what is wrong
      log_to(run);
      spdlog::info("{} in {}", what, shown(run));
      logging = true;
    }
    if (const auto found = row.find("eval/return"); found != row.end())
      spdlog::debug("step {}: return {:.5g}, {} updates", now.step, found->second, now.updates);
    row.clear();
    if (shell.quiet || now.updates == 0) return;  // random steps would make a rate that does not last
    if (!progress) progress.emplace(now.total, isatty(STDERR_FILENO) != 0);
    progress->update(now.step, shown_values(latest));
  };
  training::TrainResult result = job(hooks);
  if (progress) progress->finish();
  if (result.interrupted) {
    spdlog::warn("interrupted after {} steps and {} updates; go on with: reverie train --resume {}",
                 result.env_steps, result.updates, shown(run));
  }
  return result;
}

}  // namespace

training::TrainResult train_with_progress(const training::TrainConfig& config,
                                          const std::filesystem::path& run, const Shell& shell) {
  if (!training::has_fixed_data(config) && config.env_steps < config.random_steps) {
    spdlog::warn("env_steps={} is less than random_steps={}: all steps are random, nothing will be learned",
                 config.env_steps, config.random_steps);
  }
  return with_progress(run, shell, "training", [&](const training::TrainHooks& hooks) {
    return training::train(config, run, hooks);
  });
}

training::TrainResult resume_with_progress(const std::filesystem::path& run, int64_t total,
                                           const Shell& shell) {
  return with_progress(run, shell, "training goes on", [&](const training::TrainHooks& hooks) {
    return training::resume_training(run, hooks, total);
  });
}

}  // namespace reverie::apps
