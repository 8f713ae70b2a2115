// Checkpoints: everything that a training needs to go on bit for bit.
// They are written under a temporary name, synced and renamed: a kill at any moment leaves
// the previous one whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/safetensors.h"
#include "contract/episode.h"
#include "training/incumbent.h"

namespace reverie::training {

// Checkpoints are named after their step: environment steps, or updates of a run without an environment.
struct Checkpoint {
  int64_t env_steps = 0;
  int64_t updates = 0;
  int64_t shards = 0;          // finished episodes: shards 0 .. shards-1 of episodes/
  std::string data_hash;       // ShardWindow::hash, of a run that learns from a dataset
  Incumbent best;              // the policy that holds the name `best` after this step
  MostFaithful most_faithful;  // the dream that holds the name `most_faithful`
  // Of the weights whose world model is the world; empty unless the run has TrainConfig::from.
  std::string from_hash;
  // Figures of the metrics row that an evaluation at this step has still to complete; none once it is made.
  std::optional<std::map<std::string, double>> owed_row;
  std::string task_hash;                   // EnvSpec::hash: physics and task must still be the same
  base::SafeTensors model;                 // Agent::weights
  base::SafeTensors optimizer;             // Learner::state
  std::vector<contract::Episode> running;  // the episode in progress of each environment

  bool has_environment() const { return data_hash.empty(); }
  int64_t step() const { return has_environment() ? env_steps : updates; }
};

// Writes checkpoints/<step>/, lets `last` name it, and then link_holders. An existing directory of that name is kept as
// it is.
void save_checkpoint(const std::filesystem::path& run, const Checkpoint& checkpoint);

// The evaluation that checkpoint `step` owed is made and left these holders: its state.json says so, and the links.
void settle_checkpoint(const std::filesystem::path& run, int64_t step, const Incumbent& best,
                       const MostFaithful& most_faithful);

// Lets `best` and `most_faithful` name who holds them, or nothing when nobody does: a kill may have come between a
// checkpoint and its links.
void link_holders(const std::filesystem::path& run, const Incumbent& best, const MostFaithful& most_faithful);

// Reads checkpoints/<name>/. Throws UserError naming the damaged or missing file. `weights_only` leaves out
// optimiser and running episodes.
Checkpoint load_checkpoint(const std::filesystem::path& run, std::string_view name, bool weights_only);

// Append finished episodes as shard number `shard` of episodes/.
void save_shard(const std::filesystem::path& run, int64_t shard,
                const std::vector<contract::Episode>& episodes);

// Remove shards numbered `shards` and above, and shards half written: what a killed process wrote after its
// last checkpoint is derived again.
void drop_shards_from(const std::filesystem::path& run, int64_t shards);

}  // namespace reverie::training
