// A first task file for a model that comes without one.
// It is tried before it is offered: random controls from its own reset must leave the state finite.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/inspect/inspect.h"

namespace reverie::sim {

// What may have to be smaller than the model would have it.
struct FirstTaskSettings {
  double timestep = 0.0;  // s; 0: the model's
  double controls = 1.0;  // share of the control range around the start's control
  double noise = 1.0;     // share of the usual random start; 0: none
};

// A commented task file that runs at once: observations, a standing or holding reward, a random start near
// the model's pose, and servos where the model has no actuators. `model_reference` is the path written into
// it. Throws UserError for a model in which nothing moves.
std::string first_task_text(const ModelFacts& facts, const std::string& id,
                            const std::string& model_reference, const FirstTaskSettings& settings);

// What a model's facts suggest before anything was tried.
FirstTaskSettings suggested_settings(const ModelFacts& facts);

// Whether the first task has actions: actuators, or joints that it gives servos.
bool has_actions(const ModelFacts& facts);

// Episodes of random actions from a task's own reset, without its terminations.
struct RandomRuns {
  int runs = 0, diverged = 0;
  double seconds = 0.0;  // of each, 10 unless the model is very slow
  std::string warning;   // the engine's first, or what was not finite
};
RandomRuns run_at_random(const std::filesystem::path& task_file);

struct FirstTask {
  FirstTaskSettings settings;
  RandomRuns before, after;  // with the suggested settings, and with those of the file
  bool works() const { return after.diverged == 0; }
};

// Writes the task file `out` with the largest settings whose random runs stay finite, or with the suggested
// ones and a comment when none do. Throws UserError, and leaves no file, when the model makes no task.
FirstTask write_first_task(const ModelFacts& facts, const std::string& id, const std::string& model_reference,
                           const std::filesystem::path& out);

}  // namespace reverie::sim
