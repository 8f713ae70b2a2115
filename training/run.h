// Run: a training opened for reading.
// Its path is enough to evaluate and view it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "policies/agent.h"
#include "sim/task/task.h"
#include "training/config.h"

namespace reverie::training {

// Configuration, task, and the agent of one checkpoint.
struct Run {
  std::filesystem::path path;
  std::string checkpoint;  // directory name under checkpoints/, e.g. "000040000"
  TrainConfig config;
  std::shared_ptr<const sim::Task> task;
  std::shared_ptr<policies::Agent> agent;
  int64_t env_steps = 0;  // control steps of training behind this checkpoint
  int64_t updates = 0;    // learner updates behind it; without any the agent is as it was drawn
};

// Open `path` at `checkpoint` ("last", "best", "most_faithful" or a step). `device` overrides the run's ("" keeps it).
// Throws UserError when it is not a run directory (naming what is missing), the task changed since (hash),
// or a file is damaged. In the place of a damaged "last" the newest whole one before it is opened, with a line in the log.
Run open_run(const std::filesystem::path& path, std::string_view checkpoint = "last",
             std::string_view device = "");

// The same of a "RUN" (its last checkpoint) or "RUN@CHECKPOINT".
Run open_run_at(const std::string& text, std::string_view device = "");

// `config` with absolute paths of task file and data, so that its run can be used from every directory.
TrainConfig with_absolute_paths(TrainConfig config);

// The task of the run in `path`, whose configuration is `config`. Throws UserError as Task::load does, and naming
// the run when its task file is not where the run says.
std::shared_ptr<const sim::Task> load_run_task(const std::filesystem::path& path, const TrainConfig& config);

// An agent with fresh weights, drawn from `seed`. Throws UserError as Agent does.
std::shared_ptr<policies::Agent> make_agent(const contract::EnvSpec& spec, const TrainConfig& config,
                                            uint64_t seed, tensor::Device device);

}  // namespace reverie::training
