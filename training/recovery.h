// Recovery: the newest checkpoint of a run that is whole, for when files of later ones were damaged.
// A checkpoint is whole when its files fit their checksums; to be resumed from it also needs every shard of episodes/
// that it counts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "training/checkpoint.h"

namespace reverie::training {

// What a checkpoint is wanted for.
enum class Use { kWeights, kResume };

// A checkpoint that was passed over, and the fault that was found first.
struct PassedOver {
  std::string checkpoint;  // directory name
  std::string fault;       // "<file>: damaged: ..."
};

struct Recovered {
  std::string name;                // directory name
  Checkpoint checkpoint;           // Use::kWeights: weights only
  std::vector<PassedOver> passed;  // newest first; empty when `last` is whole
};

// The checkpoint that `last` names, or the newest one before it that is whole. Throws UserError when none is, or
// when files may not be read: that is no damage.
Recovered find_whole(const std::filesystem::path& run, Use use);

// True when a checkpoint was made, whole or not.
bool has_checkpoint(const std::filesystem::path& run);

// "checkpoint 000000300 is damaged (<fault>): 000000200 is used"; what was passed over must not be empty.
std::string recovery_text(const Recovered& found);

// Renames the checkpoints after `name` to <step>.damaged, so that they are made again.
void set_aside_after(const std::filesystem::path& run, const std::string& name);

// Shards of episodes/ that fit their checksums. Reads each shard once.
class ShardChecks {
 public:
  explicit ShardChecks(std::filesystem::path run) : run_(std::move(run)) {}

  // The first fault among shards 0 .. count-1; nothing when all are whole and, where `checksum` is not empty,
  // are those of it (next_shards_checksum).
  std::optional<std::string> fault(int64_t count, const std::string& checksum);
  const std::string& checksum(int64_t count) const;  // of shards that were looked at and are whole

 private:
  void look_at(int64_t count);

  std::filesystem::path run_;
  std::vector<std::string> checksums_ = {""};  // of the first 0, 1, ... shards
  std::string fault_;                          // of the shard behind them; "" when there was none so far
};

}  // namespace reverie::training
