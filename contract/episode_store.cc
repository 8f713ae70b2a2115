#include "contract/episode_store.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/safetensors.h"

namespace reverie::contract {
namespace {

constexpr std::string_view kFormat = "reverie-episodes-2";
constexpr std::string_view kOldFormat = "reverie-episodes-1";  // without signals and reward terms
constexpr uint64_t kTensors = 8, kOldTensors = 6;              // of one episode

std::string key(size_t i, std::string_view name) { return fmt::format("{}/{}", i, name); }

void put_episode(base::SafeTensors& content, size_t i, const Episode& e) {
  const int64_t rows = e.length() + 1;
  content.tensors[key(i, "observations")] =
      base::make_tensor<float>(e.observations, {rows, e.observation_dim});
  content.tensors[key(i, "actions")] = base::make_tensor<float>(e.actions, {e.length(), e.action_dim});
  content.tensors[key(i, "rewards")] = base::make_tensor<float>(e.rewards, {e.length()});
  content.tensors[key(i, "physics")] = base::make_tensor<double>(e.physics, {rows, e.physics_dim});
  content.tensors[key(i, "task_state")] = base::make_tensor<double>(e.task_state, {rows, e.task_dim});
  content.tensors[key(i, "randomisation")] =
      base::make_tensor<double>(e.randomisation, {static_cast<int64_t>(e.randomisation.size())});
  content.tensors[key(i, "signals")] =
      base::make_tensor<float>(e.signals, {rows, static_cast<int64_t>(e.signal_names.size())});
  content.tensors[key(i, "reward_terms")] = base::make_tensor<float>(
      e.reward_terms, {e.length(), static_cast<int64_t>(e.reward_term_names.size())});
  content.metadata[key(i, "seed")] = fmt::format("{}", e.seed);
  content.metadata[key(i, "index")] = fmt::format("{}", e.index);
  content.metadata[key(i, "policy")] = e.policy;
  content.metadata[key(i, "end")] =
      fmt::format("{}{}{}", e.terminated ? "T" : "-", e.truncated ? "L" : "-", e.diverged ? "D" : "-");
}

// One loaded shard; every complaint names it.
struct Shard {
  std::string path;
  base::SafeTensors content;
  bool has_terms = false;  // signals and reward terms, with the task's names of them
  Names signal_names, reward_term_names;  // shared by the episodes

  const std::string& text(const std::string& name) const {
    const auto found = content.metadata.find(name);
    if (found == content.metadata.end()) base::throw_user_error("{}: metadata '{}' is missing", path, name);
    return found->second;
  }

  uint64_t number(const std::string& name) const {
    const std::string& digits = text(name);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      base::throw_user_error("{}: metadata '{}': expected a number, found '{}'", path, name, digits);
    }
    return value;
  }

  std::vector<std::string> names(const std::string& name) const {
    try {
      return nlohmann::json::parse(text(name)).get<std::vector<std::string>>();
    } catch (const nlohmann::json::exception&) {
      base::throw_user_error("{}: metadata '{}': expected a JSON list of names, found '{}'", path, name,
                             text(name));
    }
  }

  const base::TensorData& tensor(const std::string& name, size_t rank) const {
    const auto found = content.tensors.find(name);
    if (found == content.tensors.end()) base::throw_user_error("{}: tensor '{}' is missing", path, name);
    if (found->second.shape.size() != rank) {
      base::throw_user_error("{}: tensor '{}': expected {} dimensions, found {}", path, name, rank,
                             found->second.shape.size());
    }
    return found->second;
  }

  template <typename T>
  std::vector<T> values(const std::string& name, size_t rank) const {
    const base::TensorData& data = tensor(name, rank);
    try {
      const auto span = base::tensor_values<T>(data);
      return {span.begin(), span.end()};
    } catch (const base::UserError&) {
      base::throw_user_error("{}: tensor '{}' has type {}", path, name, base::dtype_name(data.dtype));
    }
  }

