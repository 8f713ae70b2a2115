#include "contract/episode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>

namespace reverie::contract {
namespace {

void check_length(const char* name, size_t found, int64_t expected) {
  if (found != static_cast<size_t>(expected)) {
    throw std::logic_error(fmt::format("episode: {} holds {} numbers, expected {}", name, found, expected));
  }
}

// "physics: row 3, column 1 is nan" of the first `size` numbers, or "".
template <typename T>
std::string non_finite(const char* name, const std::vector<T>& values, int64_t width, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (std::isfinite(values[i])) continue;
    const auto at = static_cast<int64_t>(i);
    return fmt::format("{}: row {}, column {} is {}", name, at / width, at % width,
                       std::isnan(values[i]) ? "nan" : "infinite");
  }
  return "";
}

}  // namespace

double Episode::return_sum() const { return std::accumulate(rewards.begin(), rewards.end(), 0.0); }

double Episode::reward_term_sum(size_t r) const {
  double sum = 0.0;
  for (size_t k = r; k < reward_terms.size(); k += reward_term_names.size()) sum += reward_terms[k];
  return sum;
}

void observation_and_features(const EnvSpec& spec, const Episode& episode, int64_t t, std::span<float> row) {
  std::ranges::copy(episode.observation(t), row.begin());
  state_to_features(spec, episode.physics_state(t).subspan(EnvSpec::kQposOffset, spec.nq + spec.nv),
                    row.subspan(spec.observation_dim));
}

Episode make_episode(const EnvSpec& spec, uint64_t seed, uint64_t index) {
  return make_episode(spec, seed, index, {spec.signals, spec.reward_terms});
}

Episode make_episode(const EnvSpec& spec, uint64_t seed, uint64_t index, const EpisodeNames& names) {
  Episode episode;
  episode.seed = seed;
  episode.index = index;
  episode.task = spec.task;
  episode.hash = spec.hash;
  episode.observation_dim = spec.observation_dim;
  episode.action_dim = spec.action_dim;
  episode.physics_dim = spec.physics_dim;
  episode.task_dim = spec.task_dim;
  episode.signal_names = names.signals;
  episode.reward_term_names = names.reward_terms;
  return episode;
}

void reserve_episode(Episode& e, int64_t steps) {
  const auto reserve = [](auto& values, int64_t size) { values.reserve(static_cast<size_t>(size)); };
  reserve(e.observations, (steps + 1) * e.observation_dim);
  reserve(e.actions, steps * e.action_dim);
  reserve(e.rewards, steps);
  reserve(e.physics, (steps + 1) * e.physics_dim);
  reserve(e.task_state, (steps + 1) * e.task_dim);
  reserve(e.signals, (steps + 1) * static_cast<int64_t>(e.signal_names.size()));
  reserve(e.reward_terms, steps * static_cast<int64_t>(e.reward_term_names.size()));
}

void cut_episode(Episode& e, int64_t steps) {
  const auto cut = [](auto& values, int64_t size) { values.resize(static_cast<size_t>(size)); };
  cut(e.observations, (steps + 1) * e.observation_dim);
  cut(e.actions, steps * e.action_dim);
  cut(e.rewards, steps);
  cut(e.physics, (steps + 1) * e.physics_dim);
  cut(e.task_state, (steps + 1) * e.task_dim);
  cut(e.signals, (steps + 1) * static_cast<int64_t>(e.signal_names.size()));
  cut(e.reward_terms, steps * static_cast<int64_t>(e.reward_term_names.size()));
  e.terminated = e.truncated = e.diverged = false;
  e.divergence.clear();
}

void shrink_episode(Episode& e) {
  // Room of a large array that was never used takes no memory, while a copy would double what is used.
  constexpr size_t kLarge = size_t{1} << 25;  // bytes
  const auto shrink = [](auto& values) {
    if (std::span(values).size_bytes() < kLarge) values.shrink_to_fit();
  };
  for (std::vector<float>* values : {&e.observations, &e.actions, &e.rewards, &e.signals, &e.reward_terms})
    shrink(*values);
  shrink(e.physics);
  shrink(e.task_state);
}

void check_consistent(const Episode& episode) {
  const int64_t steps = episode.length();
  check_length("observations", episode.observations.size(), (steps + 1) * episode.observation_dim);
  check_length("actions", episode.actions.size(), steps * episode.action_dim);
  check_length("physics", episode.physics.size(), (steps + 1) * episode.physics_dim);
  check_length("task_state", episode.task_state.size(), (steps + 1) * episode.task_dim);
  check_length("signals", episode.signals.size(),
               (steps + 1) * static_cast<int64_t>(episode.signal_names.size()));
  check_length("reward_terms", episode.reward_terms.size(),
               steps * static_cast<int64_t>(episode.reward_term_names.size()));
}

std::string non_finite_number(const Episode& e) {
  const int64_t skipped = e.diverged ? 1 : 0;
  const auto rows = static_cast<size_t>(e.length() + 1 - skipped);
  const auto signals = static_cast<int64_t>(e.signal_names.size());
  const auto terms = static_cast<int64_t>(e.reward_term_names.size());
  for (const std::string& found :
       {non_finite("observations", e.observations, e.observation_dim, e.observations.size()),
        non_finite("actions", e.actions, e.action_dim, e.actions.size()),
        non_finite("rewards", e.rewards, 1, e.rewards.size()),
        non_finite("physics", e.physics, e.physics_dim, rows * static_cast<size_t>(e.physics_dim)),
        non_finite("task_state", e.task_state, e.task_dim, rows * static_cast<size_t>(e.task_dim)),
        non_finite("randomisation", e.randomisation, 1, e.randomisation.size()),
        non_finite("signals", e.signals, signals, e.signals.size()),
        non_finite("reward_terms", e.reward_terms, terms, e.reward_terms.size())})
    if (!found.empty()) return found;
  return "";
}

}  // namespace reverie::contract
