// Settings that follow from others: a size's name, the task, fixed data.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/env_spec.h"
#include "policies/planner_config.h"
#include "training/config.h"

namespace reverie::sim {
class Task;
}

namespace reverie::training {

// What a size sets; everything else is the same for all tasks.
struct Preset {
  std::string_view name;
  int64_t latent_dim, encoder_dim, hidden_dim, probe_dim;  // ModelConfig
  int64_t batch_size, imagination_batch;                   // LearnerConfig
};

// nano, tiny, s, m, l: about 0.1, 0.25, 0.9, 5 and 20 million trained parameters.
std::span<const Preset> presets();

// The size for tasks of these dimensions, by their sum O + A: up to 6 nano (pendulum 4, cart-pole 6), up to
// 48 tiny (cheetah 23, walker 30), up to 128 s (humanoid 88, quadruped 90), else m. Small on purpose: on a
// CPU updates are what is scarce.
std::string fitting_size(const contract::EnvSpec& spec);

// The discount of a decision of so many seconds: LearnerConfig's from 0.04 s on, and as much a second for shorter ones,
// to three decimals and at most 0.995. What is worth waiting for does not depend on how often a policy decides.
double fitting_discount(double decision_seconds);

// The preset that has the model sizes of `model`, or "custom": what a table of results says.
std::string size_of(const worldmodel::ModelConfig& model);

// Sets config.size and what it stands for. Throws UserError for a name that is not a preset.
void apply_preset(TrainConfig& config, std::string_view name);

// One source of settings: a file, a command line, a run's configuration.
using SettingsLayer = std::function<void(TrainConfig&)>;

// Defaults, then every layer in order. A layer's `size` comes before its other settings, so these win over
// it, and wins over earlier layers. Where no size is set, or it is auto, the task decides; its control timestep decides
// on the discount where none is set, and what its file says of learning ([training]) comes before all layers. The
// task is loaded for that, which throws UserError as Task::load does. Where the run learns from fixed data, nothing corrects what is
// learned, so the learner's uncertainty_weight and behaviour_weight start from cautious values. Where a layer sets
// `from`, what that run says of its world comes before all layers (training/frozen_world.h). In the result `size` is
// the preset's name, never auto.
TrainConfig resolve_config(const std::vector<SettingsLayer>& layers);

// Throws UserError "file:line:column: training: ..." where a training would refuse what the task's file says of learning.
void check_task_settings(const sim::Task& task);

// `config`, of a run say, with what `layer` changes, its size first. What is not set there stays: nothing is decided anew, and
// the task is loaded for size=auto alone.
TrainConfig change_config(const TrainConfig& config, const SettingsLayer& layer);

// How the policy of such a training plans unless it is told otherwise. In a run that learns from fixed data, plans
// are never stopped for promising too much (PlannerConfig::patience): the actor alone would lose more there.
policies::PlannerConfig default_planner(const TrainConfig& config);

}  // namespace reverie::training
