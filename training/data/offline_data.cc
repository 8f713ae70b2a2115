#include "training/data/offline_data.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "contract/episode_store.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

void check_episode(const contract::Episode& episode, const fs::path& shard, const DataRules& rules) {
  if (episode.hash != rules.spec.hash) {
    base::throw_user_error("{}: episodes of {} (hash {}), expected {} (hash {})", shard.string(),
                           episode.task, episode.hash, rules.spec.task, rules.spec.hash);
  }
  for (int64_t t = 0; t < episode.length(); ++t) {
    if (!std::ranges::equal(episode.action(t), episode.action(t - t % rules.action_repeat))) {
      base::throw_user_error(
          "{}: actions change within {} control steps; expected an action_repeat that they keep to",
          shard.string(), rules.action_repeat);
    }
  }
}

fs::path shard_directory(const fs::path& data) {
  return fs::absolute(is_run_directory(data) ? data / "episodes" : data).lexically_normal();
}

}  // namespace

std::vector<fs::path> shard_directories(std::string_view data) {
  if (fs::exists(data)) return {shard_directory(data)};  // a comma may be part of a name
  std::vector<fs::path> out;
  for (size_t from = 0; from <= data.size();) {
    const size_t comma = std::min(data.find(',', from), data.size());
    if (comma == from)
      base::throw_user_error("data={}: expected directories with commas between, found an empty name", data);
    out.push_back(shard_directory(data.substr(from, comma - from)));
    from = comma + 1;
  }
  return out;
}

std::string absolute_data(std::string_view data) {
  std::vector<std::string> names;
  for (const fs::path& directory : shard_directories(data)) names.push_back(directory.string());
  return fmt::format("{}", fmt::join(names, ","));
}

std::vector<fs::path> shards_of(std::string_view data) {
  std::vector<fs::path> out;
  for (const fs::path& directory : shard_directories(data)) {
    std::vector<fs::path> shards = contract::episode_shards(directory);
    if (shards.empty()) {
      base::throw_user_error(
          "data={}: expected a run or a directory with episodes (shard-000000.safetensors, ...)",
          directory.string());
    }
    std::ranges::move(shards, std::back_inserter(out));
  }
  return out;
}

bool is_learnable(const contract::Episode& episode) { return !episode.diverged && episode.length() > 0; }

ShardContent load_shard(const fs::path& shard, const DataRules& rules, std::string_view hash) {
  ShardContent content{base::content_hash(base::read_file(shard)), {}};
  if (!hash.empty() && content.hash != hash)
    base::throw_user_error("{}: has changed since this training first read it", shard.string());
  content.episodes = contract::load_episodes(shard);
  for (const contract::Episode& episode : content.episodes) check_episode(episode, shard, rules);
  return content;
}

}  // namespace reverie::training
