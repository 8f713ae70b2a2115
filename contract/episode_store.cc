#include "contract/episode_store.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/checksum.h"
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

// The arrays of all episodes, one behind the other, as matrices of the episodes' widths. Nothing is copied.
std::map<std::string, base::TensorView> array_views(const std::vector<Episode>& episodes, int64_t signals,
                                                    int64_t terms) {
  std::map<std::string, base::TensorView> views;
  const auto put = [&]<typename T>(const char* name, std::vector<T> Episode::*array, int64_t columns) {
    base::TensorView& view = views[name];
    int64_t count = 0;
    for (const Episode& episode : episodes) {
      count += std::ssize(episode.*array);
      view.pieces.push_back(std::as_bytes(std::span(episode.*array)));
    }
    view.dtype = base::dtype_of<T>();
    view.shape = {columns == 0 ? 0 : count / columns, columns};
  };
  const Episode& first = episodes.front();
  put("observations", &Episode::observations, first.observation_dim);
  put("actions", &Episode::actions, first.action_dim);
  put("rewards", &Episode::rewards, 1);
  put("physics", &Episode::physics, first.physics_dim);
  put("task_state", &Episode::task_state, first.task_dim);
  put("randomisation", &Episode::randomisation, 1);
  put("signals", &Episode::signals, signals);
  put("reward_terms", &Episode::reward_terms, terms);
  if (first.action_dim == 0) views["actions"].shape[0] = views["rewards"].shape[0];
  return views;
}

// One open shard of the present format; every complaint names it.
class Shard {
 public:
  Shard(std::string path, const base::SafeTensorsFile& file);

  std::vector<Episode> episodes();

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    base::throw_user_error("{}: {}", path_, fmt::format(format, std::forward<Args>(args)...));
  }
  const std::string& text(const std::string& name) const;
  template <typename T>
  T parsed(const std::string& name, const char* expected) const;
  const base::SafeTensorsFile::Tensor& tensor(const std::string& name) const;
  template <typename T>
  int64_t numbers(const std::string& name) const;  // how many of type T the tensor holds
  int columns(const std::string& name) const;
  std::vector<int64_t> read_rows() const;
  Episode episode(size_t i);
  // Makes room in `to` for the next `count` numbers of the tensor.
  template <typename T>
  void take(std::vector<T>& to, const std::string& name, int64_t count);

  // Where the numbers of a tensor go, and how many of them.
  struct Taken {
    std::vector<std::span<std::byte>> pieces;
    int64_t numbers = 0;
  };

  std::string path_;
  const base::SafeTensorsFile& file_;
  std::map<std::string, Taken> taken_;
  std::vector<std::string> policies_;
  std::map<std::string, std::string> causes_;
  Names signals_, reward_terms_;
  int observation_dim_ = 0, action_dim_ = 0, physics_dim_ = 0, task_dim_ = 0;
  std::vector<int64_t> rows_;
};

Shard::Shard(std::string path, const base::SafeTensorsFile& file)
    : path_(std::move(path)),
      file_(file),
      policies_(parsed<std::vector<std::string>>("policies", "a JSON list of names")),
      causes_(parsed<std::map<std::string, std::string>>("divergence", "a JSON object of texts")),
      signals_(parsed<std::vector<std::string>>("signals", "a JSON list of names")),
      reward_terms_(parsed<std::vector<std::string>>("reward_terms", "a JSON list of names")),
      observation_dim_(columns("observations")),
      action_dim_(columns("actions")),
      physics_dim_(columns("physics")),
      task_dim_(columns("task_state")),
      rows_(read_rows()) {
  if (columns("episodes") != kColumns) fail("tensor 'episodes': expected {} columns", +kColumns);
  for (const auto& [name, names] :
       {std::pair("signals", &signals_), std::pair("reward_terms", &reward_terms_)}) {
    if (static_cast<size_t>(columns(name)) != names->size())
      fail("tensor '{}': expected {} columns, one for each name, found {}", name, names->size(),
           columns(name));
  }
}

