// What a loaded task consists of.
// Env, the CSV oracle and inspect read it; everybody else uses sim/task/task.h.
#pragma once

#include <string>
#include <vector>

#include "sim/expression/expression_builder.h"
#include "sim/model.h"
#include "sim/task/command.h"
#include "sim/task/drive.h"
#include "sim/task/origin.h"
#include "sim/task/step_slots.h"
#include "sim/task/task.h"
#include "sim/task/task_action.h"
#include "sim/task/task_event.h"
#include "sim/task/task_observation.h"
#include "sim/task/task_reset.h"
#include "sim/task/task_source.h"

namespace reverie::sim {

struct RewardTerm {
  std::string name;
  double weight = 1.0;
  int slot = 0;
  Origin origin{};
};

struct Termination {
  int slot = 0;  // non-zero: the episode ends
  Origin origin{};
};

struct SignalSlots {
  std::string name;
  int rows = 1, cols = 1;
  std::vector<int> slots;
  Origin origin{};
};

struct Task::Impl {
  contract::EnvSpec spec;
  std::string title;
  std::filesystem::path model_path;
  std::vector<std::filesystem::path> model_files;  // all that the engine opened for it
  ModelPtr model;                                  // shared and const from here on
  ModelPtr reset_model;               // the same with actuation disabled: what resets run mj_forward on
  std::vector<std::string> warnings;  // Task::warnings()
  mutable StepSlots steps;            // of the environments that share this task
  int substeps = 1;
  bool runge_kutta = false;

  Program program;  // signals, observations, reward, terminations
  std::vector<SignalSlots> signals;
  std::vector<ObservationItem> observation;
  int privileged_dim = 0;
  std::vector<RewardTerm> reward;
  std::vector<Termination> terminations;
  std::vector<Remembered> remembered;
  StateLayout layout;

  ActionMap action;
  std::vector<ResetOp> reset;
  std::vector<Command> commands;
  Events events;
  std::vector<DriveControl> drive;
  std::vector<TrainingSetting> training;
  int workspace = 0;  // slots that the largest program needs

  double reward_of(std::span<const double> slots) const;
};

// Reads every section of a merged task file; `overrides` were applied to it and are part of the
// hash. Throws UserError.
std::unique_ptr<Task::Impl> build_task(const TaskSource& source, std::span<const std::string> overrides);

}  // namespace reverie::sim
