#include "bench/bench.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/thread_pool.h"
#include "bench/bench_timing.h"
#include "bench/raw_loop.h"
#include "bench/update_products.h"
#include "contract/rng.h"
#include "policies/learner.h"
#include "report/statistics.h"
#include "sim/vector_env.h"
#include "tensor/device.h"
#include "tensor/tensor_io.h"
#include "training/config.h"
#include "training/run.h"
#include "worldmodel/batch.h"

namespace reverie::bench {
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

std::vector<float> random_actions(const contract::EnvSpec& spec, int steps) {
  std::vector<float> actions;
  contract::Rng rng(kSeed, 0, contract::Stream::kPolicy);
  for (int row = 0; row < steps * kEnvs; ++row) {
    for (size_t a = 0; a < spec.action_low.size(); ++a)
      actions.push_back(static_cast<float>(rng.uniform(spec.action_low[a], spec.action_high[a])));
  }
  return actions;
}

BenchRow bench_envs(const std::shared_ptr<const sim::Task>& task, std::span<const float> actions,
                    RawLoop& raw, int threads, const BenchOptions& options) {
  base::ThreadPool pool(threads);
  sim::VectorEnv envs(task, kEnvs, kSeed, 0, pool);
  const size_t width = static_cast<size_t>(kEnvs) * task->spec().action_dim;
  const double steps =
      static_cast<double>(kEnvs) * static_cast<double>(actions.size()) / static_cast<double>(width);
  std::vector<double> ours, limits;
  for (int i = 0; i < options.repeats; ++i) {  // by turns: what else the machine does meets both
    envs.reset();
    ours.push_back(steps / seconds_of([&] {
                     for (size_t at = 0; at < actions.size(); at += width) {
                       base::check_stop(options.stop);
                       envs.step(actions.subspan(at, width));
                     }
                   }));
    base::check_stop(options.stop);
    raw.rewind();
    limits.push_back(steps / seconds_of([&] { raw.play(pool); }));
  }
  return {"sim",
          task->spec().task,
          "",
          threads,
          "cpu",
          report::median(ours),
          "control steps/s",
          report::median(limits),
          "engine alone"};
}

worldmodel::Batch random_batch(const contract::EnvSpec& spec, const training::TrainConfig& config,
                               bool reads_states) {
  const int64_t h = config.model.horizon, b = config.learner.batch_size;
  contract::Rng rng(kSeed, 0, contract::Stream::kReplay);
  worldmodel::Batch batch;
  batch.observations = tensor::normal_tensor({h + 1, b, spec.observation_dim}, rng);
  batch.actions = tensor::normal_tensor({h, b, spec.action_dim}, rng).tanh();
  batch.rewards = tensor::normal_tensor({h, b}, rng).sigmoid();
  batch.terminated = torch::zeros({h, b});
  batch.mask = torch::ones({h, b});
  batch.states = tensor::normal_tensor({h + 1, b, contract::state_feature_dim(spec)}, rng);
  if (reads_states)
    batch.between = tensor::normal_tensor({h, config.action_repeat - 1, b, contract::row_width(spec)}, rng);
  return batch;
}

BenchRow bench_updates(const training::TrainConfig& config, bool overlap, const BenchOptions& options) {
  constexpr int kWarmUp = 10;
  constexpr double kSeconds = 0.5;  // of a measurement, about
  const contract::EnvSpec spec = sim::Task::load(config.task, training::task_overrides(config))->spec();
  const int threads = static_cast<int>(config.learner_threads);
  tensor::set_learner_threads(threads);
  const tensor::Device device = tensor::resolve_device(config.device);
  const auto agent = training::make_agent(spec, config, kSeed, device);
  policies::Learner learner(agent, config.learner, kSeed, overlap);
  const worldmodel::Batch batch = random_batch(spec, config, agent->reads_states());
  const std::vector<UpdateProducts> products = products_of_update(spec, config.model, config.learner);
  const auto update = [&] {
    base::check_stop(options.stop);
    learner.update(batch, false);
  };
  seconds_each(update, kWarmUp, device);
  const auto pairs = static_cast<int>(kSeconds / seconds_each(update, 2, device) / 2.0);
  const int updates = 2 * std::max(1, pairs);  // every second one trains the probe
  std::vector<double> ours, limits;
  for (int i = 0; i < options.repeats; ++i) {
    ours.push_back(1.0 / seconds_each(update, updates, device));
    limits.push_back((overlap ? 2.0 : 1.0) / product_seconds(products, device, options.stop));
  }
  return {"learn",
          spec.task,
          config.size,
          overlap ? 2 * threads : threads,
          tensor::device_name(device),
          report::median(ours),
          "updates/s",
          report::median(limits),
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
    const auto task = sim::Task::load(item.task);
    const std::vector<float> actions = random_actions(task->spec(), item.steps);
    RawLoop raw(task, kEnvs, kSeed, actions);
    for (const int threads : {1, 2})
      if (!add_row(rows, [&] { return bench_envs(task, actions, raw, threads, options); })) return rows;
  }
  return rows;
}

std::vector<BenchRow> bench_learn(const std::vector<training::TrainConfig>& configs,
                                  const BenchOptions& options) {
  std::vector<BenchRow> rows;
  for (const training::TrainConfig& config : configs) {
    for (const bool overlap : {false, true}) {
      if (overlap && (!config.overlap || !tensor::resolve_device(config.device).is_cpu())) continue;
      if (!add_row(rows, [&] { return bench_updates(config, overlap, options); })) return rows;
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

}  // namespace reverie::bench
