// Things that change during or between episodes: model constants, pushes, commands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"

namespace reverie::sim {

// Numbers of the mjModel that a task file may set or randomise.
struct ModelField {
  std::string name;            // "dof_damping", ...
  std::vector<int> addresses;  // elements
  std::vector<int> inertia;    // bodies whose inertia follows a scaled mass
  bool derived = false;        // mj_setConst is needed afterwards
};

// `field`, `names`, `index` of a [[model]] or randomize entry.
ModelField read_model_field(TableReader& reader, const mjModel* model);
// The array that a field's addresses index.
double* model_array(mjModel* model, const std::string& field);

enum class Change { kSet, kScale, kAdd };

// Apply the [[override]] entries of a task to its model: constants that differ between tasks on one MJCF.
void apply_model_overrides(const TomlNode& section, const Scope& scope, mjModel* model);

struct Randomization {
  ModelField field;
  Change change = Change::kScale;
  std::vector<double> low, high;  // one, or one per address
  bool shared = false;            // one draw for all addresses
  bool startup = false;           // the same for all episodes of a seed
  int state_offset = 0;           // the drawn numbers in the task state
  int state_size = 0;
};

struct Push {
  int dof = 0;                                     // first of two planar velocities, x then y
  double low = 0.0, high = 0.0;                    // speed, m/s, in a random direction
  double interval_low = 0.0, interval_high = 0.0;  // seconds
  int timer = 0;                                   // task state: steps until the next one
};

struct Command {
  std::string name;
  std::vector<double> low, high;
  double zero_probability = 0.0;                   // all zeros with this probability
  double interval_low = 0.0, interval_high = 0.0;  // seconds between draws; 0: once an episode
  int offset = 0, timer = -1;                      // task state
};

struct Events {
  std::vector<Randomization> randomizations;
  std::vector<Push> pushes;
  std::vector<Command> commands;
  bool randomizes() const { return !randomizations.empty(); }
};

// Commands come first: expressions may use them. Throws UserError.
std::vector<Command> read_commands(const TomlNode* section, const Scope& scope);
void read_events(const TomlNode* section, const Scope& scope, Events& events);

// Draw the numbers of an episode into the task state.
void draw_randomization(const Events& events, uint64_t seed, contract::Rng& episode_rng,
                        std::span<double> task_state);
// Write `base` with the drawn numbers into `model`, which is the environment's own.
void apply_randomization(const Events& events, const mjModel* base, mjModel* model, mjData* scratch,
                         std::span<const double> task_state);

void start_events(const Events& events, double control_dt, contract::Rng& rng, std::span<double> task_state);
// Before physics: pushes that are due.
void step_pushes(const Events& events, double control_dt, mjData* data, contract::Rng& rng,
                 std::span<double> task_state);
// After physics; true when a command was drawn anew.
bool step_commands(const Events& events, double control_dt, contract::Rng& rng, std::span<double> task_state);

}  // namespace reverie::sim
