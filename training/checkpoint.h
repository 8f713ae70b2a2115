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

#include "base/error.h"
#include "base/safetensors.h"
#include "contract/episode.h"
#include "training/incumbent.h"

namespace reverie::training {

// A checkpoint of a newer program: not damaged, and not for this one.
class NewerSchema : public base::UserError {
 public:
  using base::UserError::UserError;
};

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
  std::string shards_checksum;             // next_shards_checksum of these shards; empty in older checkpoints
  base::SafeTensors model;                 // Agent::weights
  base::SafeTensors optimizer;             // Learner::state
  std::vector<contract::Episode> running;  // the episode in progress of each environment

  std::string run_id = {};  // read_run_id() of its run; empty in older checkpoints
  int64_t rollbacks = 0;    // whether the run went back because its losses exploded: 0 or 1
  // Name -> checksum of the other files of its directory, as written; empty in older checkpoints.
  std::map<std::string, std::string> files = {};

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

// Reads checkpoints/<name>/. Throws UserError naming the damaged or missing file: each is held against the checksum that
// state.json has of it. `weights_only` leaves out optimiser and running episodes.
Checkpoint load_checkpoint(const std::filesystem::path& run, std::string_view name, bool weights_only);
// Its state.json alone. Throws UserError when that is damaged, of another checkpoint or of another run.
Checkpoint load_state(const std::filesystem::path& run, std::string_view name);

// The run that its state.json names; "" when it names none or is damaged.
std::string read_checkpoint_run_id(const std::filesystem::path& run, std::string_view name);

// Removes checkpoints until the newest `keep` are left, those that a link or one of the newest names, and nothing else;
// 0 keeps all.
void prune_checkpoints(const std::filesystem::path& run, int64_t keep);

std::filesystem::path shard_path(const std::filesystem::path& run, int64_t shard);

// Append finished episodes, in a run that is there, as shard number `shard` of episodes/. Returns the file's checksum.
std::string save_shard(const std::filesystem::path& run, int64_t shard,
                       const std::vector<contract::Episode>& episodes);

// Of shards 0 .. n-1 and the checksum of the next one's file. It depends on their order; "" is that of none.
std::string next_shards_checksum(const std::string& before, const std::string& shard);

// Remove shards numbered `shards` and above, and files and checkpoints half written: what a killed process wrote after its
// last checkpoint is derived again.
void drop_unfinished(const std::filesystem::path& run, int64_t shards);

}  // namespace reverie::training
