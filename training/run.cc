#include "training/run.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/error.h"
#include "tensor/device.h"
#include "training/checkpoint.h"
#include "training/data/offline_data.h"
#include "training/frozen_world.h"
#include "training/recovery.h"
#include "training/run_directory.h"

namespace reverie::training {

namespace {

// A damaged checkpoint that was asked for by its step or as best is an error; in the place of the last one comes the one
// before it.
std::pair<std::string, Checkpoint> load_named(const std::filesystem::path& path,
                                              std::string_view checkpoint) {
  if (checkpoint != "last" || !has_checkpoint(path)) {
    const std::string name = resolve_checkpoint(path, checkpoint);
    return {name, load_checkpoint(path, name, true)};
  }
  Recovered found = find_whole(path, Use::kWeights);
  if (!found.passed.empty()) spdlog::warn("{}: {}", path.string(), recovery_text(found));
  return {found.name, std::move(found.checkpoint)};
}

}  // namespace

std::shared_ptr<policies::Agent> make_agent(const contract::EnvSpec& spec, const TrainConfig& config,
                                            uint64_t seed, tensor::Device device) {
  return std::make_shared<policies::Agent>(spec, config.model, config.learner,
                                           static_cast<int>(config.action_repeat), seed, device);
}

TrainConfig with_absolute_paths(TrainConfig config) {
  if (config.task.ends_with(".toml"))
    config.task = std::filesystem::absolute(config.task).lexically_normal().string();
  if (has_fixed_data(config)) config.data = absolute_data(config.data);
  if (!config.from.empty()) config.from = absolute_run_name(config.from);
  return config;
}

std::shared_ptr<const sim::Task> load_run_task(const std::filesystem::path& path, const TrainConfig& config) {
  const std::filesystem::path file = config.task;
  if (file.extension() == ".toml" && !std::filesystem::exists(file)) {
    base::throw_user_error(
        "{}: its task file {} was looked for at {} and is not there; say in {} where it is", path.string(),
        config.task, std::filesystem::absolute(file).string(), (path / "config.toml").string());
  }
  return sim::Task::load(config.task, task_overrides(config));
}

Run open_run(const std::filesystem::path& path, std::string_view checkpoint, std::string_view device) {
  Run run;
  run.path = path;
  run.config = read_run_config(path);
  const tensor::Device on =
      tensor::resolve_device(device.empty() ? std::string_view(run.config.device) : device);
  const auto [name, stored] = load_named(path, checkpoint);
  run.checkpoint = name;
  run.task = load_run_task(path, run.config);
  if (stored.task_hash != run.task->spec().hash) {
    base::throw_user_error("{}: task {} has changed since this run was trained (hash {}, now {})",
                           path.string(), run.config.task, stored.task_hash, run.task->spec().hash);
  }
  run.env_steps = stored.env_steps;
  run.updates = stored.updates;
  run.agent = make_agent(run.task->spec(), run.config, static_cast<uint64_t>(run.config.seed), on);
  run.agent->load_weights(stored.model);
  return run;
}

Run open_run_at(const std::string& text, std::string_view device) {
  const RunName name = split_run_name(text);
  if (!std::filesystem::exists(name.run))
    base::throw_user_error("'{}': expected a run directory or RUN@CHECKPOINT", text);
  return open_run(name.run, name.checkpoint, device);
}

}  // namespace reverie::training
