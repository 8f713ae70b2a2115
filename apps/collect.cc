// reverie collect: a dataset of episodes with fixed policies.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "contract/scripted_policy.h"
#include "tensor/device.h"
#include "training/data/dataset.h"

namespace reverie::apps {
namespace {

// key=value words of the command.
std::vector<base::Field> settings_of(training::DatasetOptions& options, int64_t& seed) {
  return {{"seed", &seed, "names every random draw", base::at_least(0)},
          {"action_repeat", &options.action_repeat, "control steps per decision of a policy that is no run",
           base::at_least(1)},
          {"device", &options.device, "where a run's tensors live", base::one_of(tensor::device_choices())},
          {"pushed_share", &options.pushed_share,
           "share of the episodes in which random actions take over now and then", base::from_to(0, 1)},
          {"envs", &options.envs, "environments stepped together", base::from_to(1, 100000)},
          {"sim_threads", &options.sim_threads, "simulation threads", base::from_to(1, 1024)}};
}

// Every word is of some use.
void check_words(const training::DatasetOptions& options, const std::vector<std::string>& words,
                 const Command& command) {
  const auto scripted = std::ranges::count_if(options.policies, contract::is_scripted);
  if (scripted == std::ssize(options.policies))
    command.refuse({"--explore"}, "only a run in --policy can explore");
  for (const std::string& word : words)
    if (scripted == 0 && word.starts_with("action_repeat="))
      base::throw_user_error("'{}': a run has its own action_repeat", word);
}

int collect_command(const training::DatasetOptions& options, const std::string& out, const Shell& shell) {
  const training::DatasetResult result = training::collect_dataset(options, out, shell.stop);
  auto policies = nlohmann::ordered_json::array();
  for (const training::PolicyResult& policy : result.policies) {
    policies.push_back(
        {{"policy", policy.policy}, {"episodes", policy.episodes}, {"mean_return", policy.mean_return}});
  }
  if (shell.json) {
    const nlohmann::ordered_json object{{"dataset", out},
                                        {"task", result.task},
                                        {"policies", policies},
                                        {"episodes", result.episodes},
                                        {"control_steps", result.control_steps},
                                        {"diverged", result.divergence.diverged},
                                        {"mean_return", result.mean_return}};
    fmt::print("{}\n", object.dump());
  } else {
    for (const training::PolicyResult& policy : result.policies) {
      fmt::print("{}: {} episodes, mean return {:.5g}\n", policy.policy, policy.episodes, policy.mean_return);
    }
    const int64_t diverged = result.divergence.diverged;
    fmt::print("{}: {} episodes of {}, {} control steps, mean return {:.5g}{}\n", out, result.episodes,
               result.task, result.control_steps, result.mean_return,
               diverged > 0 ? fmt::format(", {} diverged", diverged) : "");
  }
  if (result.divergence.is_frequent()) spdlog::warn("{}", contract::divergence_text(result.divergence));
  return shell.stop->was_requested() ? kInterrupted : kDone;
}

}  // namespace

void add_collect(CommandLine& line, Shell& shell) {
  Command command = line.add("collect", "a dataset of episodes with fixed policies");
  auto options = std::make_shared<training::DatasetOptions>();
  auto out = std::make_shared<std::string>();
  auto words = std::make_shared<std::vector<std::string>>();
  command.option("--task", &options->task,
                 "task id or path (default: that of a run in --policy, else dmc/cartpole-swingup)");
  command.option("--episodes", &options->episodes, "how many in all");
  command.option(
      "--policy", &options->policies,
      contract::scripted_names() + ", a run directory or RUN@CHECKPOINT; several share the episodes");
  command.option("--explore", &options->explore,
                 "a run's sampled actions, as in training, instead of its mean actions");
  command.option("--out", out.get(), "directory for the shards; never overwritten", {.required = true});
  command.option("words", words.get(), "[seed=N] [action_repeat=N] [device=D] [envs=N] [sim_threads=N]");
  command.footer(
      "Examples:\n  reverie collect --task dmc/reacher-easy --episodes 20 --out data/reacher\n"
      "  reverie collect --policy runs/demo-seed1 --episodes 5 --out data/expert seed=7\n"
      "  reverie collect --policy runs/w@20000 --policy runs/w@best --policy random --episodes 200 --out "
      "data/mixed");
  command.action([&shell, options, out, words, command] {
    int64_t seed = static_cast<int64_t>(options->seed);
    const std::vector<base::Field> keys = settings_of(*options, seed);
    for (const std::string& word : sort_words(*words, 0, "key=value settings").settings)
      base::apply_override(keys, word);
    options->seed = static_cast<uint64_t>(seed);
    check_words(*options, *words, command);
    return collect_command(*options, *out, shell);
  });
}

}  // namespace reverie::apps
