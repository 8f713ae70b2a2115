// The speed of planning, see bench/bench.h.
#include <fmt/format.h>

#include <span>

#include "bench/bench.h"
#include "bench/bench_timing.h"
#include "bench/plan_products.h"
#include "contract/rng.h"
#include "policies/planner.h"
#include "report/statistics.h"
#include "sim/task/task.h"
#include "tensor/device.h"
#include "tensor/normals.h"
#include "training/run.h"

namespace reverie::bench {
namespace {

constexpr uint64_t kSeed = 1;

// Decisions of one environment, one after another, at random observations.
class Decisions {
 public:
  Decisions(const std::shared_ptr<policies::Agent>& agent, policies::Think think, double discount)
      : planner_(agent, think, policies::PlannerConfig{}, discount),
        observation_(static_cast<size_t>(agent->spec().observation_dim)),
        states_(agent->reads_states() ? static_cast<size_t>(contract::state_feature_dim(agent->spec())) : 0),
        action_(static_cast<size_t>(agent->spec().action_dim)) {}

  double seconds_of_next() {
    contract::Rng rng(kSeed, step_, contract::Stream::kEvaluation);
    tensor::fill_normals(rng, observation_);
    tensor::fill_normals(rng, states_);
    const contract::DrawKey key{kSeed, 0, step_++};
    return seconds_of([&] { planner_.act(observation_, std::span(&key, 1), action_, states_); });
  }

 private:
  policies::Planner planner_;
  std::vector<float> observation_, states_, action_;
  uint64_t step_ = 0;
};

BenchRow bench_think(const training::TrainConfig& config, const std::shared_ptr<policies::Agent>& agent,
                     policies::Think think, const BenchOptions& options) {
  constexpr double kSeconds = 0.5;  // of a measurement, about
  constexpr int kWarmUp = 3;
  Decisions decisions(agent, think, config.learner.discount);
  const std::vector<UpdateProducts> products = products_of_plan(
      agent->spec(), config.model, config.learner, policies::PlannerConfig{}, policies::budget_of(think));
  for (int i = 0; i < kWarmUp; ++i) {
    base::check_stop(options.stop);
    decisions.seconds_of_next();
  }
  std::vector<double> ours, limits, latencies;
  for (int i = 0; i < options.repeats; ++i) {
    double total = 0.0;
    int count = 0;
    for (; total < kSeconds; ++count) {
      base::check_stop(options.stop);
      latencies.push_back(decisions.seconds_of_next());
      total += latencies.back();
    }
    ours.push_back(count / total);
    limits.push_back(1.0 / product_seconds(products, agent->device(), options.stop));
  }
  BenchRow row;
  row.what = "plan";
  row.case_name = fmt::format("{} think={}", agent->spec().task, policies::think_name(think));
  row.size = config.size;
  row.device = tensor::device_name(agent->device());
  row.value = report::median(ours);
  row.unit = "decisions/s";
  row.limit = report::median(limits);
  row.limit_name = "its matrix products alone";
  row.p50_ms = 1e3 * report::quantile(latencies, 0.5);
  row.p95_ms = 1e3 * report::quantile(latencies, 0.95);
  return row;
}

}  // namespace

std::vector<BenchRow> bench_plan(const std::vector<training::TrainConfig>& configs,
                                 const BenchOptions& options) {
  tensor::set_learner_threads(1);
  std::vector<BenchRow> rows;
  for (const training::TrainConfig& config : configs) {
    const contract::EnvSpec spec = sim::Task::load(config.task, training::task_overrides(config))->spec();
    const auto agent = training::make_agent(spec, config, kSeed, tensor::resolve_device(config.device));
    for (const policies::Think think :
         {policies::Think::kLight, policies::Think::kMedium, policies::Think::kDeep})
      if (!add_row(rows, [&] { return bench_think(config, agent, think, options); })) return rows;
  }
  return rows;
}

}  // namespace reverie::bench