const std::string& Shard::text(const std::string& name) const {
  const auto found = file_.metadata().find(name);
  if (found == file_.metadata().end()) fail("metadata '{}' is missing", name);
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

const base::SafeTensorsFile::Tensor& Shard::tensor(const std::string& name) const {
  const auto found = file_.tensors().find(name);
  if (found == file_.tensors().end()) fail("tensor '{}' is missing", name);
  if (found->second.shape.size() != 2)
    fail("tensor '{}': expected 2 dimensions, found {}", name, found->second.shape.size());
  return found->second;
}

template <typename T>
int64_t Shard::numbers(const std::string& name) const {
  const base::SafeTensorsFile::Tensor& found = tensor(name);
  if (found.dtype != base::dtype_of<T>())
    fail("tensor '{}' has type {}", name, base::dtype_name(found.dtype));
  return static_cast<int64_t>((found.end - found.begin) / sizeof(T));
}

std::vector<int64_t> Shard::read_rows() const {
  std::vector<int64_t> rows(static_cast<size_t>(numbers<int64_t>("episodes")));
  const auto bytes = std::as_writable_bytes(std::span(rows));
  file_.read("episodes", std::span(&bytes, 1));
  return rows;
}

int Shard::columns(const std::string& name) const {
  const int64_t n = tensor(name).shape[1];
  if (n > std::numeric_limits<int>::max()) fail("tensor '{}' is too wide", name);
  return static_cast<int>(n);
}

template <typename T>
void Shard::take(std::vector<T>& to, const std::string& name, int64_t count) {
  Taken& taken = taken_[name];
  const int64_t left = numbers<T>(name) - taken.numbers;
  if (count > left) fail("tensor '{}': {} numbers are missing", name, count - left);
  to.resize(static_cast<size_t>(count));
  taken.pieces.push_back(std::as_writable_bytes(std::span(to)));
  taken.numbers += count;
}

Episode Shard::episode(size_t i) {
  const std::span<const int64_t> row = std::span(rows_).subspan(i * kColumns, kColumns);
  const int64_t steps = row[kSteps];
  const int64_t held = numbers<float>("rewards");
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
    const base::SafeTensorsFile::Tensor& found = tensor(name);
    const auto size = static_cast<int64_t>((found.end - found.begin) / base::dtype_size(found.dtype));
    if (taken.numbers != size)
      fail("tensor '{}': {} numbers belong to no episode", name, size - taken.numbers);
    file_.read(name, taken.pieces);  // moving an episode has left its arrays where they are
  }
  return out;
}

}  // namespace

void save_episodes(const std::filesystem::path& path, const std::vector<Episode>& episodes) {
  if (episodes.empty()) throw std::logic_error("save_episodes: a shard holds at least one episode");
  const Episode& first = episodes.front();
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
  }
  const Names& signals = common_names(episodes, &Episode::signal_names);
  const Names& terms = common_names(episodes, &Episode::reward_term_names);
  std::map<std::string, base::TensorView> views =
      array_views(episodes, static_cast<int64_t>(signals.size()), static_cast<int64_t>(terms.size()));
  views["episodes"] = {base::DType::kI64, {std::ssize(episodes), kColumns}, {std::as_bytes(std::span(rows))}};
  base::save_safetensors(path, views,
                         {{"format", std::string(kFormat)},
                          {base::kSealKey, base::kOpenSeal},
                          {"task", first.task},
                          {"hash", first.hash},
                          {"signals", nlohmann::json(signals.list()).dump()},
                          {"reward_terms", nlohmann::json(terms.list()).dump()},
                          {"policies", nlohmann::json(names).dump()},
                          {"divergence", nlohmann::json(causes).dump()}});
}

std::vector<Episode> load_episodes(const std::filesystem::path& path) {
  const base::SafeTensorsFile file(path);
  const auto format = file.metadata().find("format");
  const bool is_present = format != file.metadata().end() && format->second == kFormat;
  std::vector<Episode> episodes =
      is_present ? Shard(path.string(), file).episodes() : old_episodes(path, base::load_safetensors(path));
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
