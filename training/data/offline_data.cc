#include "training/data/offline_data.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "contract/divergence.h"
#include "contract/episode_store.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

void check_episode(const contract::Episode& episode, const fs::path& shard, const contract::EnvSpec& spec,
                   int action_repeat) {
  if (episode.hash != spec.hash) {
    base::throw_user_error("{}: episodes of {} (hash {}), expected {} (hash {})", shard.string(),
                           episode.task, episode.hash, spec.task, spec.hash);
  }
  for (int64_t t = 0; t < episode.length(); ++t) {
    if (!std::ranges::equal(episode.action(t), episode.action(t - t % action_repeat))) {
      base::throw_user_error(
          "{}: actions change within {} control steps; expected an action_repeat that they keep to",
          shard.string(), action_repeat);
    }
  }
}

}  // namespace

fs::path shard_directory(const fs::path& data) {
  return fs::absolute(is_run_directory(data) ? data / "episodes" : data).lexically_normal();
}

OfflineData load_offline_data(const fs::path& data, const contract::EnvSpec& spec, int action_repeat,
                              ReplayBuffer& replay) {
  OfflineData result;
  result.shards = shard_directory(data);
  std::string hashes;
  contract::Divergence divergence;
  for (const fs::path& shard : contract::episode_shards(result.shards)) {
    hashes += base::content_hash(base::read_file(shard));
    for (const contract::Episode& episode : contract::load_episodes(shard)) {
      check_episode(episode, shard, spec, action_repeat);
      divergence.add(episode);
      if (episode.diverged || episode.length() == 0) continue;
      replay.add_whole(static_cast<uint64_t>(result.episodes), episode);
      ++result.episodes;
      result.steps += episode.length();
    }
  }
  if (result.episodes == 0 && divergence.diverged > 0) {
    base::throw_user_error("data={}: nothing to learn from: {}", data.string(),
                           contract::divergence_text(divergence));
  }
  if (result.episodes == 0) {
    base::throw_user_error(
        "data={}: expected a run or a directory with episodes (shard-000000.safetensors, ...)",
        data.string());
  }
  result.hash = base::content_hash(hashes);
  return result;
}

}  // namespace reverie::training
