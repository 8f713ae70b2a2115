#include "contract/episode.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace reverie::contract {
namespace {

void check_length(const char* name, size_t found, int64_t expected) {
  if (found != static_cast<size_t>(expected)) {
    throw std::logic_error(fmt::format("episode: {} holds {} numbers, expected {}", name, found, expected));
  }
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

Episode make_episode(const EnvSpec& spec, uint64_t seed, uint64_t index, int64_t steps) {
  Episode episode;
  episode.seed = seed;
  episode.index = index;
  episode.task = spec.task;
  episode.hash = spec.hash;
  episode.observation_dim = spec.observation_dim;
  episode.action_dim = spec.action_dim;
  episode.physics_dim = spec.physics_dim;
  episode.task_dim = spec.task_dim;
  episode.signal_names = spec.signals;
  episode.reward_term_names = spec.reward_terms;
  episode.observations.reserve(static_cast<size_t>((steps + 1) * spec.observation_dim));
  episode.actions.reserve(static_cast<size_t>(steps * spec.action_dim));
  episode.rewards.reserve(static_cast<size_t>(steps));
  episode.physics.reserve(static_cast<size_t>((steps + 1) * spec.physics_dim));
  episode.task_state.reserve(static_cast<size_t>((steps + 1) * spec.task_dim));
  episode.signals.reserve(static_cast<size_t>(steps + 1) * spec.signals.size());
  episode.reward_terms.reserve(static_cast<size_t>(steps) * spec.reward_terms.size());
  return episode;
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

}  // namespace reverie::contract
