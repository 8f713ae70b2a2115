#include "training/bench.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/thread_pool.h"
#include "policies/device.h"
#include "policies/learner.h"
#include "policies/update_products.h"
#include "report/statistics.h"
#include "sim/raw_loop.h"
#include "sim/rng.h"
#include "sim/vector_env.h"
#include "training/bench_timing.h"
#include "training/config.h"
#include "training/make_agent.h"
#include "worldmodel/batch.h"
#include "worldmodel/tensor_io.h"

namespace reverie {
namespace {

constexpr int kEnvs = 8;
constexpr uint64_t kSeed = 1;

// Control steps a repeat: about as much time for each task.
struct SimCase {
  std::string task;
  int steps;
};
std::vector<SimCase> sim_cases() {
  return {{"dmc/cartpole-swingup", 900},
          {"dmc/cheetah-run", 500},
          {"dmc/walker-walk", 300},
          {"dmc/quadruped-walk", 150},
          {"dmc/humanoid-walk", 150}};
}

bool stopped(const BenchOptions& options) { return options.stop != nullptr && options.stop->load(); }

std::vector<float> random_actions(const EnvSpec& spec, int steps) {
  std::vector<float> actions;
  Rng rng(kSeed, 0, Stream::kPolicy);
  for (int row = 0; row < steps * kEnvs; ++row) {
    for (size_t a = 0; a < spec.action_low.size(); ++a)
      actions.push_back(static_cast<float>(rng.uniform(spec.action_low[a], spec.action_high[a])));
  }
  return actions;
}

BenchRow bench_envs(const std::shared_ptr<const Task>& task, std::span<const float> actions, RawLoop& raw,
                    int threads, int repeats) {
  ThreadPool pool(threads);
  VectorEnv envs(task, kEnvs, kSeed, 0, pool);
  const size_t width = static_cast<size_t>(kEnvs) * task->spec().action_dim;
  const double steps =
      static_cast<double>(kEnvs) * static_cast<double>(actions.size()) / static_cast<double>(width);
  std::vector<double> ours, limits;
  for (int i = 0; i < repeats; ++i) {  // by turns: what else the machine does meets both
    envs.reset();
    ours.push_back(steps / seconds_of([&] {
                     for (size_t at = 0; at < actions.size(); at += width)
                       envs.step(actions.subspan(at, width));
                   }));
    raw.rewind();
    limits.push_back(steps / seconds_of([&] { raw.play(pool); }));
  }
  return {"sim",          task->spec().task, "", threads, "cpu", median(ours), "control steps/s",
          median(limits), "engine alone"};
}

Batch random_batch(const EnvSpec& spec, const TrainConfig& config) {
  const int64_t h = config.model.horizon, b = config.learner.batch_size;
  Rng rng(kSeed, 0, Stream::kReplay);
  Batch batch;
  batch.observations = normal_tensor({h + 1, b, spec.observation_dim}, rng);
  batch.actions = normal_tensor({h, b, spec.action_dim}, rng).tanh();
  batch.rewards = normal_tensor({h, b}, rng).sigmoid();
  batch.terminated = torch::zeros({h, b});
  batch.mask = torch::ones({h, b});
  batch.states = normal_tensor({h + 1, b, state_feature_dim(spec)}, rng);
  return batch;
}

BenchRow bench_updates(const TrainConfig& config, bool overlap, int repeats) {
  constexpr int kWarmUp = 10;
  constexpr double kSeconds = 0.5;  // of a measurement, about
  const EnvSpec spec = Task::load(config.task, task_overrides(config))->spec();
  const int threads = static_cast<int>(config.learner_threads);
  set_learner_threads(threads);
  const std::string device = resolve_device(config.device);
  const auto agent = make_agent(spec, config, kSeed, device);
  Learner learner(agent, config.learner, kSeed, overlap);
  const Batch batch = random_batch(spec, config);
  const std::vector<UpdateProducts> products = products_of_update(spec, config.model, config.learner);
  const auto update = [&] { learner.update(batch, false); };
  seconds_each(update, kWarmUp, device);
  const auto pairs = static_cast<int>(kSeconds / seconds_each(update, 2, device) / 2.0);
  const int updates = 2 * std::max(1, pairs);  // every second one trains the probe
  std::vector<double> ours, limits;
  for (int i = 0; i < repeats; ++i) {
    ours.push_back(1.0 / seconds_each(update, updates, device));
    limits.push_back((overlap ? 2.0 : 1.0) / product_seconds(products, device));
  }
  return {"learn",
          spec.task,
          config.size,
          overlap ? 2 * threads : threads,
          device,
          median(ours),
          "updates/s",
          median(limits),
          overlap ? "its matrix products alone, half on each side" : "its matrix products alone"};
}

}  // namespace

std::vector<BenchRow> bench_sim(const BenchOptions& options) {
  std::vector<SimCase> cases = sim_cases();
  if (!options.only.empty()) {
    const auto known = std::ranges::find(cases, options.only, &SimCase::task);
    cases = {{options.only, known == cases.end() ? 100 : known->steps}};
  }
  std::vector<BenchRow> rows;
  for (const SimCase& item : cases) {
    const auto task = Task::load(item.task);
    const std::vector<float> actions = random_actions(task->spec(), item.steps);
    RawLoop raw(task, kEnvs, kSeed, actions);
    for (const int threads : {1, 2}) {
      if (stopped(options)) return rows;
      rows.push_back(bench_envs(task, actions, raw, threads, options.repeats));
    }
  }
  return rows;
}

std::vector<BenchRow> bench_learn(const std::vector<TrainConfig>& configs, const BenchOptions& options) {
  std::vector<BenchRow> rows;
  for (const TrainConfig& config : configs) {
    for (const bool overlap : {false, true}) {
      if (stopped(options)) return rows;
      if (overlap && (!config.overlap || resolve_device(config.device) != "cpu")) continue;
      rows.push_back(bench_updates(config, overlap, options.repeats));
    }
  }
  return rows;
}

std::string machine_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string name = "unknown processor";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    name = line.substr(std::min(line.find(": ") + 2, line.size()));
    break;
  }
  const unsigned count = std::thread::hardware_concurrency();
  return fmt::format("{}, {} processor{}", name, count, count == 1 ? "" : "s");
}

}  // namespace reverie
