#include "contract/episode_store.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/safetensors.h"
#include "contract/old_episode_store.h"

namespace reverie::contract {
namespace {

constexpr std::string_view kFormat = "reverie-episodes-3";

// Columns of the tensor "episodes", one row each.
enum Column : size_t { kSeed, kIndex, kSteps, kPolicy, kEnd, kNamed, kRandomised, kColumns };
constexpr int64_t kTerminated = 1, kTruncated = 2, kDiverged = 4;  // bits of kEnd
constexpr int64_t kSignals = 1, kRewardTerms = 2;                  // bits of kNamed: names that it has

// The numbers of all episodes of a shard, one behind the other.
struct Arrays {
  std::vector<float> observations, actions, rewards, signals, reward_terms;
  std::vector<double> physics, task_state, randomisation;
};

void append_arrays(const Episode& episode, Arrays& arrays) {
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(arrays.observations, episode.observations);
  append(arrays.actions, episode.actions);
  append(arrays.rewards, episode.rewards);
  append(arrays.physics, episode.physics);
  append(arrays.task_state, episode.task_state);
  append(arrays.randomisation, episode.randomisation);
  append(arrays.signals, episode.signals);
  append(arrays.reward_terms, episode.reward_terms);
}

// The names that all episodes share which have any.
const Names& common_names(const std::vector<Episode>& episodes, Names Episode::*names) {
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

void check_storable(const Episode& episode, const Episode& first) {
  check_consistent(episode);
  if (const std::string bad = non_finite_number(episode); !bad.empty())
    throw std::logic_error("save_episodes: " + bad);
  if (episode.task != first.task || episode.hash != first.hash)
    throw std::logic_error("save_episodes: a shard holds episodes of one task");
  if (episode.observation_dim != first.observation_dim || episode.action_dim != first.action_dim ||
      episode.physics_dim != first.physics_dim || episode.task_dim != first.task_dim)
    throw std::logic_error("save_episodes: a shard holds episodes of one size");
}

// What `episode` is, as a row of the tensor "episodes".
void append_row(const Episode& e, int64_t policy, std::vector<int64_t>& rows) {
  const auto size = rows.size();
  rows.resize(size + kColumns);
  int64_t* row = rows.data() + size;
  row[kSeed] = std::bit_cast<int64_t>(e.seed);
  row[kIndex] = std::bit_cast<int64_t>(e.index);
  row[kSteps] = e.length();
  row[kPolicy] = policy;
  row[kEnd] =
      (e.terminated ? kTerminated : 0) | (e.truncated ? kTruncated : 0) | (e.diverged ? kDiverged : 0);
  row[kNamed] = (e.signal_names.empty() ? 0 : kSignals) | (e.reward_term_names.empty() ? 0 : kRewardTerms);
  row[kRandomised] = static_cast<int64_t>(e.randomisation.size());
}

// Fills `content` with the arrays, as matrices of the episodes' widths.
void put_arrays(const Arrays& arrays, const Episode& first, int64_t signals, int64_t terms,
                base::SafeTensors& content) {
  const auto put = [&](const char* name, const auto& values, int64_t columns, int64_t rows) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    content.tensors[name] = base::make_tensor<T>(values, {rows, columns});
  };
  const auto steps = static_cast<int64_t>(arrays.rewards.size());
  const auto rows_of = [](const auto& values, int64_t columns) {
    return columns == 0 ? 0 : static_cast<int64_t>(values.size()) / columns;
  };
  put("observations", arrays.observations, first.observation_dim,
      rows_of(arrays.observations, first.observation_dim));
  put("actions", arrays.actions, first.action_dim, steps);
  put("rewards", arrays.rewards, 1, steps);
  put("physics", arrays.physics, first.physics_dim, rows_of(arrays.physics, first.physics_dim));
  put("task_state", arrays.task_state, first.task_dim, rows_of(arrays.task_state, first.task_dim));
  put("randomisation", arrays.randomisation, 1, static_cast<int64_t>(arrays.randomisation.size()));
  put("signals", arrays.signals, signals, rows_of(arrays.signals, signals));
  put("reward_terms", arrays.reward_terms, terms, rows_of(arrays.reward_terms, terms));
}

// One loaded shard of the present format; every complaint names it.
class Shard {
 public:
  Shard(std::string path, const base::SafeTensors& content);

