#include "training/config.h"

#include <iterator>
#include <sstream>

#include "base/error.h"
#include "policies/planner_config.h"
#include "tensor/device.h"
#include "training/metrics.h"
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

// What is learned, and from what.
void check_stage(const TrainConfig& config) {
  const bool from = !config.from.empty();
  if (config.learn == "policy" && !from) {
    base::throw_user_error(
        "learn=policy: expected from=RUN or RUN@CHECKPOINT, whose world model is the world");
  }
  if (config.learn != "policy" && from)
    base::throw_user_error("from={}: only with learn=policy, found learn={}", config.from, config.learn);
  if (from && !has_fixed_data(config))  // else data would be that run's
    base::throw_user_error("from={}: expected a run directory or RUN@CHECKPOINT", config.from);
  if (config.learn != "all" && !has_fixed_data(config))
    base::throw_user_error("learn={}: expected data=DIR, episodes or a run to learn from", config.learn);
}

// How much to learn: from an environment or from a dataset.
void check_amount(const TrainConfig& config) {
  if (!has_fixed_data(config)) {
    if (config.env_steps < 1)
      base::throw_user_error("env_steps: expected at least 1, found {}", config.env_steps);
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
  if (config.updates < 1) base::throw_user_error("updates: expected at least 1, found {}", config.updates);
}

// Where tensors and threads are, and what the run is about.
std::vector<base::Field> run_fields(TrainConfig& c) {
  using base::at_least, base::from_to, base::one_of;
  return {
      {"task", &c.task, "task id (see: reverie tasks) or path of a task file"},
      {"params", &c.params, "task parameters, e.g. \"speed=8\"; params.speed=8 sets one"},
      {"size", &c.size,
       "model sizes and batch by name; auto goes by the task's dimensions; model.* keys win over it",
       one_of(size_choices())},
      {"seed", &c.seed, "names every random draw of the run", at_least(0)},
      {"device", &c.device, "where tensors live; auto takes a GPU when there is one",
       one_of(tensor::device_choices())},
      {"env_steps", &c.env_steps, "control steps of training in all; 0 with data", at_least(0)},
      {"learn", &c.learn,
       "what learns: all; model: the world model alone, from data; policy: actor and critic alone, inside "
       "the world "
       "model of `from`",
       one_of({"all", "model", "policy"})},
      {"from", &c.from, "with learn=policy: the run, or RUN@CHECKPOINT, whose world model is the world"},
      {"data", &c.data,
       "learn from this directory of episodes, or run, alone; several with commas between; with env_steps=0 "
       "updates=N"},
      {"data_memory", &c.data_memory,
       "MB of data in memory; a larger dataset is read in a shuffled order, again and again, as updates are "
       "made",
       base::above(0)},
      {"updates", &c.updates, "learner updates in all, with data", at_least(0)},
      {"random_steps", &c.random_steps, "control steps of random actions first", at_least(0)},
      {"action_repeat", &c.action_repeat, "control steps per decision", at_least(1)},
      {"envs", &c.envs, "environments stepped together", from_to(1, 100000)},
      {"sim_threads", &c.sim_threads, "simulation threads; results do not depend on it", from_to(1, 1024)},
      {"learner_threads", &c.learner_threads, "threads of tensor operations; results may depend on it",
       from_to(1, 1024)},
      {"overlap", &c.overlap,
       "world model and actor learn at the same time, on a thread each (CPU only); same results either way"},
  };
}

// How a run collects, evaluates and saves.
std::vector<base::Field> loop_fields(TrainConfig& c) {
  using base::at_least, base::from_to, base::one_of;
  return {
      {"updates_per_decision", &c.updates_per_decision, "learner updates per collected decision",
       from_to(0, 1000)},
      {"collect_think", &c.collect_think, "how much to plan while collecting; 0: the actor explores",
       one_of(policies::think_choices())},
      {"planned_share", &c.planned_share,
       "share of training episodes that collect_think plans; in the others the actor explores and meets its "
       "own mistakes",
       from_to(0, 1)},
      {"collect_curiosity", &c.collect_curiosity,
       "reward of a plan that collects for the dynamics heads' spread; above 0 it seeks what the model does "
       "not know",
       at_least(0)},
      {"pushed_share", &c.pushed_share,
       "share of training episodes in which random actions take over now and then; the dream learns what "
       "lies "
       "beside the policy's path",
       from_to(0, 1)},
      {"replay_steps", &c.replay_steps, "control steps kept for replay", at_least(1)},
      {"eval_every", &c.eval_every, "control steps (with data: updates) between evaluations; 0: never",
       at_least(0)},
      {"eval_episodes", &c.eval_episodes, "episodes of one evaluation", at_least(1)},
      {"eval_dream", &c.eval_dream,
       "pushed episodes on which an evaluation measures how long the dream holds; 0: not measured",
       at_least(0)},
      {"checkpoint_every", &c.checkpoint_every, "control steps (with data: updates) between checkpoints",
       at_least(1)},
      {"keep_checkpoints", &c.keep_checkpoints,
       "how many of the newest checkpoints stay, beside best and most_faithful; 0: all", at_least(0)},
      {"max_memory", &c.max_memory,
       "MB that the training may take: what the replay has no room for goes to the disk, and it does not "
       "start "
       "when that is not enough; 0: no limit",
       at_least(0)},
      {"log_every", &c.log_every, "control steps (with data: updates) between lines of metrics.jsonl",
       at_least(1)},
      {"log", &c.log, "event files beside metrics.jsonl", one_of(log_choices())},
      {"log_max_bytes", &c.log_max_bytes,
       "bytes from which on metrics.jsonl becomes metrics.1.jsonl, metrics.2.jsonl, ... and a new one begins",
       at_least(1000)},
  };
}

}  // namespace

bool has_fixed_data(const TrainConfig& config) { return !config.data.empty(); }

int64_t& total_steps(TrainConfig& config) {
  return has_fixed_data(config) ? config.updates : config.env_steps;
}

policies::Learn learns(const TrainConfig& config) {
  if (config.learn == "model") return policies::Learn::kModel;
  return config.learn == "policy" ? policies::Learn::kPolicy : policies::Learn::kAll;
}

const char* total_key(const TrainConfig& config) { return has_fixed_data(config) ? "updates" : "env_steps"; }

void check_config(TrainConfig config) {
  base::check_fields(fields(config));
  check_stage(config);
  check_amount(config);
  worldmodel::check_config(config.model);
  policies::check_config(config.learner);
}

std::vector<base::Field> fields(TrainConfig& config) {
  std::vector<base::Field> all = run_fields(config);
  append(all, loop_fields(config));
  append(all, fields(config.model));
  append(all, fields(config.learner));
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
