// A frozen world: the world model of a finished run, in which another run learns a policy.
// The later run names the earlier one by path and by the hash of its weights.
#pragma once

#include <filesystem>
#include <string>

#include "contract/env_spec.h"
#include "policies/agent.h"
#include "training/config.h"
#include "training/run_directory.h"

namespace reverie::training {

// What "RUN" (its last checkpoint) or "RUN@CHECKPOINT" names. Throws UserError when there is no such run or
// checkpoint.
RunName find_run(const std::string& text);

// "RUN@CHECKPOINT" with an absolute path and the checkpoint's own name, so that it means the same later on.
std::string absolute_run_name(const std::string& text);

// What config.from says of the world: model, task, action repeat, size, and the run's data where `config` has none.
// Nothing without config.from, or when there is no such run any more.
void inherit_world(TrainConfig& config);

// Gives `agent` the world model and the probe of config.from and returns the hash of its weights. Throws UserError
// when there is no such run, or its task or settings of the model are others than `config`'s.
std::string load_world(const contract::EnvSpec& spec, const TrainConfig& config, policies::Agent& agent);

// Throws UserError when the weights of config.from are there and their hash is not `hash`. The weights may be gone: a
// run has a copy in its checkpoints.
void check_world_is_the_same(const std::filesystem::path& run, const TrainConfig& config,
                             const std::string& hash);

}  // namespace reverie::training