  std::vector<Episode> episodes();

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    base::throw_user_error("{}: {}", path_, fmt::format(format, std::forward<Args>(args)...));
  }
  const std::string& text(const std::string& name) const;
  template <typename T>
  T parsed(const std::string& name, const char* expected) const;
  const base::TensorData& tensor(const std::string& name) const;
  template <typename T>
  std::span<const T> values(const std::string& name) const;
  int columns(const std::string& name) const;
  Episode episode(size_t i);
  // Takes the next `count` numbers of the tensor.
  template <typename T>
  void take(std::vector<T>& to, const std::string& name, int64_t count);

  std::string path_;
  const base::SafeTensors& content_;
  std::map<std::string, int64_t> taken_;  // numbers of each tensor so far
  std::vector<std::string> policies_;
  std::map<std::string, std::string> causes_;
  Names signals_, reward_terms_;
  int observation_dim_ = 0, action_dim_ = 0, physics_dim_ = 0, task_dim_ = 0;
  std::span<const int64_t> rows_;
};

Shard::Shard(std::string path, const base::SafeTensors& content)
    : path_(std::move(path)),
      content_(content),
      policies_(parsed<std::vector<std::string>>("policies", "a JSON list of names")),
      causes_(parsed<std::map<std::string, std::string>>("divergence", "a JSON object of texts")),
      signals_(parsed<std::vector<std::string>>("signals", "a JSON list of names")),
      reward_terms_(parsed<std::vector<std::string>>("reward_terms", "a JSON list of names")),
      observation_dim_(columns("observations")),
      action_dim_(columns("actions")),
      physics_dim_(columns("physics")),
      task_dim_(columns("task_state")),
      rows_(values<int64_t>("episodes")) {
  if (columns("episodes") != kColumns) fail("tensor 'episodes': expected {} columns", +kColumns);
  for (const auto& [name, names] :
       {std::pair("signals", &signals_), std::pair("reward_terms", &reward_terms_)}) {
    if (static_cast<size_t>(columns(name)) != names->size())
      fail("tensor '{}': expected {} columns, one for each name, found {}", name, names->size(),
           columns(name));
  }
}

const std::string& Shard::text(const std::string& name) const {
  const auto found = content_.metadata.find(name);
  if (found == content_.metadata.end()) fail("metadata '{}' is missing", name);
  return found->second;
}

template <typename T>
T Shard::parsed(const std::string& name, const char* expected) const {
  try {
    return nlohmann::json::parse(text(name)).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail("metadata '{}': expected {}, found '{}'", name, expected, text(name));
  }
}

const base::TensorData& Shard::tensor(const std::string& name) const {
  const auto found = content_.tensors.find(name);
  if (found == content_.tensors.end()) fail("tensor '{}' is missing", name);
  if (found->second.shape.size() != 2)
    fail("tensor '{}': expected 2 dimensions, found {}", name, found->second.shape.size());
  return found->second;
}

template <typename T>
std::span<const T> Shard::values(const std::string& name) const {
  const base::TensorData& data = tensor(name);
  try {
    return base::tensor_values<T>(data);
  } catch (const base::UserError&) {
    fail("tensor '{}' has type {}", name, base::dtype_name(data.dtype));
  }
}

int Shard::columns(const std::string& name) const {
  const int64_t n = tensor(name).shape[1];
  if (n > std::numeric_limits<int>::max()) fail("tensor '{}' is too wide", name);
  return static_cast<int>(n);
}

template <typename T>
void Shard::take(std::vector<T>& to, const std::string& name, int64_t count) {
  const std::span<const T> all = values<T>(name);
  int64_t& taken = taken_[name];
  if (count > static_cast<int64_t>(all.size()) - taken)
    fail("tensor '{}': {} numbers are missing", name, count - (static_cast<int64_t>(all.size()) - taken));
  to.assign(all.begin() + taken, all.begin() + taken + count);
  taken += count;
}

Episode Shard::episode(size_t i) {
  const std::span<const int64_t> row = rows_.subspan(i * kColumns, kColumns);
  const int64_t steps = row[kSteps];
  const auto held = static_cast<int64_t>(values<float>("rewards").size());
  if (steps < 0 || steps > held) fail("episode {}: {} steps, the shard holds {}", i, steps, held);
  if (row[kPolicy] < 0 || row[kPolicy] >= static_cast<int64_t>(policies_.size()))
    fail("episode {}: policy {} of {}", i, row[kPolicy], policies_.size());
  Episode e;
  e.seed = std::bit_cast<uint64_t>(row[kSeed]);
  e.index = std::bit_cast<uint64_t>(row[kIndex]);
  e.task = text("task");
  e.hash = text("hash");
  e.policy = policies_[static_cast<size_t>(row[kPolicy])];
  e.observation_dim = observation_dim_, e.action_dim = action_dim_;
  e.physics_dim = physics_dim_, e.task_dim = task_dim_;
  if ((row[kNamed] & kSignals) != 0) e.signal_names = signals_;
  if ((row[kNamed] & kRewardTerms) != 0) e.reward_term_names = reward_terms_;
  e.terminated = (row[kEnd] & kTerminated) != 0;
  e.truncated = (row[kEnd] & kTruncated) != 0;
  e.diverged = (row[kEnd] & kDiverged) != 0;
  if (const auto cause = causes_.find(fmt::format("{}", i)); e.diverged && cause != causes_.end())
    e.divergence = cause->second;
  take(e.observations, "observations", (steps + 1) * observation_dim_);
  take(e.actions, "actions", steps * action_dim_);
  take(e.rewards, "rewards", steps);
  take(e.physics, "physics", (steps + 1) * physics_dim_);
  take(e.task_state, "task_state", (steps + 1) * task_dim_);
  take(e.randomisation, "randomisation", std::clamp<int64_t>(row[kRandomised], 0, INT32_MAX));
  take(e.signals, "signals", (steps + 1) * static_cast<int64_t>(e.signal_names.size()));
  take(e.reward_terms, "reward_terms", steps * static_cast<int64_t>(e.reward_term_names.size()));
  return e;
}

std::vector<Episode> Shard::episodes() {
  std::vector<Episode> out;
  const size_t count = rows_.size() / kColumns;
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) out.push_back(episode(i));
  for (const auto& [name, taken] : taken_) {
    const base::TensorData& data = tensor(name);
    const auto size = static_cast<int64_t>(data.data.size() / base::dtype_size(data.dtype));
    if (taken != size) fail("tensor '{}': {} numbers belong to no episode", name, size - taken);
  }
  return out;
}

}  // namespace

