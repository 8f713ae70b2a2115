// TrainConfig: the whole configuration of a training run.
// Its nested structs come from worldmodel/ and policies/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "policies/config.h"
#include "policies/learner.h"
#include "training/metrics.h"
#include "worldmodel/config.h"

namespace reverie::training {

// What each key means and may be stands in fields(), which `reverie config` prints.
struct TrainConfig {
  std::string task = "dmc/cartpole-swingup";
  std::string params;         // "speed=8 margin=0.5"
  std::string size = "auto";  // resolved in a run: training/presets.h
  int64_t seed = 1;
  std::string device = "auto";
  int64_t env_steps = 50000;  // 0 with `data`
  std::string learn = "all";  // "model", "policy": the one alone, the other as it is
  std::string from;           // only with learn=policy: the run whose world model is the world
  std::string data;           // "": learn from the environment
  double data_memory = 1024;  // MB; of a larger dataset a part is in memory
  int64_t updates = 0;        // only with `data`
  int64_t random_steps = 2500;
  int64_t action_repeat = 2;
  int64_t envs = 1;
  int64_t sim_threads = 1;
  int64_t learner_threads = 1;
  bool overlap = true;
  double updates_per_decision = 2.0;
  std::string collect_think = "1";
  double planned_share = 0.5;
  double collect_curiosity = 10.0;
  double pushed_share = 0.0;
  int64_t replay_steps = 1000000;
  int64_t eval_every = 5000;
  int64_t eval_episodes = 5;
  int64_t eval_dream = 5;
  int64_t checkpoint_every = 5000;
  int64_t keep_checkpoints = 0;  // 0: all
  double max_memory = 0;         // MB; 0: no limit
  int64_t log_every = 500;
  std::string log = "none";
  int64_t log_max_bytes = kLogBytes;
  worldmodel::ModelConfig model;
  policies::LearnerConfig learner;
};

// Every key: top-level ones plain ("seed"), the rest dotted ("model.latent_dim", "learner.discount").
std::vector<base::Field> fields(TrainConfig& config);

// One "key=value" word: a key above, or "params.<name>=<value>" for the task's own. Throws UserError as
// apply_override.
void apply_setting(TrainConfig& config, const std::string& word);

// The "params.<name>=<value>" words that Task::load takes.
std::vector<std::string> task_overrides(const TrainConfig& config);

// True when the run learns from a directory of episodes alone, which nothing adds to. Its steps are learner
// updates then, and control steps of the environment otherwise.
bool has_fixed_data(const TrainConfig& config);

// What `learn` names.
policies::Learn learns(const TrainConfig& config);

// How far the run goes, in its steps: `updates` or `env_steps`, whichever total_key names.
int64_t& total_steps(TrainConfig& config);
const char* total_key(const TrainConfig& config);

// Throws UserError naming the first key whose value is not allowed, by itself or beside the others, what was
// found and what was expected.
void check_config(TrainConfig config);

}  // namespace reverie::training
