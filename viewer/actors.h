// Actors: who may choose the actions of a twin, by name.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "contract/episode.h"
#include "policies/planner_config.h"
#include "training/run.h"
#include "viewer/twin.h"

namespace reverie::viewer {

// `make` gives policies that begin anew. It may be called again and again.
struct Actor {
  std::string name;
  std::function<PolicyPair()> make;
};

// The name of a run's own policy at a think level: "actor", "think 1", ..., "adaptive".
std::string actor_name(policies::Think think);

// The run's policy at every think level, the actor first. Each can act by what either world shows.
std::vector<Actor> run_actors(const training::Run& run);

// Policies without an agent: "random" and "zero".
std::vector<Actor> scripted_actors(const contract::EnvSpec& spec);

// "recorded": the actions of these episodes, where twin episode i is number i, counted round. A step is `control_steps`
// control steps; the last action is repeated when a record is over.
Actor recorded_actor(std::shared_ptr<const std::vector<contract::Episode>> episodes, int control_steps);

// The place of `name` in `actors`; throws std::invalid_argument when it is not there.
int find_actor(std::span<const Actor> actors, const std::string& name);

}  // namespace reverie::viewer
