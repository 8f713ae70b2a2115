#include "training/config.h"

#include <iterator>
#include <sstream>

#include "base/error.h"
#include "tensor/device.h"
#include "tensor/kernels/kernels.h"
#include "training/presets.h"

namespace reverie::training {
namespace {

void append(std::vector<base::Field>& all, std::vector<base::Field> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<std::string> size_choices() {
  std::vector<std::string> names = {"auto"};
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  return names;
}

// Throws unless low <= value (and value <= high).
void check_at_least(const char* key, double value, double low) {
  if (!(value >= low)) base::throw_user_error("{}: expected at least {}, found {}", key, low, value);
}
void check_between(const char* key, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    base::throw_user_error("{}: expected a value from {} to {}, found {}", key, low, high, value);
  }
}

void check_model(const worldmodel::ModelConfig& model) {
  check_at_least("model.simnorm_dim", model.simnorm_dim, 2);
  check_at_least("model.latent_dim", model.latent_dim, model.simnorm_dim);
  if (model.latent_dim % model.simnorm_dim != 0) {
    base::throw_user_error("model.latent_dim: expected a multiple of model.simnorm_dim ({}), found {}",
                           model.simnorm_dim, model.latent_dim);
  }
  check_at_least("model.encoder_dim", model.encoder_dim, 1);
  check_at_least("model.hidden_dim", model.hidden_dim, 1);
  check_at_least("model.probe_dim", model.probe_dim, 1);
  check_at_least("model.dynamics_heads", model.dynamics_heads, 1);
  check_between("model.bins", model.bins, 2, tensor::kernels::kMaxBins);
  if (!(model.bin_low < model.bin_high)) {
    base::throw_user_error("model.bin_low: expected less than model.bin_high ({}), found {}", model.bin_high,
                           model.bin_low);
  }
  check_at_least("model.horizon", model.horizon, 1);
  check_between("model.rho", model.rho, 1e-6, 1.0);
  check_at_least("model.consistency_weight", model.consistency_weight, 0);
  check_at_least("model.reward_weight", model.reward_weight, 0);
  check_at_least("model.value_weight", model.value_weight, 0);
  check_at_least("model.continuation_weight", model.continuation_weight, 0);
}

void check_learner(const policies::LearnerConfig& learner) {
  check_at_least("learner.batch_size", learner.batch_size, 1);
  check_at_least("learner.imagination_batch", learner.imagination_batch, 1);
  check_at_least("learner.imagination_horizon", learner.imagination_horizon, 0);
  check_at_least("learner.value_expansion", learner.value_expansion, 0);
  check_between("learner.discount", learner.discount, 0.0, 1.0);
  check_between("learner.learning_rate", learner.learning_rate, 0.0, 1.0);
  check_at_least("learner.encoder_lr_scale", learner.encoder_lr_scale, 0);
  check_at_least("learner.clip_norm", learner.clip_norm, 0);
  check_between("learner.decay_share", learner.decay_share, 0.0, 1.0);
  check_between("learner.final_lr_scale", learner.final_lr_scale, 0.0, 1.0);
  check_between("learner.target_rate", learner.target_rate, 0.0, 1.0);
  check_at_least("learner.critics", learner.critics, 2);
  check_at_least("learner.entropy_weight", learner.entropy_weight, 0);
  check_at_least("learner.behaviour_weight", learner.behaviour_weight, 0);
  check_at_least("learner.entropy_rate", learner.entropy_rate, 0);
  check_between("learner.noise_octaves", learner.noise_octaves, 1, 31);
  check_between("learner.average_share", learner.average_share, 0.0, 1.0);
  check_at_least("learner.std_floor", learner.std_floor, 0);
  check_between("learner.scale_rate", learner.scale_rate, 0.0, 1.0);
}

// How much to learn: from an environment or from a dataset.
void check_amount(const TrainConfig& config) {
  if (config.data.empty()) {
    check_at_least("env_steps", config.env_steps, 1);
    if (config.updates != 0) {
      base::throw_user_error(
          "updates: expected 0, found {}: only with data=DIR; else env_steps and updates_per_decision say it",
          config.updates);
    }
    return;
  }
  if (config.env_steps != 0) {
    base::throw_user_error("env_steps: expected 0 with data={}, found {}: a dataset is learned from as it is",
                           config.data, config.env_steps);
  }
  check_at_least("updates", config.updates, 1);
}

}  // namespace

void check_config(const TrainConfig& config) {
  check_at_least("seed", config.seed, 0);
  check_amount(config);
  check_at_least("random_steps", config.random_steps, 0);
  check_at_least("action_repeat", config.action_repeat, 1);
  check_between("envs", config.envs, 1, 100000);
  check_between("sim_threads", config.sim_threads, 1, 1024);
  check_between("learner_threads", config.learner_threads, 1, 1024);
  check_at_least("updates_per_decision", config.updates_per_decision, 0);
  check_between("planned_share", config.planned_share, 0.0, 1.0);
  check_at_least("collect_curiosity", config.collect_curiosity, 0);
  check_at_least("replay_steps", config.replay_steps, 1);
  check_at_least("eval_every", config.eval_every, 0);
  check_at_least("eval_episodes", config.eval_episodes, 1);
  check_at_least("checkpoint_every", config.checkpoint_every, 1);
  check_at_least("log_every", config.log_every, 1);
  check_model(config.model);
  check_learner(config.learner);
}

std::vector<base::Field> fields(TrainConfig& config) {
  std::vector<base::Field> all = {
      {"task", &config.task, "task id (see: reverie tasks) or path of a task file", {}},
      {"params", &config.params, "task parameters, e.g. \"speed=8\"; params.speed=8 sets one", {}},
      {"size", &config.size,
       "model sizes and batch by name; auto goes by the task's dimensions; model.* keys win over it",
       size_choices()},
      {"seed", &config.seed, "names every random draw of the run, >= 0", {}},
      {"device", &config.device, "where tensors live; auto takes a GPU when there is one",
       tensor::device_choices()},
      {"env_steps", &config.env_steps, "control steps of training in all", {}},
      {"data",
       &config.data,
       "learn from this directory of episodes, or run, alone; with env_steps=0 updates=N",
       {}},
      {"updates", &config.updates, "learner updates in all, with data", {}},
      {"random_steps", &config.random_steps, "control steps of random actions first", {}},
      {"action_repeat", &config.action_repeat, "control steps per decision, >= 1", {}},
      {"envs", &config.envs, "environments stepped together, >= 1", {}},
      {"sim_threads", &config.sim_threads, "simulation threads, >= 1; results do not depend on it", {}},
      {"learner_threads", &config.learner_threads, "threads of tensor operations, >= 1", {}},
      {"overlap",
       &config.overlap,
       "world model and actor learn at the same time, on a thread each; same results either way",
       {}},
      {"updates_per_decision", &config.updates_per_decision, "learner updates per collected decision", {}},
      {"collect_think",
       &config.collect_think,
       "how much to plan while collecting; 0: the actor explores",
       {"0", "1", "2", "3", "adaptive"}},
      {"planned_share",
       &config.planned_share,
       "share of training episodes that collect_think plans, 0 to 1; in the others the actor explores",
       {}},
      {"collect_curiosity",
       &config.collect_curiosity,
       "reward of a plan that collects for the dynamics heads' spread; above 0 it seeks what the model does "
       "not know",
       {}},
      {"replay_steps", &config.replay_steps, "control steps kept for replay", {}},
      {"eval_every",
       &config.eval_every,
       "control steps (with data: updates) between evaluations; 0: never",
       {}},
      {"eval_episodes", &config.eval_episodes, "episodes of one evaluation", {}},
      {"checkpoint_every",
       &config.checkpoint_every,
       "control steps (with data: updates) between checkpoints",
       {}},
      {"log_every",
       &config.log_every,
       "control steps (with data: updates) between lines of metrics.jsonl",
       {}},
  };
  append(all, fields(config.model, "model."));
  append(all, fields(config.learner, "learner."));
  return all;
}

void apply_setting(TrainConfig& config, const std::string& word) {
  constexpr std::string_view kPrefix = "params.";
  if (word.starts_with(kPrefix) && word.find('=') != std::string::npos) {
    if (!config.params.empty()) config.params += ' ';
    config.params += word.substr(kPrefix.size());
  } else {
    base::apply_override(fields(config), word);
  }
}

std::vector<std::string> task_overrides(const TrainConfig& config) {
  std::vector<std::string> words;
  std::istringstream stream(config.params);
  for (std::string word; stream >> word;) words.push_back(fmt::format("params.{}", word));
  return words;
}

}  // namespace reverie::training
