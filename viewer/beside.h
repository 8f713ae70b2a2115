// Runs beside the first one: their dreams take the same actions, from the same start.
#pragma once

#include <string>
#include <vector>

#include "viewer/opening.h"

namespace reverie::viewer {

inline constexpr size_t kMostRuns = 6;  // that are shown at once, the first one among them

// Adds the dreams of the runs that `options.beside` names to a run that is open. Throws UserError when one of them is no
// run, or is not of the same task, observation and action repeat.
void add_runs_beside(Opened& opened, const ViewOptions& options);

// What each run that is open is called: its directory's name, with its checkpoint where another one has that name too.
// The first run comes first; empty where no run is open.
std::vector<std::string> run_names(const Opened& opened);

// The actor of each run beside the first one, "NAME: actor". None of them can act by what the first run's dream shows.
std::vector<Actor> actors_beside(const Opened& opened);

}  // namespace reverie::viewer