void save_episodes(const std::filesystem::path& path, const std::vector<Episode>& episodes) {
  if (episodes.empty()) throw std::logic_error("save_episodes: a shard holds at least one episode");
  const Episode& first = episodes.front();
  Arrays arrays;
  std::vector<int64_t> rows;
  std::map<std::string, int64_t> policies;
  std::map<std::string, std::string> causes;
  std::vector<std::string> names;
  for (size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    check_storable(episode, first);
    const auto [policy, is_new] = policies.try_emplace(episode.policy, std::ssize(names));
    if (is_new) names.push_back(episode.policy);
    append_row(episode, policy->second, rows);
    if (!episode.divergence.empty()) causes[fmt::format("{}", i)] = episode.divergence;
    append_arrays(episode, arrays);
  }
  const Names& signals = common_names(episodes, &Episode::signal_names);
  const Names& terms = common_names(episodes, &Episode::reward_term_names);
  base::SafeTensors content;
  content.metadata = {{"format", std::string(kFormat)},
                      {"task", first.task},
                      {"hash", first.hash},
                      {"signals", nlohmann::json(signals.list()).dump()},
                      {"reward_terms", nlohmann::json(terms.list()).dump()},
                      {"policies", nlohmann::json(names).dump()},
                      {"divergence", nlohmann::json(causes).dump()}};
  content.tensors["episodes"] = base::make_tensor<int64_t>(rows, {std::ssize(episodes), kColumns});
  put_arrays(arrays, first, static_cast<int64_t>(signals.size()), static_cast<int64_t>(terms.size()),
             content);
  base::save_safetensors(path, content);
}

std::vector<Episode> load_episodes(const std::filesystem::path& path) {
  base::SafeTensors content = base::load_safetensors(path);
  const auto format = content.metadata.find("format");
  const bool is_present = format != content.metadata.end() && format->second == kFormat;
  std::vector<Episode> episodes =
      is_present ? Shard(path.string(), content).episodes() : old_episodes(path, std::move(content));
  for (size_t i = 0; i < episodes.size(); ++i) {
    if (const std::string bad = non_finite_number(episodes[i]); !bad.empty())
      base::throw_user_error("{}: episode {}: {}; expected finite numbers", path.string(), i, bad);
  }
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