  int columns(const std::string& name) const {
    const int64_t n = tensor(name, 2).shape[1];
    if (n > std::numeric_limits<int>::max())
      base::throw_user_error("{}: tensor '{}' is too wide", path, name);
    return static_cast<int>(n);
  }
};

// Numbers of one episode and their names; an episode that was begun in an older file has neither.
void get_named(const Shard& shard, const std::string& tensor, const Names& names,
               std::vector<float>& values, Names& found) {
  const int columns = shard.columns(tensor);
  if (columns != 0 && static_cast<size_t>(columns) != names.size()) {
    base::throw_user_error("{}: tensor '{}': expected {} columns, one for each name, found {}", shard.path,
                           tensor, names.size(), columns);
  }
  values = shard.values<float>(tensor, 2);
  if (columns != 0) found = names;
}

Episode get_episode(const Shard& shard, size_t i) {
  Episode e;
  e.task = shard.text("task");
  e.hash = shard.text("hash");
  e.seed = shard.number(key(i, "seed"));
  e.index = shard.number(key(i, "index"));
  e.policy = shard.text(key(i, "policy"));
  const std::string& end = shard.text(key(i, "end"));
  if (end.size() != 3) base::throw_user_error("{}: metadata '{}' is damaged", shard.path, key(i, "end"));
  e.terminated = end[0] == 'T';
  e.truncated = end[1] == 'L';
  e.diverged = end[2] == 'D';
  e.observation_dim = shard.columns(key(i, "observations"));
  e.action_dim = shard.columns(key(i, "actions"));
  e.physics_dim = shard.columns(key(i, "physics"));
  e.task_dim = shard.columns(key(i, "task_state"));
  e.observations = shard.values<float>(key(i, "observations"), 2);
  e.actions = shard.values<float>(key(i, "actions"), 2);
  e.rewards = shard.values<float>(key(i, "rewards"), 1);
  e.physics = shard.values<double>(key(i, "physics"), 2);
  e.task_state = shard.values<double>(key(i, "task_state"), 2);
  e.randomisation = shard.values<double>(key(i, "randomisation"), 1);
  if (shard.has_terms) {
    get_named(shard, key(i, "signals"), shard.signal_names, e.signals, e.signal_names);
    get_named(shard, key(i, "reward_terms"), shard.reward_term_names, e.reward_terms, e.reward_term_names);
  }
  try {
    check_consistent(e);
  } catch (const std::logic_error& error) {
    base::throw_user_error("{}: episode {}: {}", shard.path, i, error.what());
  }
  if (const std::string bad = non_finite_number(e); !bad.empty()) {
    base::throw_user_error("{}: episode {}: {}; expected finite numbers", shard.path, i, bad);
  }
  return e;
}

Shard open_shard(const std::filesystem::path& path) {
  Shard shard{path.string(), base::load_safetensors(path), false, {}, {}};
  const auto format = shard.content.metadata.find("format");
  shard.has_terms = format != shard.content.metadata.end() && format->second == kFormat;
  if (!shard.has_terms && (format == shard.content.metadata.end() || format->second != kOldFormat)) {
    base::throw_user_error("{}: not an episode shard (expected format '{}' or '{}')", shard.path, kFormat,
                           kOldFormat);
  }
  if (shard.has_terms) {
    shard.signal_names = shard.names("signals");
    shard.reward_term_names = shard.names("reward_terms");
  }
  return shard;
}

// The names that all episodes share which have any.
const Names& common_names(const std::vector<Episode>& episodes,
                                             Names Episode::*names) {
  const Names* found = &(episodes.front().*names);
  for (const Episode& episode : episodes) {
    const Names& other = episode.*names;
    if (found->empty()) found = &other;
    if (!other.empty() && !(other == *found)) {
      throw std::logic_error("save_episodes: signals and reward terms of a shard have the same names");
    }
  }
  return *found;
}

}  // namespace

void save_episodes(const std::filesystem::path& path, const std::vector<Episode>& episodes) {
  if (episodes.empty()) throw std::logic_error("save_episodes: a shard holds at least one episode");
  base::SafeTensors content;
  content.metadata["format"] = kFormat;
  content.metadata["episodes"] = fmt::format("{}", episodes.size());
  content.metadata["task"] = episodes.front().task;
  content.metadata["hash"] = episodes.front().hash;
  content.metadata["signals"] = nlohmann::json(common_names(episodes, &Episode::signal_names).list()).dump();
  content.metadata["reward_terms"] =
      nlohmann::json(common_names(episodes, &Episode::reward_term_names).list()).dump();
  for (size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    check_consistent(episode);
    if (const std::string bad = non_finite_number(episode); !bad.empty())
      throw std::logic_error("save_episodes: " + bad);
    if (episode.task != episodes.front().task || episode.hash != episodes.front().hash) {
      throw std::logic_error("save_episodes: a shard holds episodes of one task");
    }
    put_episode(content, i, episode);
  }
  base::save_safetensors(path, content);
}

std::vector<Episode> load_episodes(const std::filesystem::path& path) {
  const Shard shard = open_shard(path);
  const uint64_t count = shard.number("episodes");
  // A damaged count cannot ask for more than the file holds.
  const uint64_t tensors = shard.has_terms ? kTensors : kOldTensors;
  if (count * tensors != shard.content.tensors.size()) {
    base::throw_user_error("{}: expected {} episodes of {} tensors, found {} tensors", shard.path, count,
                           tensors, shard.content.tensors.size());
  }
  std::vector<Episode> episodes;
  for (size_t i = 0; i < count; ++i) episodes.push_back(get_episode(shard, i));
  return episodes;
}

std::vector<std::filesystem::path> episode_shards(const std::filesystem::path& directory) {
  if (!std::filesystem::is_directory(directory)) {
    base::throw_user_error("{}: expected a directory of episode shards", directory.string());
  }
  std::vector<std::filesystem::path> shards;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("shard-") && name.ends_with(".safetensors")) shards.push_back(entry.path());
  }
  std::ranges::sort(shards);
  return shards;
}

std::vector<Episode> load_episode_directory(const std::filesystem::path& directory, int64_t max_shards) {
  std::vector<std::filesystem::path> shards = episode_shards(directory);
  if (max_shards >= 0 && shards.size() > static_cast<size_t>(max_shards)) {
    shards.resize(static_cast<size_t>(max_shards));
  }
  std::vector<Episode> episodes;
  for (const auto& shard : shards) {
    for (Episode& episode : load_episodes(shard)) episodes.push_back(std::move(episode));
  }
  return episodes;
}

}  // namespace reverie::contract
