// The whole configuration of a training run; nested structs come from worldmodel/ and policies/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "policies/config.h"
#include "worldmodel/config.h"

namespace reverie::training {

struct TrainConfig {
  std::string task = "dmc/cartpole-swingup";
  std::string params;  // task parameters set for this run: "speed=8 margin=0.5"
  // auto, nano, tiny, s, m or l: sets model sizes and batch (training/presets.h); in a run they are resolved
  std::string size = "auto";
  int64_t seed = 1;
  std::string device = "auto";  // auto | cpu | cuda | cuda:N
  int64_t env_steps = 50000;    // control steps of training in all; 0 with `data`
  std::string data;             // directory of episodes to learn from without an environment; "": none
  int64_t updates = 0;          // learner updates in all, with `data`
  int64_t random_steps = 2500;  // control steps of random actions first
  int64_t action_repeat = 2;    // control steps a decision
  int64_t envs = 1;             // environments stepped together
  int64_t sim_threads = 1;      // simulation threads (results do not depend on it)
  int64_t learner_threads = 1;  // threads of tensor operations (results may depend on it)
  // Gradients of world model and actor at the same time, on a thread each; on the CPU, same results either
  // way.
  bool overlap = true;
  double updates_per_decision = 2.0;
  std::string collect_think = "1";  // planning while collecting: 0 | 1 | 2 | 3 | adaptive
  double planned_share = 0.5;  // of the training episodes; in the others the actor meets its own mistakes
  double collect_curiosity = 10.0;  // what these plans are paid for the spread of the dynamics heads
  int64_t replay_steps = 1000000;   // control steps kept for replay
  // The next three count control steps; updates when learning from `data`.
  int64_t eval_every = 5000;  // between evaluations; 0: never
  int64_t eval_episodes = 5;
  int64_t checkpoint_every = 5000;  // between checkpoints
  int64_t log_every = 500;          // between metric lines
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

// Throws UserError naming the first key whose value is out of range, what was found and what was expected.
void check_config(const TrainConfig& config);

}  // namespace reverie::training
