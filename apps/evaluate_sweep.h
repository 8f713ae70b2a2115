// Short evaluations of all checkpoints of a run, or of several runs, in one table.
#pragma once

#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/evaluate_job.h"

namespace reverie::apps {

struct Sweep {
  std::vector<std::string> paths;  // one run for all its checkpoints, or several, each RUN or RUN@CHECKPOINT
  std::string out;                 // directory; "": RUN/evaluation/sweep of one run, nowhere of several
  std::string device;
  EvaluateJob job;  // `sections`, `acting` and `data` are of no use
};

// Throws UserError when a path is no run, or when there is no checkpoint; of several runs, when their tasks differ.
int sweep_command(Sweep sweep, const Shell& shell);

}  // namespace reverie::apps
