#include "contract/old_episode_store.h"

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

// One loaded shard; every complaint names it.
struct Shard {
  std::string path;
  base::SafeTensors content;
  bool has_terms = false;                 // signals and reward terms, with the task's names of them
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
void get_named(const Shard& shard, const std::string& tensor, const Names& names, std::vector<float>& values,
               Names& found) {
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
  return e;
}

Shard open_shard(const std::filesystem::path& path, base::SafeTensors content) {
  Shard shard{path.string(), std::move(content), false, {}, {}};
  const auto format = shard.content.metadata.find("format");
  shard.has_terms = format != shard.content.metadata.end() && format->second == kFormat;
  if (!shard.has_terms && (format == shard.content.metadata.end() || format->second != kOldFormat)) {
    base::throw_user_error("{}: not an episode shard (expected format 'reverie-episodes-3' or an older one)",
                           shard.path);
  }
  if (shard.has_terms) {
    shard.signal_names = shard.names("signals");
    shard.reward_term_names = shard.names("reward_terms");
  }
  return shard;
}

}  // namespace

std::vector<Episode> old_episodes(const std::filesystem::path& path, base::SafeTensors content) {
  const Shard shard = open_shard(path, std::move(content));
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

}  // namespace reverie::contract
