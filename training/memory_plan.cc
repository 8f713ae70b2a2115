#include "training/memory_plan.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "base/error.h"

namespace reverie::training {
namespace {

constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr double kEpisodeBytes = 200.0;  // of an episode beside its numbers
constexpr double kSpare = 1.1;           // allocators lose a little
constexpr double kKept = 4.0;            // tensors that gradients need of a layer, as large as its result
constexpr double kFirstUse = 10.0;       // MB of libraries that the first update reads in

// Bytes a control step.
double replay_bytes(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between) {
  const auto row = static_cast<double>(contract::row_width(spec));
  const auto repeat = static_cast<double>(config.action_repeat);
  double decision = row + spec.action_dim + 1.0;
  if (keep_between) decision += (repeat - 1.0) * row;
  const double steps = std::max(1, spec.episode_steps);
  return kSpare * (decision * sizeof(float) / repeat + kEpisodeBytes / steps);
}

double episode_bytes(const contract::EnvSpec& spec) {
  const double floats = spec.observation_dim + spec.action_dim + 1.0 +
                        static_cast<double>(spec.signals.size() + spec.reward_terms.size());
  return kSpare * (floats * sizeof(float) + (spec.physics_dim + spec.task_dim) * sizeof(double));
}

// Numbers of the learner's networks by the first part of their names ("model", "critic", ...).
struct Networks {
  double numbers = 0.0;  // in all
  double results = 0.0;  // of all layers for one row
};

std::map<std::string, Networks> networks_of(const base::SafeTensors& weights) {
  std::map<std::string, Networks> found;
  for (const auto& [name, tensor] : weights.tensors) {
    Networks& network = found[name.substr(0, name.find('.'))];
    const auto numbers = static_cast<double>(tensor.data.size()) / sizeof(float);
    network.numbers += numbers;
    if (tensor.shape.size() > 1) network.results += numbers / static_cast<double>(tensor.shape.back());
  }
  return found;
}

}  // namespace

void add_learner(MemoryPlan& plan, const base::SafeTensors& weights, const TrainConfig& config) {
  std::map<std::string, Networks> networks = networks_of(weights);
  constexpr double kFloat = sizeof(float) / kMegabyte;
  for (const auto& [name, network] : networks) {
    plan.model += network.numbers * kFloat;
    if (name != "target_critic" && name != "average_actor") plan.optimizer += 3.0 * network.numbers * kFloat;
  }
  if (!has_fixed_data(config) && config.updates_per_decision <= 0.0) return;
  const double rows = static_cast<double>(config.learner.batch_size * (config.model.horizon + 1));
  const double dreamed =
      static_cast<double>(config.learner.imagination_batch * (config.learner.imagination_horizon + 1));
  const double world = networks["model"].results + networks["critic"].results;
  plan.update = kFirstUse + kKept * kFloat * (rows * world + dreamed * (world + networks["actor"].results));
}

MemoryPlan plan_memory(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between,
                       double now) {
  MemoryPlan plan{.now = now};
  if (has_fixed_data(config)) return plan;
  const auto steps = static_cast<double>(std::min(config.replay_steps, config.env_steps));
  const double step = replay_bytes(spec, config, keep_between) / kMegabyte;
  plan.replay = steps * step;
  // Twice their rows: their room grows by doubling.
  const auto in_progress = 2.0 * static_cast<double>(config.envs) * std::max(1, spec.episode_steps);
  plan.running = std::min(plan.replay, in_progress * step);
  const auto waiting = static_cast<double>(
      std::min(config.env_steps, config.checkpoint_every + config.envs * std::max(1, spec.episode_steps)));
  plan.episodes = waiting * episode_bytes(spec) / kMegabyte;
  return plan;
}

std::string memory_text(const MemoryPlan& plan) {
  const std::string spilled =
      plan.spilled > 0.0 ? fmt::format(" and {:.0f} MB of it on the disk", plan.spilled) : "";
  const std::string learner = plan.model > 0.0
                                  ? fmt::format(" ({:.0f} of it model, {:.0f} optimisers), {:.0f} an update",
                                                std::ceil(plan.model), std::ceil(plan.optimizer), plan.update)
                                  : "";
  return fmt::format(
      "memory: {:.0f} MB at most: {:.0f} now{}, {:.0f} replay{}, {:.0f} episodes until they are written",
      plan.total(), plan.now, learner, plan.replay, spilled, plan.episodes);
}

MemoryPlan fit_memory(MemoryPlan plan, const TrainConfig& config, Begun begun) {
  if (config.max_memory <= 0.0 || plan.total() <= config.max_memory) return plan;
  const double others = plan.total() - plan.replay;
  double room = config.max_memory - others;
  if (begun == Begun::kNo && (room < plan.running || plan.replay <= 0.0))
    base::throw_user_error("max_memory={:g}: {}; at least max_memory={:.0f} is needed", config.max_memory,
                           memory_text(plan), std::ceil(others + plan.running));
  room = std::max(room, plan.running);
  plan.spilled = plan.replay - room;
  plan.replay = room;
  return plan;
}

std::string memory_warning(const MemoryPlan& plan, const TrainConfig& config) {
  if (config.max_memory > 0.0 && plan.total() > config.max_memory + 0.5)
    return fmt::format("max_memory={:g}: the run goes on with more: {}", config.max_memory,
                       memory_text(plan));
  const double available = available_mb();
  if (available <= 0.0 || plan.update + plan.replay + plan.episodes <= available) return "";
  return fmt::format(
      "{}; the machine has {:.0f} MB left: with max_memory=MB a part of the replay is on the disk",
      memory_text(plan), available);
}

void give_back_memory() { ::malloc_trim(0); }

double megabytes(int64_t bytes) { return static_cast<double>(bytes) / kMegabyte; }

double resident_mb() {
  int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return megabytes(resident * ::sysconf(_SC_PAGESIZE));
}

double available_mb() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    double kilobytes = 0.0;
    return words >> kilobytes ? kilobytes / 1024.0 : 0.0;
  }
  return 0.0;
}

}  // namespace reverie::training
