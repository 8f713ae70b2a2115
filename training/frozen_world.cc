#include "training/frozen_world.h"

#include "base/error.h"
#include "base/files.h"
#include "training/checkpoint.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

fs::path weights_path(const RunName& name) {
  return checkpoint_directory(name.run, std::stoll(name.checkpoint)) / "model.safetensors";
}

// Weights, statistics and unit of the world: everything but actor and critic.
bool is_of_world(const std::string& name) {
  return name.starts_with("model.") || name.starts_with("probe.") || name == "reward_scale";
}

// The first setting that makes `wanted` another kind or size of model.
void expect_same_model(TrainConfig wanted, TrainConfig world) {
  const std::vector<base::Field> a = fields(wanted), b = fields(world);
  for (size_t i = 0; i < a.size(); ++i) {
    if (!a[i].name.starts_with("model.") && a[i].name != "action_repeat") continue;
    const std::string found = base::to_toml(a[i]), expected = base::to_toml(b[i]);
    if (found != expected)
      base::throw_user_error("{}: expected {}, as in from={}, found {}", a[i].name, expected, wanted.from,
                             found);
  }
}

}  // namespace

RunName find_run(const std::string& text) {
  const auto [run, checkpoint] = split_run_name(text);
  if (!is_run_directory(run))
    base::throw_user_error("'{}': expected a run directory or RUN@CHECKPOINT", text);
  return {run, resolve_checkpoint(run, checkpoint)};
}

std::string absolute_run_name(const std::string& text) {
  const RunName name = find_run(text);
  return fmt::format("{}@{}", fs::absolute(name.run).lexically_normal().string(), name.checkpoint);
}

void inherit_world(TrainConfig& config) {
  if (config.from.empty()) return;
  const fs::path run = split_run_name(config.from).run;
  if (!is_run_directory(run)) return;
  const TrainConfig world = read_run_config(run);
  config.model = world.model;
  config.task = world.task;
  config.params = world.params;
  config.size = world.size;
  config.action_repeat = world.action_repeat;
  config.data = has_fixed_data(world) ? world.data : run.string();
}

std::string load_world(const contract::EnvSpec& spec, const TrainConfig& config, policies::Agent& agent) {
  const RunName name = find_run(config.from);
  const Checkpoint checkpoint = load_checkpoint(name.run, name.checkpoint, true);
  if (checkpoint.task_hash != spec.hash) {
    base::throw_user_error("from={}: its task is {} (hash {}), expected {} (hash {})", config.from,
                           read_run_config(name.run).task, checkpoint.task_hash, spec.task, spec.hash);
  }
  expect_same_model(config, read_run_config(name.run));
  base::SafeTensors weights = agent.weights();
  weights.tensors.erase("reward_scale");
  for (const auto& [tensor, values] : checkpoint.model.tensors)
    if (is_of_world(tensor)) weights.tensors[tensor] = values;
  agent.load_weights(weights);
  return base::content_hash(base::read_file(weights_path(name)));
}

void check_world_is_the_same(const fs::path& run, const TrainConfig& config, const std::string& hash) {
  const auto [from, checkpoint] = split_run_name(config.from);
  const fs::path weights = from / "checkpoints" / checkpoint / "model.safetensors";
  if (!fs::exists(weights)) return;
  if (const std::string now = base::content_hash(base::read_file(weights)); now != hash) {
    base::throw_user_error(
        "{}: the world model in {} has changed since this run started (hash {}, now {}); start a new run",
        run.string(), config.from, hash, now);
  }
}

}  // namespace reverie::training
