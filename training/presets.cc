#include "training/presets.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>

#include "base/error.h"
#include "sim/task/task.h"
#include "training/frozen_world.h"

namespace reverie::training {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::array<Preset, 5> kPresets = {{
    {"nano", 64, 64, 64, 128, 64, 128},
    {"tiny", 64, 128, 128, 128, 64, 128},
    {"s", 128, 256, 256, 256, 256, 256},
    {"m", 384, 512, 640, 512, 256, 256},
    {"l", 768, 1024, 1280, 1024, 256, 256},
}};

// What the task file says of learning; everything else a task must not decide. Throws UserError also where the settings
// contradict each other.
void apply_task_settings(TrainConfig& config, const sim::Task& task) {
  for (const auto& [word, place] : task.training()) {
    if (!word.starts_with("learner.") && !word.starts_with("model."))
      base::throw_user_error("{}: training: found '{}', expected learner.* and model.* keys", place, word);
    try {
      apply_setting(config, word);
    } catch (const base::UserError& error) {
      base::throw_user_error("{}: training: {}", place, error.what());
    }
  }
  if (task.training().empty()) return;
  try {
    worldmodel::check_config(config.model);
  } catch (const base::UserError& error) {
    base::throw_user_error("{}: training: {}", task.training().front().place, error.what());
  }
}

// Defaults, and what the run that some layer names as `from` says.
TrainConfig world_of(const std::vector<SettingsLayer>& layers) {
  TrainConfig named, world;
  for (const SettingsLayer& layer : layers) layer(named);
  world.from = named.from;
  inherit_world(world);
  return world;
}

// Physics never corrects what is learned from fixed data alone: the dream is pessimistic and the actor stays
// near the recorded actions (0.4 is TD3+BC's alpha = 2.5, Fujimoto & Gu 2021). A policy that learns inside a finished
// world may do what nobody did in the data.
void apply_fixed_data(TrainConfig& config, const TrainConfig& settings) {
  config.learner.uncertainty_weight = -1.0;
  if (learns(settings) != policies::Learn::kPolicy) config.learner.behaviour_weight = 0.4;
}

// A layer's size comes before its other settings.
void apply_layer(const SettingsLayer& layer, const std::string& size, TrainConfig& config) {
  if (!size.empty()) apply_preset(config, size);
  const std::string name = config.size;
  layer(config);
  config.size = name;
}

constexpr double kEndlessPatience = 1e9;

}  // namespace

std::span<const Preset> presets() { return kPresets; }

std::string fitting_size(const contract::EnvSpec& spec) {
  const int dimensions = spec.observation_dim + spec.action_dim;
  if (dimensions <= 6) return "nano";
  if (dimensions <= 48) return "tiny";
  return dimensions <= 128 ? "s" : "m";
}

double fitting_discount(double decision_seconds) {
  constexpr double kSeconds = 0.04, kMost = 0.995;
  const double least = policies::LearnerConfig{}.discount;
  const double fitting = std::pow(least, std::min(decision_seconds / kSeconds, 1.0));
  return std::clamp(std::round(fitting * 1000.0) / 1000.0, least, kMost);
}

std::string size_of(const worldmodel::ModelConfig& model) {
  const auto found = std::ranges::find_if(kPresets, [&](const Preset& preset) {
    return preset.latent_dim == model.latent_dim && preset.encoder_dim == model.encoder_dim &&
           preset.hidden_dim == model.hidden_dim;
  });
  return found == kPresets.end() ? "custom" : std::string(found->name);
}

void apply_preset(TrainConfig& config, std::string_view name) {
  const auto* const preset = std::ranges::find(kPresets, name, &Preset::name);
  if (preset == kPresets.end()) {
    base::throw_user_error("size: expected one of {}, found '{}'",
                           fmt::join(kPresets | std::views::transform(&Preset::name), ", "), name);
  }
  config.size = preset->name;
  config.model.latent_dim = preset->latent_dim;
  config.model.encoder_dim = preset->encoder_dim;
  config.model.hidden_dim = preset->hidden_dim;
  config.model.probe_dim = preset->probe_dim;
  config.learner.batch_size = preset->batch_size;
  config.learner.imagination_batch = preset->imagination_batch;
}

TrainConfig resolve_config(const std::vector<SettingsLayer>& layers) {
  const TrainConfig world = world_of(layers);
  TrainConfig settings = world;    // what all layers set, without what a size stands for
  std::vector<std::string> sizes;  // of each layer; empty: it sets none
  for (const SettingsLayer& layer : layers) {
    settings.size.clear();
    layer(settings);
    sizes.push_back(settings.size);
  }
  const auto last =
      std::ranges::find_if(sizes.rbegin(), sizes.rend(), [](const std::string& s) { return !s.empty(); });
  const bool task_decides = last == sizes.rend() || *last == kAuto;
  std::string fitting = task_decides ? world.size : *last;
  const auto task = sim::Task::load(settings.task, task_overrides(settings));
  if (fitting == kAuto) fitting = fitting_size(task->spec());

  TrainConfig config = world;
  apply_preset(config, fitting);
  config.learner.discount =
      fitting_discount(task->spec().control_dt * static_cast<double>(settings.action_repeat));
  if (has_fixed_data(settings)) apply_fixed_data(config, settings);
  apply_task_settings(config, *task);
  if (!world.from.empty()) config.model = world.model;
  for (size_t i = 0; i < layers.size(); ++i)
    apply_layer(layers[i], sizes[i] == kAuto ? fitting : sizes[i], config);
  return config;
}

void check_task_settings(const sim::Task& task) {
  TrainConfig config;
  apply_preset(config, fitting_size(task.spec()));
  apply_task_settings(config, task);
}

TrainConfig change_config(const TrainConfig& config, const SettingsLayer& layer) {
  TrainConfig settings = config;
  settings.size.clear();
  layer(settings);
  if (settings.size == kAuto)
    settings.size = fitting_size(sim::Task::load(settings.task, task_overrides(settings))->spec());
  TrainConfig changed = config;
  apply_layer(layer, settings.size, changed);
  return changed;
}

policies::PlannerConfig default_planner(const TrainConfig& config) {
  policies::PlannerConfig planner;
  if (has_fixed_data(config)) planner.patience = kEndlessPatience;
  return planner;
}

}  // namespace reverie::training
