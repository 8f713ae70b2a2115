// Opening: what the viewer can show, and how it becomes a twin.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "contract/episode.h"
#include "sim/model.h"
#include "training/run.h"
#include "viewer/actors.h"
#include "viewer/session.h"
#include "viewer/twin.h"
#include "viewer/viewer.h"

namespace reverie::viewer {

// Everything that a twin and its session are made of, and what keeps it alive.
struct Opened {
  std::string what;                       // as the user named it; empty: nothing is open
  std::shared_ptr<const sim::Task> task;  // null: a bare model
  std::shared_ptr<const mjModel> model;
  std::shared_ptr<base::ThreadPool> pool;
  std::optional<training::Run> run;                                // whose dream is shown
  std::vector<training::Run> beside;                               // whose dreams are shown beside it
  std::shared_ptr<const std::vector<contract::Episode>> episodes;  // of a dataset; null: fresh starts
  TwinParts parts;
  SessionOptions session;  // with who acts and who could
};

// What `what` names, as the first of these that takes it: a run (also RUN@CHECKPOINT), a dataset, a model file, a task.
// `options` says which checkpoint, which recorded episodes beside a run, and who acts. Throws UserError when it is none
// of them or damaged.
Opened open(const std::string& what, const ViewOptions& options);

// The run that "RUN" or "RUN@CHECKPOINT" names, at the options' checkpoint where it names none.
training::Run run_named(const std::string& what, const ViewOptions& options);

// The same of what is in memory already.
Opened opened_run(const training::Run& run, const ViewOptions& options);
Opened opened_task(const std::shared_ptr<const sim::Task>& task, const ViewOptions& options);

// No world at all: what a window shows before anything is open.
Opened opened_nothing();

// Who can act of what is open, on the actions of `spec`, the first one to begin with; `control_steps` a step.
std::vector<Actor> possible_actors(const Opened& opened, const contract::EnvSpec& spec, int control_steps);

// The command that shows what is shown now, with the files' paths as they were given.
std::string command_of(const Opened& opened, const ViewerContext& context, const ViewOptions& options);

// "walker-walk-1  ·  checkpoint 000040000, 40000 control steps of training"
std::string run_subtitle(const training::Run& run);

// The run's checkpoints as they are on the disk now. The newest one is followed while the run trains.
Checkpoints checkpoints_of(const training::Run& run);

// Files that decide whether `what` can be opened, as far as they are known without opening it: a task file and its
// model, a model and what it includes. None of a run or a dataset.
std::vector<std::filesystem::path> files_behind(const std::string& what);

// One line a kind of thing that can be opened: "a run directory", "a dataset of episodes", ...
std::vector<std::string> what_can_be_opened();

}  // namespace reverie::viewer
