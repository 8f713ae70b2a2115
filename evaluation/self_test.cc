#include "evaluation/self_test.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

std::vector<contract::Episode> through_disk(const std::vector<contract::Episode>& episodes) {
  const base::TemporaryDirectory directory;
  const std::filesystem::path shard = directory.path() / "shard-000000.safetensors";
  contract::save_episodes(shard, episodes);
  return contract::load_episodes(shard);
}

}  // namespace

SelfTest self_test(std::shared_ptr<const sim::Task> task, const SelfTestOptions& options,
                   base::ThreadPool& pool) {
  const contract::EnvSpec& spec = task->spec();
  const RecordOptions record{.count = options.episodes,
                             .seed = options.seed,
                             .action_repeat = options.action_repeat,
                             .policy_name = "random"};
  const std::vector<contract::Episode> episodes =
      through_disk(record_episodes(task, random_policy(spec, options.seed), record, pool));
  const auto measure = [&](const sim::SimulatedWorldOptions& world_options) {
    const std::unique_ptr<contract::World> world = sim::make_simulated_world(task, pool, world_options);
    return measure_fidelity(*world, nullptr, episodes, spec.control_dt, options.fidelity);
  };

  SelfTest result;
  result.task = spec.task;
  result.same = measure({.action_repeat = options.action_repeat});
  result.wrong_world = fmt::format("gravity x {:g}", options.gravity_scale);
  result.wrong = measure({.action_repeat = options.action_repeat, .gravity_scale = options.gravity_scale});
  if (result.wrong.largest_error == 0.0) {
    result.wrong_world =
        fmt::format("start moved by {:g} (gravity does no work in this task)", options.perturbation);
    result.wrong = measure({.action_repeat = options.action_repeat,
                            .perturbation = options.perturbation,
                            .perturbation_seed = options.seed});
  }
  result.same_is_perfect = result.same.largest_error == 0.0 && result.same.largest_reward_error == 0.0;
  result.wrong_is_found_out = result.wrong.largest_error > 0.0;
  return result;
}

std::string self_test_text(const SelfTest& result) {
  const auto line = [&](const std::string& world, const Fidelity& f, bool good) {
    return fmt::format(
        "{:4} {}: largest error {:.3g} σ, largest reward error {:.3g} over {} starts and {} steps",
        good ? "ok" : "FAIL", world, f.largest_error, f.largest_reward_error, f.starts, f.horizon.back());
  };
  return line(result.task + ", the simulator as its own world model", result.same, result.same_is_perfect) +
         "\n" + line(result.task + ", " + result.wrong_world, result.wrong, result.wrong_is_found_out);
}

}  // namespace reverie::evaluation
