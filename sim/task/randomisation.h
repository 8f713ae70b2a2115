// Model constants that are drawn for an episode: [[event]] op = "randomize".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/rng.h"
#include "sim/expression/expression_builder.h"
#include "sim/task/model_field.h"

namespace reverie::sim {

struct Randomisation {
  ModelField field;
  Change change = Change::kScale;
  std::vector<double> low, high;  // one for each address
  bool shared = false;            // one draw for all addresses
  bool startup = false;           // the same for all episodes of a seed
  int state_offset = 0;           // the drawn numbers in the task state
  int state_size = 0;
};

// Reads the rest of an [[event]] entry; the drawn numbers get their place in the task state. Throws UserError.
Randomisation read_randomisation(TableReader& reader, const Scope& scope, bool startup);

// Draws the numbers of an episode into the task state.
void draw_randomisation(const std::vector<Randomisation>& randomisations, uint64_t seed,
                        contract::Rng& episode_rng, std::span<double> task_state);

// Writes `base` with the drawn numbers into `model`, which is the environment's own.
void apply_randomisation(const std::vector<Randomisation>& randomisations, const mjModel* base,
                         mjModel* model, mjData* scratch, std::span<const double> task_state);

}  // namespace reverie::sim
